// Every way in: both Engine.IO paths, both namespaces, polling, WebSocket, and the one upgraded to the other.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { connect, dial } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const ways = {
  "polling only": { transports: ["polling"], ends: "polling" },
  "WebSocket only": { transports: ["websocket"], ends: "websocket" },
  "polling upgraded to WebSocket": { transports: ["polling", "websocket"], ends: "websocket" },
};

describe("transports", { timeout: 120_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  for (const [way, { transports, ends }] of Object.entries(ways)) {
    for (const path of ["/socket.io/", "/ws/socket.io/"]) {
      for (const namespace of ["/emotion-detection", "/ws/emotion-detection"]) {
        test(`${way}, ${path}, ${namespace}`, async (t) => {
          const peer = await connect(t, server, { account: way, path, namespace, transports });
          const { engine } = peer.socket.io;
          if (engine.transport.name !== ends) await once(engine, "upgrade", { signal: AbortSignal.timeout(10_000) });
          await peer.start();
          const ack = await peer.frame(1, portrait);
          assert.deepEqual({ ok: ack.ok, frame_id: ack.frame_id }, { ok: true, frame_id: 1 });
          const { faces } = await peer.next("detection_result");
          assert.deepEqual(faces.map((face) => face.dominant_emotion), ["happiness"]);
          assert.equal(engine.transport.name, ends);
          peer.socket.disconnect();
        });
      }
    }
  }

  test("frames sent while the transport is upgraded all arrive, in order", async (t) => {
    const peer = await connect(t, server, { transports: ["polling", "websocket"] });
    peer.emit("initialize", {});
    for (let i = 0; i < 50; ++i) peer.emit("control", { action: "configure", config: { max_faces: i } });
    await peer.next("initialized");
    for (let i = 0; i < 50; ++i) {
      const { config } = await peer.next("status");
      assert.equal(config.max_faces, i);
    }
  });

  test("a namespace that is not there is refused", async (t) => {
    const peer = dial(t, server, { token: await server.token("alice"), namespace: "/other" });
    assert.equal((await peer.next("connect_error")).message, "Invalid namespace");
  });
});
