// Plain HTTP requests: the client bundle, the console, health, CORS, and Engine.IO's errors.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { connect, startClient } from "../support/peer.mjs";
import { root, startServer } from "../support/server.mjs";

const bundle = (file) => readFileSync(path.join(root, "node_modules/socket.io-client/dist", file));

describe("HTTP", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  for (const folder of ["/socket.io", "/ws/socket.io"]) {
    for (const file of ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"]) {
      test(`${folder}/${file} and its source map are served`, async () => {
        const answer = await fetch(`${server.url}${folder}/${file}`);
        assert.equal(answer.status, 200);
        assert.match(answer.headers.get("content-type"), /^(application|text)\/javascript\b/);
        assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bundle(file));
        const etag = answer.headers.get("etag");
        assert.ok(etag);
        const again = await fetch(`${server.url}${folder}/${file}`, { headers: { "if-none-match": etag } });
        assert.equal(again.status, 304);
        const map = await fetch(`${server.url}${folder}/${file}.map`);
        assert.equal(map.status, 200);
        assert.equal((await map.json()).version, 3);
      });
    }
  }

  test("the files of the console are served unchanged", async () => {
    for (const [address, file, type] of [
      ["/", "index.html", /^text\/html\b/],
      ["/console.css", "console.css", /^text\/css\b/],
      ["/console.js", "console.js", /javascript/],
      ["/view.js", "view.js", /javascript/],
      ["/camera.js", "camera.js", /javascript/],
    ]) {
      const answer = await fetch(server.url + address);
      assert.equal(answer.status, 200, address);
      assert.match(answer.headers.get("content-type"), type);
      assert.equal(await answer.text(), readFileSync(path.join(root, "client_examples/socketio", file), "utf8"));
    }
  });

  test("/healthz and /readyz answer 200", async () => {
    for (const address of ["/healthz", "/readyz"]) assert.equal((await fetch(server.url + address)).status, 200, address);
  });

  test("unknown paths, and paths out of the served folders, are answered with 404", async () => {
    const addresses = ["/nothing", "/..%2f..%2fpackage.json", "/%2e%2e%2f%2e%2e%2fpackage.json", "/.gitignore"];
    for (const address of [...addresses, "/socket.io/package.json"]) {
      assert.equal((await fetch(server.url + address)).status, 404, address);
    }
  });

  const polling = (query) => `${server.url}/socket.io/?${query}`;

  test("every origin is allowed by default (CORS)", async () => {
    const origin = "https://app.example.com";
    const answer = await fetch(polling("EIO=4&transport=polling"), { headers: { origin } });
    assert.equal(answer.status, 200);
    assert.ok(["*", origin].includes(answer.headers.get("access-control-allow-origin")));
    const preflight = await fetch(polling("EIO=4&transport=polling"), {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "content-type" },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods"), /POST/);
  });

  test("Engine.IO errors have their documented codes", async () => {
    for (const [query, status, code] of [
      ["EIO=4&transport=carrier-pigeon", 400, 0],
      ["EIO=4&transport=polling&sid=nobody", 400, 1],
      ["EIO=3&transport=polling", 400, 5],
    ]) {
      const answer = await fetch(polling(query));
      assert.equal(answer.status, status, query);
      assert.equal((await answer.json()).code, code, query);
    }
    assert.equal((await (await fetch(polling("EIO=4&transport=polling"), { method: "POST", body: "x" })).json()).code, 2);
  });
});

describe("a list of allowed origins", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ EMOSTREAM_SERVER_CORS_ORIGINS: "https://app.example.com,null" })));
  after(() => server.stop());

  test("listed origins may connect, by polling and by WebSocket", async (t) => {
    for (const origin of ["https://app.example.com", "null"]) {
      for (const transport of ["polling", "websocket"]) {
        await connect(t, server, { transports: [transport], extraHeaders: { origin } });
      }
    }
  });

  test("other origins may not connect, not even by WebSocket", async (t) => {
    const token = await server.token("alice");
    const extraHeaders = { origin: "https://evil.example.com" };
    await startClient(t, server, { token, transports: ["websocket"], extraHeaders }).next("connect_error");
    const answer = await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: extraHeaders });
    assert.notEqual(answer.headers.get("access-control-allow-origin"), extraHeaders.origin);
    assert.notEqual(answer.headers.get("access-control-allow-origin"), "*");
  });
});
