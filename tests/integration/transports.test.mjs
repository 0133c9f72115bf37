// Both Engine.IO paths, both namespaces, and each transport: polling, WebSocket, polling upgraded to WebSocket,
// WebSocket without binary frames.
import assert from "node:assert/strict";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { connect, startClient } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const modes = {
  "polling only": { transports: ["polling"], final: "polling" },
  "WebSocket only": { transports: ["websocket"], final: "websocket" },
  "polling upgraded to WebSocket": { transports: ["polling", "websocket"], final: "websocket" },
  "WebSocket with base64": { transports: ["websocket"], forceBase64: true, final: "websocket" },
};

describe("transports", { timeout: 120_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  for (const [name, { final, ...options }] of Object.entries(modes)) {
    for (const path of ["/socket.io/", "/ws/socket.io/"]) {
      for (const namespace of ["/emotion-detection", "/ws/emotion-detection"]) {
        test(`frames are answered: ${name}, ${path}, ${namespace}`, async (t) => {
          const peer = await connect(t, server, { account: name, path, namespace, ...options });
          const { engine } = peer.socket.io;
          if (engine.transport.name !== final) await once(engine, "upgrade", { signal: AbortSignal.timeout(10_000) });
          await peer.start();
          const ack = await peer.frame(1, portrait);
          assert.deepEqual({ ok: ack.ok, frame_id: ack.frame_id }, { ok: true, frame_id: 1 });
          const { faces } = await peer.next("detection_result");
          assert.deepEqual(faces.map((face) => face.dominant_emotion), ["happiness"]);
          assert.equal(engine.transport.name, final);
          peer.socket.disconnect();
        });
      }
    }
  }

  test("events sent during the upgrade of the transport all arrive in order", async (t) => {
    const peer = await connect(t, server, { transports: ["polling", "websocket"] });
    peer.emit("initialize", {});
    for (let i = 0; i < 50; ++i) peer.emit("control", { action: "configure", config: { max_faces: i } });
    await peer.next("initialized");
    for (let i = 0; i < 50; ++i) {
      const { config } = await peer.next("status");
      assert.equal(config.max_faces, i);
    }
  });

  test("an unknown namespace is rejected", async (t) => {
    const peer = startClient(t, server, { token: await server.token("alice"), namespace: "/other" });
    assert.equal((await peer.next("connect_error")).message, "Invalid namespace");
  });
});
