// Connection state recovery with socket.io-client, with both parsers and both transports.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { io } from "socket.io-client";
import msgpack from "socket.io-msgpack-parser";
import { startLibraryServer } from "../support/server.mjs";

const timeout = 10_000; // ms

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
      const received = [];
      socket.on("said", (...args) => received.push(args.slice(0, -1))); // the last argument is the offset
      await once(socket, "connect");
      assert.equal(socket.recovered, false);
      return { socket, received, ask: (event, ...args) => socket.timeout(timeout).emitWithAck(event, ...args) };
    };
    /** Breaks the connection, runs `meanwhile`, and reconnects. */
    const interrupt = async ({ socket }, meanwhile) => {
      const disconnected = once(socket, "disconnect");
      const connected = once(socket, "connect");
      socket.io.reconnection(false);
      socket.io.engine.close();
      await disconnected;
      await meanwhile();
      socket.io.reconnection(true);
      socket.connect();
      await connected;
    };

    for (const transport of ["websocket", "polling"])
      describe(transport, () => {
        test("a reconnected socket keeps its state and receives what it missed", async (t) => {
          const sender = await connect(t, transport);
          const receiver = await connect(t, transport);
          await receiver.ask("join", "room");
          await sender.ask("say", "room", "heard");
          await receiver.ask("who"); // events keep their order, so the event before this one was received
          assert.deepEqual(receiver.received, [["heard"]]);
          const { id } = receiver.socket;

          await interrupt(receiver, async () => {
            await sender.ask("say", "room", "missed", Buffer.from("bytes"));
            await sender.ask("say", "elsewhere", "for another room");
            await sender.ask("say", "room", "missed too", { n: 1 });
          });
          assert.equal(receiver.socket.recovered, true);
          assert.equal(receiver.socket.id, id);
          const { rooms, recovered, data } = await receiver.ask("who");
          assert.deepEqual({ rooms, recovered, data }, { rooms: [id, "room"].sort(), recovered: true, data: true });
          assert.deepEqual(receiver.received, [["heard"], ["missed", Buffer.from("bytes")], ["missed too", { n: 1 }]]);

          await sender.ask("say", "room", "later");
          await receiver.ask("who");
          assert.deepEqual(receiver.received.at(-1), ["later"]);
        });

        test("a socket can be recovered repeatedly, and also if it missed nothing", async (t) => {
          const sender = await connect(t, transport, "/other");
          const receiver = await connect(t, transport, "/other");
          const { id } = receiver.socket;
          await receiver.ask("join", "other room");
          for (let round = 1; round <= 3; ++round) {
            await interrupt(receiver, async () => round % 2 && (await sender.ask("say", "other room", round)));
            assert.equal(receiver.socket.recovered, true);
            assert.equal(receiver.socket.id, id);
          }
          await receiver.ask("who");
          assert.deepEqual(receiver.received, [[1], [3]]);
        });

        test("a socket disconnected by the server is not recovered", async (t) => {
          const peer = await connect(t, transport);
          const { id } = peer.socket;
          const disconnected = once(peer.socket, "disconnect");
          peer.socket.emit("disconnect me");
          await disconnected;
          peer.socket.connect();
          await once(peer.socket, "connect");
          assert.equal(peer.socket.recovered, false);
          assert.notEqual(peer.socket.id, id);
        });
      });
  });
