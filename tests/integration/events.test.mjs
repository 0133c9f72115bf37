// Every event except video_frame: answers and rejections.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connect } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

describe("events", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const now = () => Date.now() / 1000;
  const assertNow = (timestamp) => assert.ok(Math.abs(timestamp - now()) < 60, `${timestamp} is not the current time in seconds`);

  const rejection = async (peer, event, payload) => {
    const [ack, error] = await Promise.all([peer.ask(event, payload), peer.next("error_message")]);
    assert.equal(ack.ok, false);
    assert.equal(ack.reason, error.reason);
    assertNow(error.timestamp);
    return { code: error.code, reason: error.reason, message: error.message };
  };

  test("initialize is answered with the user, the configuration, the limits and the model", async (t) => {
    const peer = await connect(t, server);
    const ack = await peer.ask("initialize", { client: "test", config: { min_confidence: 0.7, max_faces: 3 } });
    assert.equal(ack.ok, true);
    const message = await peer.next("initialized");
    assert.equal(message.user_id, "alice");
    assert.equal(typeof message.session_id, "string");
    assert.equal(message.protocol_version, 1);
    assertNow(message.server_time);
    assert.equal(message.config.min_confidence, 0.7);
    assert.equal(message.config.max_faces, 3);
    assert.ok(message.limits.max_frame_bytes > 0);
    assert.equal(typeof message.model.detector, "string");
    assert.equal(typeof message.model.classifier, "string");
    const labels = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"];
    assert.deepEqual(message.model.labels, labels);
  });

  test("initialize accepts no payload, null and {}", async (t) => {
    const peer = await connect(t, server);
    for (const args of [[], [null], [{}]]) {
      peer.emit("initialize", ...args);
      assert.equal((await peer.next("initialized")).user_id, "alice");
    }
  });

  test("control starts, stops and configures", async (t) => {
    const peer = await connect(t, server);
    const steps = [
      [{ action: "start" }, "processing"],
      [{ action: "start" }, "processing"],
      [{ action: "configure", config: { max_faces: 2 } }, "processing"],
      [{ action: "stop" }, "idle"],
      [{ action: "stop" }, "idle"],
      [{ action: "configure", config: { min_confidence: 0.25 } }, "idle"],
    ];
    for (const [payload, state] of steps) {
      assert.equal((await peer.ask("control", payload)).ok, true);
      const status = await peer.next("status");
      assert.equal(status.state, state);
      assert.equal(status.action, payload.action);
      assertNow(status.timestamp);
    }
    peer.emit("control", { action: "configure", config: {} });
    const { config } = await peer.next("status");
    assert.equal(config.max_faces, 2);
    assert.equal(config.min_confidence, 0.25);
  });

  test("an unknown action is rejected", async (t) => {
    const peer = await connect(t, server);
    const { code, reason } = await rejection(peer, "control", { action: "explode" });
    assert.deepEqual({ code, reason }, { code: 400, reason: "unknown_action" });
  });

  test("an unknown config key is reported and ignored", async (t) => {
    const peer = await connect(t, server);
    peer.emit("control", { action: "configure", config: { colour: "red", max_faces: 4 } });
    const status = await peer.next("status");
    assert.deepEqual(status.ignored_config, ["colour"]);
    assert.equal(status.config.max_faces, 4);
  });

  const invalid = [
    ["control", null],
    ["control", "start"],
    ["control", 42],
    ["control", []],
    ["control", {}],
    ["control", { action: 7 }],
    ["control", { action: "configure" }],
    ["control", { action: "configure", config: "all" }],
    ["control", { action: "configure", config: { min_confidence: "high" } }],
    ["control", { action: "configure", config: { min_confidence: 1.5 } }],
    ["control", { action: "configure", config: { min_confidence: -1e308 } }],
    ["control", { action: "configure", config: { max_faces: 2.5 } }],
    ["control", { action: "configure", config: { max_faces: 1e300 } }],
    ["control", { action: "configure", config: { max_faces: Number.MAX_SAFE_INTEGER } }],
    ["initialize", "hello"],
    ["initialize", [1, 2]],
    ["initialize", { config: 1 }],
    ["initialize", { room: "" }],
    ["join_room", null],
    ["join_room", ""],
    ["join_room", 5],
    ["join_room", {}],
    ["join_room", { room: { name: "x" } }],
    ["join_room", { room: "x".repeat(10_000) }],
    ["join_room", { room: "stage", role: "king" }],
    ["leave_room", { room: 5 }],
  ];
  for (const [event, payload] of invalid) {
    test(`an invalid payload is rejected: ${event} ${JSON.stringify(payload)?.slice(0, 80)}`, async (t) => {
      const peer = await connect(t, server);
      const { code, reason } = await rejection(peer, event, payload);
      assert.deepEqual({ code, reason }, { code: 400, reason: "invalid_payload" });
      assert.equal((await peer.ask("control", { action: "start" })).ok, true, "the connection stays open");
    });
  }

  test("a rejected configuration changes nothing", async (t) => {
    const peer = await connect(t, server);
    await rejection(peer, "control", { action: "configure", config: { max_faces: 1, min_confidence: 9 } });
    peer.emit("initialize", {});
    assert.equal((await peer.next("initialized")).config.max_faces, 0);
  });

  test("an unknown event is rejected", async (t) => {
    const peer = await connect(t, server);
    const { code, reason } = await rejection(peer, "dance", { step: 1 });
    assert.deepEqual({ code, reason }, { code: 400, reason: "unknown_event" });
  });
});
