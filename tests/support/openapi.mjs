// docs/openapi.json, and a check of responses against it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { resolve, violations } from "./schema.mjs";
import { root } from "./server.mjs";

export const openapi = JSON.parse(readFileSync(path.join(root, "docs/openapi.json"), "utf8"));

/** Asserts that the status and content type are documented, that no documented header is missing, and that the body
 *  matches its schema. Returns the body. */
export async function assertDocumented(answer, method, address) {
  const operation = openapi.paths[address][method];
  assert.ok(operation.responses[answer.status], `${answer.status} is not documented`);
  const { content, headers = {} } = resolve(openapi, operation.responses[answer.status]);
  for (const header of Object.keys(headers)) assert.ok(answer.headers.get(header), header);
  const type = answer.headers.get("content-type").split(";")[0];
  assert.ok(content[type], `${type} is not documented`);
  const body = type === "application/json" ? await answer.json() : await answer.text();
  assert.deepEqual(violations(openapi, content[type].schema, body), []);
  return body;
}
