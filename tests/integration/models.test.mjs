// Lists, checks and serves models, most of them the tiny ones in tests/models.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { portrait, portraitFile } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { execute, root, startServer } from "../support/server.mjs";

const tiny = (name) => path.join(root, "tests/models", name);
const secret = { EMOSTREAM_JWT_SECRET: "x".repeat(32) };
const labels = ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"];
const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

describe("models", { timeout: 120_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "emostream-models-"));
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Copies a tiny model and replaces `from` by `to` in its manifest. */
  const changed = (name, from, to) => {
    const copy = mkdtempSync(path.join(folder, `${name}-`));
    cpSync(tiny(name), copy, { recursive: true });
    const manifest = path.join(copy, "model.toml");
    const text = readFileSync(manifest, "utf8");
    assert.ok(text.includes(from), from);
    writeFileSync(manifest, text.replace(from, to));
    return copy;
  };

  test("the tiny networks are reproduced by their script", () => {
    const script = path.join(root, "tests/support/tiny_models.py");
    const { status, stderr } = spawnSync("/usr/bin/python3", [script, folder], { encoding: "utf8" });
    assert.equal(status, 0, stderr);
    for (const name of ["colours", "columns", "quadrants"])
      assert.deepEqual(readFileSync(path.join(folder, name, "model.onnx")), readFileSync(path.join(tiny(name), "model.onnx")), name);
  });

  test("lists the configured models", async () => {
    const { code, stdout } = await execute(["models"]);
    assert.equal(code, 0);
    assert.match(stdout, /^ok +detector +blazeface-back-256 .*256×256 rgb NHWC/m);
    assert.match(stdout, /^ok +detector +blazeface-front-128 .*128×128 rgb NHWC/m, "the verifier");
    assert.match(stdout, /^ok +expression /m);
    assert.match(stdout, /labels: .*happiness/);
    const report = JSON.parse((await execute(["models", "--json"])).stdout);
    assert.equal(report.ok, true);
    assert.deepEqual(report.models.map(({ kind, ok }) => [kind, ok]), [["detector", true], ["detector", true], ["expression", true]]);
  });

  test("lists the models that the settings name", async () => {
    const settings = { EMOSTREAM_VISION_DETECTOR: tiny("quadrants"), EMOSTREAM_VISION_CLASSIFIER: tiny("colours") };
    const { models } = JSON.parse((await execute(["models", "--json"], settings)).stdout);
    assert.deepEqual(models.map(({ name }) => name), ["quadrants", "colours"]);
    assert.deepEqual(models[1].labels, labels);
  });

  test("lists the models named on the command line, and reports the one that cannot be used", async () => {
    const bad = changed("colours", '"surprised"]', '"surprised", "bored"]');
    const { code, stdout } = await execute(["models", tiny("columns"), bad, "front"]);
    assert.equal(code, 1);
    assert.match(stdout, /^ok +expression +columns /m);
    assert.match(stdout, /^bad +.*colours-/m);
    assert.match(stdout, /model\.toml: output\.labels are 8, which makes a \[N, 8\], but "probabilities" of model\.onnx is a \[N, 7\]/);
    assert.match(stdout, /^ok +detector +blazeface-front-128 /m);
    const report = await execute(["models", "--json", bad]);
    assert.equal(report.code, 1);
    assert.match(JSON.parse(report.stdout).models[0].error, /output\.labels/);
  });

  const rejected = {
    "a wrong size": [["colours", "width = 32", "width = 64"], /model\.toml: input makes a \[N, 64, 64, 3\].*is a \[N, 32, 32, 3\]/],
    "a missing label": [["colours", ', "surprised"', ""], /model\.toml: output\.labels are 6/],
    "a wrong kind of output": [["colours", 'kind = "prob', 'kind = "logits" # "prob'], /model\.toml: output\.kind must be "probabilities"/],
    "a misspelt key": [["colours", "range", "rang"], /model\.toml: input\.range is missing/],
    "a detector as a classifier": [["quadrants", "x", "x"], /model\.toml: kind must be "expression"/],
  };
  for (const [name, [change, message]] of Object.entries(rejected)) {
    test(`serve rejects ${name}`, async () => {
      const { code, stderr } = await execute(["serve", "--port", "0"], { ...secret, EMOSTREAM_VISION_CLASSIFIER: changed(...change) });
      assert.equal(code, 1);
      assert.match(stderr, message);
    });
  }

  test("analyze uses the labels of another model", async () => {
    const { code, stdout } = await execute(["analyze", portraitFile], { EMOSTREAM_VISION_CLASSIFIER: tiny("colours") });
    assert.equal(code, 0);
    const { faces, model } = JSON.parse(stdout);
    assert.equal(model.classifier, "colours");
    assert.deepEqual(Object.keys(faces[0].emotions), labels);
    assert.ok(labels.includes(faces[0].dominant_emotion));
    assert.ok(faces[0].arousal > 0, "arousal is not that of the network, which is positive because a face has more red than blue");
  });

  test("serve reports the labels of another model, in `initialized` and in results", async (t) => {
    const server = await startServer({ EMOSTREAM_VISION_CLASSIFIER: tiny("colours"), EMOSTREAM_VISION_DETECTOR: tiny("quadrants") });
    t.after(() => server.stop());
    const peer = await connect(t, server);
    peer.emit("initialize", {});
    const { model } = await peer.next("initialized");
    assert.deepEqual(model, { detector: "quadrants", classifier: "colours", labels });
    await peer.start();
    assert.equal((await peer.frame("one", portrait)).ok, true);
    const result = await peer.next("detection_result");
    assert.ok(result.faces.length > 0);
    for (const face of result.faces) {
      assert.deepEqual(Object.keys(face.emotions), labels);
      assert.ok(Math.abs(sum(Object.values(face.emotions)) - 1) < 1e-3);
      assert.ok(labels.includes(face.dominant_emotion));
      assert.deepEqual(face.landmarks, []);
      assert.equal(face.pose, null);
    }
  });

  test("the manifests in docs/models.md are valid", async () => {
    const text = readFileSync(path.join(root, "docs/models.md"), "utf8");
    const blocks = [...text.matchAll(/```toml\n(.*?)```/gs)];
    assert.equal(blocks.length, 2);
    for (const [, block] of blocks) {
      const copy = mkdtempSync(path.join(folder, "shown-"));
      writeFileSync(path.join(copy, "model.toml"), block);
      const { models } = JSON.parse((await execute(["models", "--json", copy])).stdout);
      // Only the network is missing.
      assert.match(models[0].error, /model\.toml: file must name a network that can be loaded: .*no such file/);
    }
  });
});
