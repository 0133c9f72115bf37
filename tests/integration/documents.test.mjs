// Runs the snippets of the documents, with only the server's address replaced, and the example program for Node.js.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { io } from "socket.io-client";
import { portrait, portraitFile } from "../support/images.mjs";
import { root, startServer } from "../support/server.mjs";
import { documentedServer, snippets } from "../support/snippets.mjs";

const run = promisify(execFile);

describe("documents", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  for (const [file, snippet] of Object.entries(snippets)) {
    test(`the snippet of ${file} prints the faces`, async (t) => {
      const token = await server.token("reader");
      let socket;
      const connect = (address, options) => (socket = io(address.replace(documentedServer, server.url), options));
      t.after(() => socket?.disconnect());
      const faces = await new Promise((resolve, reject) => {
        const console = { log: resolve, error: (...words) => reject(new Error(words.join(" "))) };
        new Function("io", "token", "jpeg", "console", snippet)(connect, token, portrait, console);
        socket.on("connect_error", reject);
      });
      assert.equal(faces[0].dominant_emotion, "happiness");
    });
  }

  const example = path.join(root, "client_examples/socketio/node.mjs");

  test("node.mjs prints the result", async () => {
    const { stdout } = await run(process.execPath, [example, server.url, await server.token("reader"), portraitFile]);
    assert.equal(JSON.parse(stdout).faces[0].dominant_emotion, "happiness");
  });

  test("node.mjs prints why it was rejected", async () => {
    const failure = await run(process.execPath, [example, server.url, "garbage", portraitFile]).catch((error) => error);
    assert.equal(failure.code, 1);
    assert.match(failure.stderr, /Authentication failed AUTH_FAILED/);
  });

  test("node.mjs prints why an image was rejected", async () => {
    const token = await server.token("reader");
    const failure = await run(process.execPath, [example, server.url, token, example]).catch((error) => error);
    assert.equal(failure.code, 1);
    assert.match(failure.stderr, /Error processing frame: .* \(500\)/);
  });
});
