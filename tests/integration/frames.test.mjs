// The event video_frame: encodings of the image, the result, and bad frames.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { jpegHeader, makeImage, noise, pngHeader, portrait } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
const toArrayBuffer = (buffer) => buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + buffer.length);

describe("frames", { timeout: 240_000 }, () => {
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
    "base64 without padding, with line breaks": () => portrait.toString("base64").replace(/=+$/, "").replace(/.{76}/g, "$&\r\n"),
    "base64url": () => portrait.toString("base64url"),
    "base64 with tabs and spaces": () => portrait.toString("base64").replace(/.{60}/g, "$& \t"),
    "base64 in a Buffer": () => Buffer.from(portrait.toString("base64")),
    "a data URL in a Buffer": () => Buffer.from(`data:image/jpg;base64,${portrait.toString("base64")}`),
    "a data URL with percent-encoding": () => `data:image/*;base64,${encodeURIComponent(portrait.toString("base64"))}`,
    "a re-encoded JPEG": () => makeImage("portrait", "JPEG", "400"),
    "PNG": () => makeImage("portrait", "PNG", "512"),
    "PNG as a data URL": () => `data:image/png;base64,${makeImage("portrait", "PNG", "512").toString("base64")}`,
    "WebP": () => makeImage("portrait", "WEBP", "512"),
    "GIF": () => makeImage("portrait", "GIF", "512"),
    "an animated WebP": () => makeImage("animated", "WEBP", "512"),
    "an animated GIF": () => makeImage("animated", "GIF", "512"),
    "a CMYK JPEG": () => makeImage("cmyk", "512"),
    "a PNG with 16 bits per pixel": () => makeImage("deep", "512"),
    "a JPEG without its end": () => portrait.subarray(0, -2),
    "a JPEG with a trailer": () => Buffer.concat([portrait, noise(1000)]),
  };
  for (const [name, data] of Object.entries(encodings)) {
    test(`the portrait is classified as happiness when sent as ${name}`, async (t) => {
      const peer = await started(t);
      assert.equal((await peer.frame("f1", data())).ok, true);
      assert.deepEqual(labelsOf(await peer.next("detection_result")), ["happiness"]);
    });
  }

  test("a result has the mesh and the eyes of each face if they are configured, and so have the results in rooms", async (t) => {
    const [peer, viewer] = [await started(t), await connect(t, server, { account: "bob" })];
    await viewer.ask("join_room", { room: "studio", role: "viewer" });
    await peer.ask("join_room", { room: "studio" });
    await peer.frame(1, portrait);
    const [plain] = (await peer.next("detection_result")).faces;
    assert.ok(!("mesh" in plain) && !("eyes" in plain));
    await peer.ask("control", { action: "configure", config: { mesh: true, eyes: true } });
    await peer.frame(2, portrait);
    const [face] = (await peer.next("detection_result")).faces;
    assert.equal(face.mesh.length, 3 * 468);
    assert.equal(face.eyes.blinks, 0);
    for (const eye of [face.eyes.left, face.eyes.right]) assert.ok(eye.openness > 0.8 && Math.hypot(...eye.gaze) < 0.4);
    assert.deepEqual((await viewer.next("detection_result", ({ frame_id }) => frame_id === 2)).faces, [face]);
  });

  /** Asserts that the face of the portrait is where it is in the upright picture of make_image.py. */
  function assertUpright({ resolution, faces }) {
    assert.deepEqual(resolution, [640, 512]);
    assert.equal(faces.length, 1);
    const [{ box, landmarks, dominant_emotion }] = faces;
    assert.equal(dominant_emotion, "happiness");
    assert.ok(Math.abs(box.x + box.width / 2 - 225) < 12 && Math.abs(box.y + box.height / 2 - 127) < 12, JSON.stringify(box));
    const [[leftX, leftY], [rightX, rightY]] = landmarks;
    assert.ok(Math.abs(leftX - 203) < 8 && Math.abs(leftY - 103) < 8, "left eye");
    assert.ok(Math.abs(rightX - 248) < 8 && Math.abs(rightY - 103) < 8, "right eye");
  }

  for (const value of [1, 2, 3, 4, 5, 6, 7, 8]) {
    test(`an image with the EXIF orientation ${value} is turned upright`, async (t) => {
      const peer = await started(t);
      for (const kind of ["JPEG", "PNG", "WEBP"]) {
        assert.equal((await peer.frame(kind, makeImage("turned", kind, `${value}`))).ok, true);
        assertUpright(await peer.next("detection_result"));
      }
    });
  }

  test("an image is not turned with upright: false", async (t) => {
    const peer = await connect(t, server);
    peer.emit("initialize", { config: { upright: false } });
    assert.equal((await peer.next("initialized")).config.upright, false);
    await peer.start();
    await peer.frame(1, makeImage("turned", "JPEG", "6"));
    assert.deepEqual((await peer.next("detection_result")).resolution, [512, 640]);
  });

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
    "the data URL of an empty canvas": ["data:,", 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "empty binary data": [Buffer.alloc(0), 500, "no_image_data", /^Error processing frame: No image data provided$/],
    "a number": [12345, 400, "invalid_payload", /./],
    "a list of bytes": [[255, 216, 255], 400, "invalid_payload", /./],
    "a megabyte of noise": [noise(1_000_000), 500, "undecodable_image", /^Error processing frame: /],
    "noise as base64": [noise(9_000).toString("base64"), 500, "undecodable_image", /^Error processing frame: /],
    "not base64": ["%%% not base64 %%%", 500, "undecodable_image", /^Error processing frame: /],
    "HEIC": [Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), 500, "undecodable_image", /HEIC/],
    "AVIF": [Buffer.from("\0\0\0\x18ftypavif\0\0\0\0mif1avif", "latin1"), 500, "undecodable_image", /AVIF/],
    "a URL": ["https://example.com/face.jpg", 500, "undecodable_image", /^Error processing frame: /],
    "a JPEG header of 60000×60000": [jpegHeader(60_000, 60_000), 413, "frame_too_large", /./],
    "a PNG header of 60000×60000": [pngHeader(60_000, 60_000), 413, "frame_too_large", /./],
    "a truncated JPEG": [portrait.subarray(0, 30_000), 500, "undecodable_image", /^Error processing frame: /],
    "an image of 16×16": [makeImage("gray", "16"), 500, "undecodable_image", /^Error processing frame: /],
    "an image of 4000×4000": [makeImage("gray", "4000"), 413, "frame_too_large", /frames\.max_width × frames\.max_height is 2073600 pixels/],
    "more than a megabyte": [noise(1_000_001), 413, "frame_too_large", /frames\.max_bytes is 1000000 bytes/],
    "more than a megabyte as base64": [noise(1_000_100).toString("base64"), 413, "frame_too_large", /frames\.max_bytes is 1000000 bytes/],
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
    "an id that is an object": { frame_id: { n: 1 }, data: portrait },
  };
  for (const [name, payload] of Object.entries(invalidPayloads)) {
    test(`an invalid payload is rejected: ${name}`, async (t) => {
      const peer = await started(t);
      const [ack, error] = await Promise.all([peer.ask("video_frame", payload), peer.next("error_message")]);
      assert.deepEqual([ack.ok, ack.reason, error.code], [false, "invalid_payload", 400]);
    });
  }

  test("a resolution of another form is ignored, and the acknowledgement says so", async (t) => {
    const peer = await started(t);
    for (const resolution of ["640x480", { width: 640, height: 480 }]) {
      const { ok, ignored } = await peer.frame(1, portrait, { resolution });
      assert.deepEqual([ok, ignored], [true, ["resolution"]], JSON.stringify(resolution));
    }
    assert.ok(!("ignored" in (await peer.frame(2, portrait, { resolution: [512, 512] }))));
  });

  test("bytes without an object are taken as the image", async (t) => {
    const peer = await started(t);
    const { ok, frame_id } = await peer.ask("video_frame", portrait);
    assert.deepEqual([ok, frame_id], [true, 1]);
    assert.deepEqual(labelsOf(await peer.next("detection_result")), ["happiness"]);
  });

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

  test("empty pictures do not close the connection", async (t) => {
    const peer = await started(t);
    for (let i = 0; i < 6; ++i) {
      for (;;) {
        const { ok, reason } = await peer.frame(i, i % 2 === 0 ? null : "data:,");
        assert.equal(ok, false);
        if (reason === "no_image_data") break;
        assert.equal(reason, "rate_limited");
      }
    }
    while (!(await peer.frame("good", portrait)).ok);
    assert.equal((await peer.next("detection_result")).frame_id, "good");
  });

  test("five bad frames in a row close the connection with a reason", async (t) => {
    const peer = await started(t);
    for (let i = 0; i < 5; ++i) peer.emit("video_frame", { frame_id: i, data: 7 });
    await peer.next("error_message", ({ reason }) => reason === "too_many_bad_frames");
    assert.equal(await peer.next("disconnect"), "io server disconnect");
  });
});
