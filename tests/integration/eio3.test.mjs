// The library with socket.io-client 2.5, which uses Engine.IO 3.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { io as connectV4 } from "socket.io-client";
import connectV2 from "socket.io-client-v2";
import { startLibraryServer, startServer } from "../support/server.mjs";

const timeout = 10_000; // ms

describe("clients of Socket.IO 2", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startLibraryServer("eio3", "short-timeouts")));
  after(() => server.stop());

  const open = (t, transports, nsp = "/", options = {}) => {
    const socket = connectV2(server.url + nsp, { transports, forceNew: true, reconnection: false, ...options });
    t.after(() => socket.close());
    return socket;
  };
  const event = (emitter, name) => once(emitter, name, { signal: AbortSignal.timeout(timeout) });
  const ask = (socket, ...args) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${args[0]}`)), timeout);
      socket.emit(...args, (...answer) => (clearTimeout(timer), resolve(answer)));
    });

  const transportSets = { polling: ["polling"], WebSocket: ["websocket"], "polling upgraded to WebSocket": ["polling", "websocket"] };
  for (const [name, transports] of Object.entries(transportSets))
    for (const forceBase64 of [false, true])
      describe(`${name}${forceBase64 ? ", base64 only" : ""}`, () => {
        const connected = async (t, nsp, options) => {
          const socket = open(t, transports, nsp, { forceBase64, ...options });
          await event(socket, "connect");
          if (transports.length === 2 && socket.io.engine.transport.name === "polling") await event(socket.io.engine, "upgrade");
          assert.equal(socket.io.engine.transport.name, transports.at(-1));
          return socket;
        };

        test("text, binary data and non-ASCII characters are echoed", async (t) => {
          const socket = await connected(t);
          for (const value of ["", "é€😀", "😀".repeat(1000), 1, null, { a: [1, { b: "c" }] }, "x".repeat(100_000)])
            assert.deepEqual(await ask(socket, "echo", value), [value]);
          const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
          const [back, text] = await ask(socket, "echo", { deep: [bytes, Buffer.from([1])], none: Buffer.alloc(0) }, "é");
          assert.deepEqual(back, { deep: [bytes, Buffer.from([1])], none: Buffer.alloc(0) });
          assert.equal(text, "é");
        });

        test("events in both directions arrive in order", async (t) => {
          const socket = await connected(t);
          const received = [];
          socket.on("echo", (i) => received.push(i));
          for (let i = 0; i < 100; ++i) socket.emit("echo", i);
          await ask(socket, "who");
          assert.deepEqual(received, Array.from({ length: 100 }, (_, i) => i));
          socket.on("question", (what, answer) => answer({ heard: what }));
          assert.deepEqual(await ask(socket, "ask back", "why"), [{ heard: "why" }]);
        });

        test("a namespace receives the query as auth, and client and server use the same socket id", async (t) => {
          const socket = await connected(t, "/other?token=a%20b&x=1");
          const [who] = await ask(socket, "who");
          assert.deepEqual(who.auth, { token: "a b", x: "1" });
          assert.equal(who.id, socket.id, "client and server use the same id");
          assert.equal(who.id, `/other#${socket.io.engine.id}`);
          const [root] = await ask(await connected(t), "who");
          assert.deepEqual(root.auth, {});
        });

        test("rooms are shared with clients of the current protocol", async (t) => {
          const v2 = await connected(t);
          const v4 = connectV4(server.url, { transports, forceNew: true, reconnection: false });
          t.after(() => v4.disconnect());
          await event(v4, "connect");
          const room = `room ${name} ${forceBase64}`;
          await ask(v2, "join", room);
          await v4.timeout(timeout).emitWithAck("join", room);
          const received = event(v2, "said");
          v4.emit("say", room, "hello", Buffer.from("bytes"));
          assert.deepEqual(await received, ["hello", Buffer.from("bytes")]);
          const answered = event(v4, "said");
          v2.emit("say", room, "hello back");
          assert.deepEqual(await answered, ["hello back"]);
        });

        test("rejections and disconnects by the server reach the client", async (t) => {
          const [rejected] = await event(open(t, transports, "/closed"), "error");
          assert.deepEqual(rejected, { code: 7 });
          const [unknown] = await event(open(t, transports, "/nowhere"), "error");
          assert.deepEqual(unknown, { message: "Invalid namespace" });
          const socket = await connected(t, "/other");
          const disconnected = event(socket, "disconnect");
          socket.emit("disconnect me");
          assert.deepEqual(await disconnected, ["io server disconnect"]);
        });

        test("the connection stays open over several heartbeats", async (t) => {
          const socket = await connected(t);
          for (let i = 0; i < 3; ++i) await event(socket.io, "pong");
          assert.deepEqual(await ask(socket, "echo", 1), [1]);
        });
      });

  test("clients are rejected by default", async (t) => {
    const strict = await startLibraryServer();
    t.after(() => strict.stop());
    const answer = await fetch(`${strict.url}/socket.io/?EIO=3&transport=polling`);
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { code: 5, message: "Unsupported protocol version" });
    const socket = connectV2(strict.url, { forceNew: true, reconnection: false });
    t.after(() => socket.close());
    await event(socket, "connect_error");
  });

  test("emostream serve accepts clients if server.allow_eio3 is set", async (t) => {
    const program = await startServer({ EMOSTREAM_SERVER_ALLOW_EIO3: "true" });
    t.after(() => program.stop());
    const token = await program.token("alice");
    const socket = connectV2(`${program.url}/emotion-detection?token=${token}`, { forceNew: true, reconnection: false });
    t.after(() => socket.close());
    await event(socket, "connect");
    socket.emit("control", { action: "start" });
    const [status] = await event(socket, "status");
    assert.equal(status.action, "start");
  });
});
