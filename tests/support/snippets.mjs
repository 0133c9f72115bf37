// The client code for browsers in the documents.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "./server.mjs";

/** The server address in the documents. */
export const documentedServer = "http://localhost:8000";

function snippetOf(file) {
  const blocks = readFileSync(path.join(root, file), "utf8").matchAll(/^```js\n(.*?)^```$/gms);
  const whole = [...blocks].map((block) => block[1]).find((code) => code.includes("detection_result"));
  assert.ok(whole?.includes(`io("${documentedServer}/ws/emotion-detection", { auth: { token } })`), file);
  return whole;
}

/** The snippet of each file. */
export const snippets = Object.fromEntries(
  ["docs/api.md", "client_examples/socketio/README.md"].map((file) => [file, snippetOf(file)]),
);
