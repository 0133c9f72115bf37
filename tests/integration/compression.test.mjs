// Compression, checked with common decoders: npm's ws, socket.io-client, and Node's zlib.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import http from "node:http";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import zlib from "node:zlib";

import { WebSocket } from "ws";

import { connect } from "../support/peer.mjs";
import { root, startServer } from "../support/server.mjs";

/** Sends a request; returns the response with its body still encoded. */
const get = (url, headers = {}, method = "GET") =>
  new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end();
  });

const decode = { br: zlib.brotliDecompressSync, gzip: zlib.gunzipSync, deflate: zlib.inflateSync };

describe("HTTP", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  test("the client bundle is served unencoded, as gzip and as br, each with its own ETag", async () => {
    const address = `${server.url}/socket.io/socket.io.js`;
    const plain = readFileSync(path.join(root, "node_modules/socket.io-client/dist/socket.io.js"));
    const tags = new Set();
    for (const [accepted, coding] of [
      ["", undefined],
      ["gzip", "gzip"],
      ["gzip, deflate, br", "br"],
      ["br;q=0, *;q=0.1", "gzip"],
    ]) {
      const answer = await get(address, { "accept-encoding": accepted });
      assert.equal(answer.headers["content-encoding"], coding);
      assert.match(answer.headers.vary, /Accept-Encoding/);
      assert.equal(answer.headers["cache-control"], "public, max-age=0");
      assert.deepEqual(coding ? decode[coding](answer.body) : answer.body, plain);
      tags.add(answer.headers.etag);
      for (const tag of [answer.headers.etag, `W/${answer.headers.etag}`]) {
        const again = await get(address, { "accept-encoding": accepted, "if-none-match": `"x", ${tag}` });
        assert.equal(again.status, 304);
        assert.equal(again.body.length, 0);
        assert.equal(again.headers.etag, answer.headers.etag);
      }
      const head = await get(address, { "accept-encoding": accepted }, "HEAD");
      assert.equal(Number(head.headers["content-length"]), answer.body.length);
      assert.equal(head.body.length, 0);
    }
    assert.equal(tags.size, 3);
  });

  for (const coding of ["gzip", "deflate"]) {
    test(`large poll responses are compressed with ${coding}`, async () => {
      const address = `${server.url}/socket.io/?EIO=4&transport=polling`;
      const { sid } = JSON.parse((await get(address)).body.subarray(1));
      const post = (body) => fetch(`${address}&sid=${sid}`, { method: "POST", body });
      const poll = () => get(`${address}&sid=${sid}`, { "accept-encoding": coding });
      await post(`40/emotion-detection,${JSON.stringify({ token: await server.token("alice") })}`);
      const connected = await poll();
      assert.equal(connected.headers["content-encoding"], undefined);
      await post(Array(5).fill('42/emotion-detection,["initialize",{}]').join("\x1e"));
      const answer = await poll();
      assert.equal(answer.headers["content-encoding"], coding);
      const packets = decode[coding](answer.body).toString().split("\x1e");
      assert.equal(packets.filter((packet) => packet.includes('"initialized"')).length, 5);
    });
  }
});

describe("permessage-deflate", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ EMOSTREAM_SERVER_PER_MESSAGE_DEFLATE: "true" })));
  after(() => server.stop());

  for (const [name, options] of [
    ["as offered by default", {}],
    ["with a small window", { clientMaxWindowBits: 9, serverMaxWindowBits: 9 }],
    ["without context takeover", { clientNoContextTakeover: true, serverNoContextTakeover: true }],
  ]) {
    test(`npm's ws can use it, ${name}`, async () => {
      const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
        perMessageDeflate: { threshold: 0, ...options },
      });
      const messages = [];
      const closed = new Promise((resolve) => socket.on("close", resolve));
      await new Promise((resolve, reject) => {
        socket.on("error", reject);
        socket.on("message", (data) => {
          messages.push(data.toString());
          if (messages.length === 1) socket.send("40" + JSON.stringify({ filler: "x".repeat(5000) }));
          else resolve();
        });
      });
      assert.match(socket.extensions, /permessage-deflate/);
      assert.match(messages[0], /^0\{/);
      assert.match(messages[1], /^44\{"message":"Invalid namespace"/);
      socket.close();
      await closed;
    });
  }

  test("a compression bomb is rejected with 1009", async () => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: { threshold: 0 },
    });
    const code = await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", resolve);
      socket.once("message", () => socket.send("4" + "x".repeat(50_000_000)));
    });
    assert.equal(code, 1009);
  });

  for (const transports of [["websocket"], ["polling", "websocket"]]) {
    test(`socket.io-client can use it over ${transports.join(", then ")}`, async (t) => {
      const client = await connect(t, server, { transports, perMessageDeflate: { threshold: 0 } });
      client.emit("initialize", { config: { max_faces: 3 } });
      const initialized = await client.next("initialized");
      assert.equal(initialized.config.max_faces, 3);
      const answer = await client.socket.timeout(5000).emitWithAck("join_room", "x".repeat(2000));
      assert.equal(answer.ok, false);
    });
  }
});
