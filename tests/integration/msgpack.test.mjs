// The library with socket.io-client and socket.io-msgpack-parser.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import parser from "socket.io-msgpack-parser";
import { startLibraryServer } from "../support/server.mjs";

const timeout = 10_000; // ms

describe("MessagePack", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startLibraryServer("msgpack")));
  after(() => server.stop());

  const open = (t, transport, nsp = "/") => {
    const transports = transport === "upgraded" ? ["polling", "websocket"] : [transport];
    const socket = io(server.url + nsp, { parser, transports, forceNew: true, reconnection: false });
    t.after(() => socket.disconnect());
    return socket;
  };
  const connected = async (t, transport, nsp) => {
    const socket = open(t, transport, nsp);
    const upgrade = new Promise((resolve) => socket.io.once("open", () => socket.io.engine.once("upgrade", resolve)));
    await once(socket, "connect");
    if (transport === "upgraded") await upgrade;
    return socket;
  };
  const echo = (socket, ...args) => socket.timeout(timeout).emitWithAck("echo", ...args);

  for (const transport of ["websocket", "polling", "upgraded"])
    describe(transport, () => {
      test("values are echoed unchanged", async (t) => {
        const socket = await connected(t, transport);
        const values = [
          null, true, false, 0, 1, -1, 127, 128, 255, 256, 65535, 65536, 2 ** 32, Number.MAX_SAFE_INTEGER,
          -32, -33, -128, -129, -32769, -(2 ** 31) - 1, Number.MIN_SAFE_INTEGER, 0.5, -1e-300, "", "é€😀",
          "x".repeat(40), "x".repeat(70_000), [], {}, [[1, [2]], { a: { b: [null] } }], Array.from({ length: 300 }, (_, i) => i),
          Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, i])),
        ];
        for (const value of values) assert.deepEqual(await echo(socket, value), value);
        // emitWithAck() resolves to the first argument only; check that the others arrive too.
        const all = await new Promise((resolve) => socket.emit("echo", 1, "two", { three: 3 }, (...args) => resolve(args)));
        assert.deepEqual(all, [1, "two", { three: 3 }]);
      });

      test("binary data is echoed in its place", async (t) => {
        const socket = await connected(t, transport);
        const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
        const back = await echo(socket, { deep: [bytes, "between", Buffer.from([1, 2, 3])], empty: Buffer.alloc(0) });
        assert.deepEqual(back, { deep: [bytes, "between", Buffer.from([1, 2, 3])], empty: Buffer.alloc(0) });
        const array = await echo(socket, new Uint8Array([9, 8, 7]).buffer);
        assert.deepEqual(Buffer.from(array), Buffer.from([9, 8, 7]));
      });

      test("dates and undefined are converted as with JSON", async (t) => {
        const socket = await connected(t, transport);
        const date = new Date(1_700_000_000_123);
        assert.deepEqual(await echo(socket, { date, nothing: undefined, list: [undefined] }), {
          date: date.toISOString(),
          list: [null],
        });
      });

      test("broadcasts to rooms and acknowledgements arrive", async (t) => {
        const [one, two] = [await connected(t, transport), await connected(t, transport)];
        assert.equal(await two.timeout(timeout).emitWithAck("join", "room"), true);
        const said = once(two, "said");
        one.emit("say", "room", "hello", Buffer.from("bytes"));
        assert.deepEqual(await said, ["hello", Buffer.from("bytes")]);

        two.on("question", (what, answer) => answer({ heard: what }));
        assert.deepEqual(await two.timeout(timeout).emitWithAck("ask back", "why"), { heard: "why" });
      });

      test("rejections and disconnects by the server reach the client", async (t) => {
        const rejected = open(t, transport, "/closed");
        const [error] = await once(rejected, "connect_error");
        assert.equal(error.message, "closed");
        assert.deepEqual(error.data, { code: 7 });
        const [unknown] = await once(open(t, transport, "/nowhere"), "connect_error");
        assert.equal(unknown.message, "Invalid namespace");

        const socket = await connected(t, transport, "/other");
        assert.deepEqual(await echo(socket, "here"), "here");
        const disconnected = once(socket, "disconnect");
        socket.emit("disconnect me");
        assert.equal((await disconnected)[0], "io server disconnect");
      });
    });

  test("a client that sends JSON is disconnected", async (t) => {
    const socket = io(server.url, { transports: ["websocket"], forceNew: true, reconnection: false });
    t.after(() => socket.disconnect());
    const [reason] = await new Promise((resolve) => socket.io.once("close", (...why) => resolve(why)));
    assert.equal(reason, "transport close");
  });
});
