// docs/openapi.json: its OpenAPI version, a comparison of its paths with the routes in the sources and of its examples
// with its schemas, and how it is served; and the page /docs.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { assertDocumented, openapi } from "../support/openapi.mjs";
import { resolve, violations } from "../support/schema.mjs";
import { root, startServer } from "../support/server.mjs";

/** Every route registered in src/api and src/cli, as "GET /path". */
function routes() {
  const files = ["src/api", "src/cli"].flatMap((folder) => readdirSync(path.join(root, folder)).map((file) => path.join(root, folder, file)));
  const sources = files.filter((file) => file.endsWith(".cpp")).map((file) => readFileSync(file, "utf8"));
  return sources.flatMap((text) => [...text.matchAll(/\broute\(\s*"([A-Z]+)",\s*"([^"]+)"/g)].map(([, method, address]) => `${method} ${address}`));
}

/** Every object and array of a document, with its path. */
function* nodes(node, at = "#") {
  if (node === null || typeof node !== "object") return;
  yield [node, at];
  for (const [key, below] of Object.entries(node)) yield* nodes(below, `${at}/${key}`);
}

describe("openapi.json", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ EMOSTREAM_SERVER_METRICS: "true" })));
  after(() => server.stop());

  test("is OpenAPI 3.1, and every reference resolves", () => {
    assert.match(openapi.openapi, /^3\.1\.\d+$/);
    assert.ok(openapi.info.title && openapi.info.version);
    for (const [node, at] of nodes(openapi)) if (node.$ref) assert.ok(resolve(openapi, node), at);
  });

  test("has every route except those of pages, and no other", () => {
    const isPage = (route) => /\*$|^GET \/docs($|\/)/.test(route);
    const wanted = routes().filter((route) => !isPage(route)).sort();
    const described = Object.entries(openapi.paths).flatMap(([address, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${address}`),
    );
    assert.ok(wanted.includes("POST /api/v1/analyze"));
    assert.deepEqual(described.sort(), wanted);
  });

  test("every operation has a summary, only declared tags and a unique id", () => {
    const ids = new Set();
    const tags = openapi.tags.map(({ name }) => name);
    for (const operations of Object.values(openapi.paths)) {
      for (const operation of Object.values(operations)) {
        assert.ok(operation.summary);
        assert.ok(operation.tags.every((tag) => tags.includes(tag)));
        assert.ok(!ids.has(operation.operationId), operation.operationId);
        ids.add(operation.operationId);
      }
    }
  });

  test("examples match their schemas", () => {
    let checked = 0;
    for (const [node, at] of nodes(openapi)) {
      if (!node.schema || !(node.example || node.examples)) continue;
      const examples = node.examples ? Object.values(node.examples).map((example) => resolve(openapi, example).value) : [node.example];
      for (const example of examples) {
        assert.deepEqual(violations(openapi, node.schema, example), [], at);
        ++checked;
      }
    }
    assert.ok(checked >= 10, `only ${checked} examples`);
  });

  test("object schemas require all their properties, except those that say when they are there, and allow no others", () => {
    for (const [name, schema] of Object.entries(openapi.components.schemas)) {
      for (const [node, at] of nodes(schema, name)) {
        if (!node.properties || node.type !== "object") continue;
        assert.equal(node.additionalProperties, false, at);
        const always = Object.entries(node.properties).filter(([, below]) => !below.description?.startsWith("Only with"));
        assert.deepEqual([...node.required].sort(), always.map(([property]) => property).sort(), at);
      }
    }
  });

  test("is served unchanged, to pages of any origin", async () => {
    const answer = await fetch(`${server.url}/openapi.json`, { headers: { origin: "https://editor.example.com" } });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    assert.deepEqual(await assertDocumented(answer, "get", "/openapi.json"), openapi);
  });

  for (const address of Object.keys(openapi.paths).filter((name) => openapi.paths[name].get)) {
    test(`GET ${address} answers as documented`, async () => {
      const answer = await fetch(server.url + address);
      assert.equal(answer.status, 200);
      await assertDocumented(answer, "get", address);
    });
  }
});

describe("/docs", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  test("is a page that loads resources from this server only", async () => {
    const answer = await fetch(`${server.url}/docs`);
    assert.equal(answer.status, 200);
    assert.match(answer.headers.get("content-type"), /^text\/html\b/);
    const policy = answer.headers.get("content-security-policy");
    assert.match(policy, /default-src 'none'/);
    assert.doesNotMatch(policy, /script-src[^;]*unsafe/);
    const page = await answer.text();
    for (const [, address] of page.matchAll(/(?:src|href)="(?!data:|#)([^"]+)"/g)) {
      assert.doesNotMatch(address, /^(\w+:)?\/\//);
      assert.equal((await fetch(new URL(address, `${server.url}/docs`))).status, 200, address);
    }
  });

  test("is where /docs/ and /docs/index.html redirect", async () => {
    for (const other of ["/docs/", "/docs/index.html"]) {
      const answer = await fetch(server.url + other);
      assert.equal(answer.url, `${server.url}/docs`);
      assert.equal(answer.status, 200);
    }
  });

  test("serves docs/api.md as the events' documentation", async () => {
    const answer = await fetch(`${server.url}/docs/events.md`);
    assert.equal(await answer.text(), readFileSync(path.join(root, "docs/api.md"), "utf8"));
  });
});
