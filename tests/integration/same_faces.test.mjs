// A picture has the same faces whether it is sent as a frame, posted, or given to `emostream analyze`.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { makeImage, portrait } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { execute, startServer } from "../support/server.mjs";

const pictures = {
  "a portrait": { picture: () => portrait, count: 1 },
  "a portrait turned by 90°": { picture: () => makeImage("rotated", "JPEG", "90"), count: 1 },
  "a portrait turned by 180°": { picture: () => makeImage("rotated", "PNG", "180"), count: 1 },
  "a tilted portrait": { picture: () => makeImage("rotated", "WEBP", "25"), count: 1 },
  "a face that fills the picture": { picture: () => makeImage("close", "JPEG", "300"), count: 1 },
  "a small portrait": { picture: () => makeImage("portrait", "JPEG", "160"), count: 1 },
  "a picture without faces": { picture: () => makeImage("faceless", "JPEG", "512"), count: 0 },
};

describe("the same faces", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "emostream-"));
  let server;
  before(async () => (server = await startServer()));
  after(async () => {
    rmSync(folder, { recursive: true });
    await server.stop();
  });

  async function sent(t, picture) {
    const peer = await connect(t, server);
    await peer.start();
    assert.equal((await peer.frame("only", picture)).ok, true);
    return peer.next("detection_result");
  }

  async function posted(picture) {
    const answer = await fetch(`${server.url}/api/v1/analyze`, {
      method: "POST",
      headers: { authorization: `Bearer ${await server.token("bob")}` },
      body: picture,
    });
    assert.equal(answer.status, 200);
    return answer.json();
  }

  async function analyzed(picture) {
    const file = path.join(folder, "picture");
    writeFileSync(file, picture);
    const { code, stdout } = await execute(["analyze", file]);
    assert.equal(code, 0);
    return JSON.parse(stdout);
  }

  for (const [name, { picture, count }] of Object.entries(pictures)) {
    test(name, async (t) => {
      const bytes = picture();
      const results = { sent: await sent(t, bytes), posted: await posted(bytes), analyzed: await analyzed(bytes) };
      for (const [way, { faces }] of Object.entries(results)) {
        assert.equal(faces.length, count, way);
        faces.forEach((face, i) => {
          const expected = results.analyzed.faces[i];
          assert.equal(face.dominant_emotion, "happiness", way);
          for (const side of ["x", "y", "width", "height"]) {
            assert.ok(Math.abs(face.box[side] - expected.box[side]) < 0.5, `${way}: ${JSON.stringify([face.box, expected.box])}`);
          }
          for (const angle of ["yaw", "pitch", "roll"]) {
            assert.ok(Math.abs(face.pose[angle] - expected.pose[angle]) < 0.5, `${way}: ${JSON.stringify([face.pose, expected.pose])}`);
          }
          assert.ok(Math.abs(face.confidence - expected.confidence) < 0.01, way);
        });
      }
    });
  }
});
