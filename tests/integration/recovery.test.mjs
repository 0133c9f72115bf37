// Connection state recovery, by socket.io-client, with both parsers and on both transports.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import { startLibraryServer } from "../support/server.mjs";

const patience = 10_000; // ms

for (const [format, parser] of [["JSON", undefined], ["MessagePack", msgpack]])
  describe(`recovery with ${format}`, { timeout: 60_000 }, () => {
    let server;
    before(async () => (server = await startLibraryServer("recovery", ...(parser ? ["msgpack"] : []))));
    after(() => server.stop());

    const connect = async (t, transport, nsp = "/") => {
      const socket = io(server.url + nsp, {
        parser, transports: [transport], forceNew: true, reconnectionDelay: 100, reconnectionDelayMax: 100,
      });
      t.after(() => socket.disconnect());
      const heard = [];
      socket.on("said", (...args) => heard.push(args.slice(0, -1))); // the last is the offset
      await once(socket, "connect");
      assert.equal(socket.recovered, false);
      return { socket, heard, ask: (event, ...args) => socket.timeout(patience).emitWithAck(event, ...args) };
    };
    /** Cuts the connection, and lets `meanwhile` happen before the client is back. */
    const cut = async ({ socket }, meanwhile) => {
      const gone = once(socket, "disconnect");
      const back = once(socket, "connect");
      socket.io.reconnection(false);
      socket.io.engine.close();
      await gone;
      await meanwhile();
      socket.io.reconnection(true);
      socket.connect();
      await back;
    };

    for (const transport of ["websocket", "polling"])
      describe(transport, () => {
        test("the same socket comes back, and what it missed", async (t) => {
          const speaker = await connect(t, transport);
          const listener = await connect(t, transport);
          await listener.ask("join", "room");
          await speaker.ask("say", "room", "heard");
          await listener.ask("who"); // and it was, for events keep their order
          assert.deepEqual(listener.heard, [["heard"]]);
          const { id } = listener.socket;

          await cut(listener, async () => {
            await speaker.ask("say", "room", "missed", Buffer.from("bytes"));
            await speaker.ask("say", "elsewhere", "not for it");
            await speaker.ask("say", "room", "missed too", { n: 1 });
          });
          assert.equal(listener.socket.recovered, true);
          assert.equal(listener.socket.id, id);
          const { rooms, recovered, data } = await listener.ask("who");
          assert.deepEqual({ rooms, recovered, data }, { rooms: [id, "room"].sort(), recovered: true, data: true });
          assert.deepEqual(listener.heard, [["heard"], ["missed", Buffer.from("bytes")], ["missed too", { n: 1 }]]);

          await speaker.ask("say", "room", "later");
          await listener.ask("who");
          assert.deepEqual(listener.heard.at(-1), ["later"]);
        });

        test("again and again, and without anything missed", async (t) => {
          const speaker = await connect(t, transport, "/other");
          const listener = await connect(t, transport, "/other");
          const { id } = listener.socket;
          await listener.ask("join", "other room");
          for (let round = 1; round <= 3; ++round) {
            await cut(listener, async () => round % 2 && (await speaker.ask("say", "other room", round)));
            assert.equal(listener.socket.recovered, true);
            assert.equal(listener.socket.id, id);
          }
          await listener.ask("who");
          assert.deepEqual(listener.heard, [[1], [3]]);
        });

        test("a server that has put it out gives it a new session", async (t) => {
          const peer = await connect(t, transport);
          const { id } = peer.socket;
          const gone = once(peer.socket, "disconnect");
          peer.socket.emit("leave me");
          await gone;
          peer.socket.connect();
          await once(peer.socket, "connect");
          assert.equal(peer.socket.recovered, false);
          assert.notEqual(peer.socket.id, id);
        });
      });
  });
