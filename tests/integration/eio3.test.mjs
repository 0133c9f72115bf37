// socket.io-client 2.5, which speaks Engine.IO 3, against the library.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { io as connectV4 } from "socket.io-client";
import connectV2 from "socket.io-client-v2";
import { startLibraryServer, startServer } from "../support/server.mjs";

const patience = 10_000; // ms

describe("clients of Socket.IO 2", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startLibraryServer("eio3", "brisk")));
  after(() => server.stop());

  const open = (t, transports, nsp = "/", options = {}) => {
    const socket = connectV2(server.url + nsp, { transports, forceNew: true, reconnection: false, ...options });
    t.after(() => socket.close());
    return socket;
  };
  const event = (emitter, name) => once(emitter, name, { signal: AbortSignal.timeout(patience) });
  const ask = (socket, ...args) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`no answer to ${args[0]}`)), patience);
      socket.emit(...args, (...answer) => (clearTimeout(timer), resolve(answer)));
    });

  const ways = { polling: ["polling"], WebSocket: ["websocket"], "polling upgraded to WebSocket": ["polling", "websocket"] };
  for (const [way, transports] of Object.entries(ways))
    for (const forceBase64 of [false, true])
      describe(`${way}${forceBase64 ? ", base64 only" : ""}`, () => {
        const connected = async (t, nsp, options) => {
          const socket = open(t, transports, nsp, { forceBase64, ...options });
          await event(socket, "connect");
          if (transports.length === 2 && socket.io.engine.transport.name === "polling") await event(socket.io.engine, "upgrade");
          assert.equal(socket.io.engine.transport.name, transports.at(-1));
          return socket;
        };

        test("text, bytes and letters of every size come back", async (t) => {
          const socket = await connected(t);
          for (const value of ["", "é€😀", "😀".repeat(1000), 1, null, { a: [1, { b: "c" }] }, "x".repeat(100_000)])
            assert.deepEqual(await ask(socket, "echo", value), [value]);
          const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
          const [back, text] = await ask(socket, "echo", { deep: [bytes, Buffer.from([1])], none: Buffer.alloc(0) }, "é");
          assert.deepEqual(back, { deep: [bytes, Buffer.from([1])], none: Buffer.alloc(0) });
          assert.equal(text, "é");
        });

        test("events in both directions, in order", async (t) => {
          const socket = await connected(t);
          const received = [];
          socket.on("echo", (i) => received.push(i));
          for (let i = 0; i < 100; ++i) socket.emit("echo", i);
          await ask(socket, "who");
          assert.deepEqual(received, Array.from({ length: 100 }, (_, i) => i));
          socket.on("question", (what, answer) => answer({ heard: what }));
          assert.deepEqual(await ask(socket, "ask me", "why"), [{ heard: "why" }]);
        });

        test("namespaces, with auth from the query", async (t) => {
          const socket = await connected(t, "/other?token=a%20b&x=1");
          const [who] = await ask(socket, "who");
          assert.deepEqual(who.auth, { token: "a b", x: "1" });
          assert.equal(who.id, socket.id, "client and server have the same name for it");
          assert.equal(who.id, `/other#${socket.io.engine.id}`);
          const [root] = await ask(await connected(t), "who");
          assert.deepEqual(root.auth, {});
        });

        test("rooms are shared with present clients", async (t) => {
          const old = await connected(t);
          const young = connectV4(server.url, { transports, forceNew: true, reconnection: false });
          t.after(() => young.disconnect());
          await event(young, "connect");
          const room = `room ${way} ${forceBase64}`;
          await ask(old, "join", room);
          await young.timeout(patience).emitWithAck("join", room);
          const heard = event(old, "said");
          young.emit("say", room, "hello", Buffer.from("bytes"));
          assert.deepEqual(await heard, ["hello", Buffer.from("bytes")]);
          const answered = event(young, "said");
          old.emit("say", room, "hello yourself");
          assert.deepEqual(await answered, ["hello yourself"]);
        });

        test("refusals and farewells", async (t) => {
          const [refused] = await event(open(t, transports, "/closed"), "error");
          assert.deepEqual(refused, { code: 7 });
          const [unknown] = await event(open(t, transports, "/nowhere"), "error");
          assert.equal(unknown, "Invalid namespace");
          const socket = await connected(t, "/other");
          const gone = event(socket, "disconnect");
          socket.emit("leave me");
          assert.deepEqual(await gone, ["io server disconnect"]);
        });

        test("the connection outlives many heartbeats", async (t) => {
          const socket = await connected(t);
          for (let i = 0; i < 3; ++i) await event(socket.io, "pong");
          assert.deepEqual(await ask(socket, "echo", 1), [1]);
        });
      });

  test("are refused unless they are asked for", async (t) => {
    const strict = await startLibraryServer();
    t.after(() => strict.stop());
    const answer = await fetch(`${strict.url}/socket.io/?EIO=3&transport=polling`);
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { code: 5, message: "Unsupported protocol version" });
    const socket = connectV2(strict.url, { forceNew: true, reconnection: false });
    t.after(() => socket.close());
    await event(socket, "connect_error");
  });

  test("of the program: a setting", async (t) => {
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
