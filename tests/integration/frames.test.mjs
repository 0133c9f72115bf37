// The event video_frame: encodings of the image, the result, and bad frames.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { jpegHeader, makeImage, noise, pngHeader, portrait } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const toArrayBuffer = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);

describe("frames", { timeout: 120_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const started = async (t, options) => {
    const peer = await connect(t, server, options);
    await peer.start();
    return peer;
  };
  const labelsOf = ({ faces }) => faces.map((face) => face.dominant_emotion);

  const encodings = {
    "a Buffer": () => portrait,
    "an ArrayBuffer": () => toArrayBuffer(portrait),
    "a Uint8Array": () => new Uint8Array(portrait),
    "base64": () => portrait.toString("base64"),
    "a data URL": () => `data:image/jpeg;base64,${portrait.toString("base64")}`,
    "a re-encoded JPEG": () => makeImage("portrait", "JPEG", "400"),
    "PNG": () => makeImage("portrait", "PNG", "512"),
    "PNG as a data URL": () => `data:image/png;base64,${makeImage("portrait", "PNG", "512").toString("base64")}`,
    "WebP": () => makeImage("portrait", "WEBP", "512"),
  };
  for (const [name, data] of Object.entries(encodings)) {
    test(`the portrait is classified as happiness when sent as ${name}`, async (t) => {
      const peer = await started(t);
      assert.equal((await peer.frame("f1", data())).ok, true);
      assert.deepEqual(labelsOf(await peer.next("detection_result")), ["happiness"]);
    });
  }

  test("a result has the documented fields", async (t) => {
    const peer = await connect(t, server);
    peer.emit("initialize", { config: { raw_emotions: true } });
    const { session_id, model } = await peer.next("initialized");
    await peer.start();
    const timestamp = 1_700_000_000.25;
    const ack = await peer.frame("first", portrait, { timestamp, resolution: [512, 512] });
    assert.equal(ack.ok, true);
    assert.equal(ack.frame_id, "first");
    assert.ok(ack.target_fps >= 1);
    assert.equal(peer.count("detection_result"), 1, "the result comes before the acknowledgement");

    const result = await peer.next("detection_result");
    assert.equal(result.version, 1);
    assert.equal(result.session_id, session_id);
    assert.equal(result.user_id, "alice");
    assert.equal(result.frame_id, "first");
    assert.equal(result.timestamp, timestamp);
    assert.ok(Math.abs(result.processed_at - Date.now() / 1000) < 60);
    assert.ok(result.latency_ms > 0);
    for (const stage of ["queue", "decode", "detect", "classify"]) assert.ok(result.timing[stage] >= 0, stage);
    assert.deepEqual(result.resolution, [512, 512]);
    assert.equal(result.dropped_since_last, 0);
    assert.deepEqual(result.model, { detector: model.detector, classifier: model.classifier });
    assert.equal(result.face_count, 1);
    const [face] = result.faces;
    assert.ok(face.confidence > 0.5 && face.confidence <= 1);
    assert.ok(face.box.x < 225 && face.box.x + face.box.width > 225, "the box is where the face is");
    assert.ok(face.box.y < 125 && face.box.y + face.box.height > 125);
    assert.ok(face.box.width > 60 && face.box.width < 180);
    const norm = [face.box.x, face.box.y, face.box.width, face.box.height].map((v) => v / 512);
    face.box_norm.forEach((v, i) => assert.ok(Math.abs(v - norm[i]) < 0.001));
    assert.equal(face.landmarks.length, 6);
    for (const [x, y] of face.landmarks) assert.ok(x > 100 && x < 350 && y > 20 && y < 250);
    for (const angle of ["yaw", "pitch", "roll"]) assert.ok(Math.abs(face.pose[angle]) < 45, angle);
    assert.deepEqual(Object.keys(face.emotions), model.labels);
    for (const scores of [face.emotions, face.raw_emotions]) {
      assert.ok(Object.values(scores).every((p) => p >= 0 && p <= 1));
      assert.ok(Math.abs(sum(Object.values(scores)) - 1) < 1e-3);
    }
    assert.ok(face.emotions.happiness > 0.5);
    assert.ok(face.valence > 0 && face.valence <= 1);
    assert.ok(Math.abs(face.arousal) <= 1);
    assert.ok(face.quality.size_px > 60 && Array.isArray(face.quality.flags));
    assert.equal(face.measured, true);
  });

  test("a face keeps its id from frame to frame, and results are numbered", async (t) => {
    const peer = await started(t);
    const results = [];
    for (const id of [1, 2, 3]) {
      await peer.frame(id, portrait);
      results.push(await peer.next("detection_result"));
    }
    assert.deepEqual(results.map((result) => result.frame_id), [1, 2, 3]);
    assert.equal(new Set(results.map((result) => result.faces[0].face_id)).size, 1);
    assert.ok(results[0].seq < results[1].seq && results[1].seq < results[2].seq);
  });

  test("the result of an image without faces has an empty list of faces", async (t) => {
    const peer = await started(t);
    assert.equal((await peer.frame(1, makeImage("gray", "320"))).ok, true);
    const { faces, face_count } = await peer.next("detection_result");
    assert.deepEqual({ faces, face_count }, { faces: [], face_count: 0 });
  });

  test("a frame before start is rejected", async (t) => {
    const peer = await connect(t, server);
    const [ack, error] = await Promise.all([peer.frame(7, portrait), peer.next("error_message")]);
    assert.deepEqual([ack.ok, ack.frame_id, ack.reason], [false, 7, "not_started"]);
    const { code, message, reason, frame_id } = error;
    const expected = { code: 400, message: "Processing not started", reason: "not_started", frame_id: 7 };
    assert.deepEqual({ code, message, reason, frame_id }, expected);
  });

  test("a frame after stop is rejected", async (t) => {
    const peer = await started(t);
    await peer.ask("control", { action: "stop" });
    assert.equal((await peer.frame(1, portrait)).reason, "not_started");
  });

  const bad = {
    "no data": [undefined, 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "null": [null, 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "an empty string": ["", 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "empty binary data": [Buffer.alloc(0), 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "a number": [12345, 400, "invalid_payload", /./],
    "a list of bytes": [[255, 216, 255], 400, "invalid_payload", /./],
    "a megabyte of noise": [noise(1_000_000), 500, "undecodable_image", /^Error processing frame: /],
    "noise as base64": [noise(9_000).toString("base64"), 500, "undecodable_image", /^Error processing frame: /],
    "not base64": ["%%% not base64 %%%", 500, "undecodable_image", /^Error processing frame: /],
    "a URL": ["https://example.com/face.jpg", 500, "undecodable_image", /^Error processing frame: /],
    "a JPEG header of 60000×60000": [jpegHeader(60_000, 60_000), 413, "frame_too_large", /./],
    "a PNG header of 60000×60000": [pngHeader(60_000, 60_000), 413, "frame_too_large", /./],
    "a truncated JPEG": [portrait.subarray(0, 30_000), 500, "undecodable_image", /^Error processing frame: /],
    "an image of 16×16": [makeImage("gray", "16"), 500, "undecodable_image", /^Error processing frame: /],
    "an image of 4000×4000": [makeImage("gray", "4000"), 413, "frame_too_large", /./],
    "more than a megabyte": [noise(1_000_001), 413, "frame_too_large", /./],
    "more than a megabyte as base64": [noise(1_000_100).toString("base64"), 413, "frame_too_large", /./],
  };
  for (const [name, [data, code, reason, message]] of Object.entries(bad)) {
    test(`a bad frame is rejected, the next one is processed: ${name}`, async (t) => {
      const peer = await started(t);
      const [ack, error] = await Promise.all([peer.frame("bad", data), peer.next("error_message")]);
      assert.deepEqual([ack.ok, ack.frame_id, ack.reason], [false, "bad", reason]);
      assert.deepEqual([error.code, error.frame_id, error.reason], [code, "bad", reason]);
      assert.match(error.message, message);
      assert.equal((await peer.frame("good", portrait)).ok, true);
      const result = await peer.next("detection_result");
      assert.equal(result.frame_id, "good");
      assert.deepEqual(labelsOf(result), ["happiness"]);
    });
  }

  const invalidPayloads = {
    "not an object": "frame",
    "a timestamp in words": { frame_id: 1, data: portrait, timestamp: "now" },
    "a resolution of one number": { frame_id: 1, data: portrait, resolution: [640] },
    "a huge resolution": { frame_id: 1, data: portrait, resolution: [1e300, 1e300] },
    "an id that is an object": { frame_id: { n: 1 }, data: portrait },
  };
  for (const [name, payload] of Object.entries(invalidPayloads)) {
    test(`an invalid payload is rejected: ${name}`, async (t) => {
      const peer = await started(t);
      const [ack, error] = await Promise.all([peer.ask("video_frame", payload), peer.next("error_message")]);
      assert.deepEqual([ack.ok, ack.reason, error.code], [false, "invalid_payload", 400]);
    });
  }

  test("a frame without an id and without an acknowledgement gets its result", async (t) => {
    const peer = await started(t);
    peer.emit("video_frame", { data: portrait });
    assert.deepEqual(labelsOf(await peer.next("detection_result")), ["happiness"]);
  });

  test("every frame of a flood is answered with a result or a reason", async (t) => {
    const peer = await started(t);
    const acks = await Promise.all(Array.from({ length: 30 }, (_, i) => peer.frame(i, portrait)));
    assert.deepEqual(acks.map((ack) => ack.frame_id), Array.from({ length: 30 }, (_, i) => i));
    const processed = acks.filter((ack) => ack.ok && !ack.dropped);
    assert.ok(processed.length >= 1 && processed.length < 30, `${processed.length} processed`);
    for (const ack of acks) if (!processed.includes(ack)) assert.equal(typeof ack.reason, "string");
    assert.equal(peer.count("detection_result"), processed.length);
  });

  test("five bad frames in a row close the connection with a reason", async (t) => {
    const peer = await started(t);
    for (let i = 0; i < 5; ++i) peer.emit("video_frame", { frame_id: i, data: "" });
    await peer.next("error_message", ({ reason }) => reason === "too_many_bad_frames");
    assert.equal(await peer.next("disconnect"), "io server disconnect");
  });
});
