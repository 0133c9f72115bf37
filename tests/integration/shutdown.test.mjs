// SIGTERM: accepted frames are answered, clients are disconnected in a way that makes them reconnect, and the exit
// status is 0. A second signal exits at once with status 1.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createConnection } from "node:net";
import { describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

describe("shutdown", { timeout: 60_000 }, () => {
  for (const transport of ["websocket", "polling"]) {
    const name = `a frame in flight is answered, and the client reconnects: ${transport}`;
    test(name, async (t) => {
      const server = await startServer();
      const options = { transports: [transport], reconnection: true, reconnectionDelay: 60_000 };
      const peer = await connect(t, server, options);
      await peer.start();
      const acknowledged = peer.frame("last", portrait);
      await peer.ask("initialize", {}); // answered after the frame was accepted
      const [ack] = await Promise.all([acknowledged, server.stop()]);
      // The frame was accepted before the signal, so it is processed.
      assert.equal(ack.ok, true);
      assert.equal((await peer.next("detection_result")).frame_id, "last");
      const reason = await peer.next("disconnect");
      assert.notEqual(reason, "io server disconnect");
      assert.equal(peer.socket.active, true, "the client reconnects by itself");
    });
  }

  test("a client reconnects to the next server on the port", async (t) => {
    const first = await startServer();
    const peer = await connect(t, first, { reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 });
    await first.stop();
    await peer.next("disconnect");
    const port = new URL(first.url).port;
    const second = await startServer({ EMOSTREAM_JWT_SECRET: first.secret }, ["--port", port]);
    t.after(() => second.stop());
    await peer.next("connect");
    await peer.start();
    await peer.frame(1, portrait);
    assert.equal((await peer.next("detection_result")).faces[0].dominant_emotion, "happiness");
  });

  test("a server without frames in flight exits, even with connected clients", async (t) => {
    const server = await startServer();
    await connect(t, server, { transports: ["polling"] });
    await connect(t, server, { transports: ["websocket"] });
    await server.stop();
  });

  test("a second signal exits without waiting for clients", async (t) => {
    const server = await startServer({ EMOSTREAM_SERVER_DRAIN_GRACE_MS: "60000" });
    const stubborn = createConnection(new URL(server.url).port, "127.0.0.1"); // never answers the close
    t.after(() => stubborn.destroy());
    stubborn.write("GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n");
    stubborn.write("Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    await once(stubborn, "data");
    server.process.kill("SIGTERM");
    while (!/draining/.test(server.log)) await once(server.process.stderr, "data");
    server.process.kill("SIGINT");
    assert.deepEqual(await server.exited, [1, null]);
    assert.match(server.log, /stopped before all clients were drained/);
  });

  test("without a usable secret the server does not start and names the setting", async () => {
    const failure = await startServer({ EMOSTREAM_JWT_SECRET: "short" }).catch((error) => error);
    assert.match(failure.message, /ended with [1-9]/);
    assert.match(failure.message, /secret/i);
  });
});
