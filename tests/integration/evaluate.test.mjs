// `emostream analyze --evaluate`: the scores on a folder of labelled images, and error messages.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { makeImage, portrait } from "../support/images.mjs";
import { execute, root } from "../support/server.mjs";

describe("evaluation", { timeout: 180_000 }, () => {
  const top = mkdtempSync(path.join(os.tmpdir(), "emostream-evaluate-"));
  after(() => rmSync(top, { recursive: true, force: true }));

  /** Creates a folder with files such as {"happy/a.jpg": bytes}. */
  function folderOf(name, files) {
    const folder = path.join(top, name);
    mkdirSync(folder);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    }
    return folder;
  }

  const blank = makeImage("gray", "64");
  const photos = folderOf("photos", {
    "happy/portrait.jpg": portrait,
    "happy/more/portrait.png": makeImage("portrait", "PNG", "400"),
    "Happiness/portrait.webp": makeImage("portrait", "WEBP", "300"),
    "happy/.thumbnail.jpg": "hidden",
    "sad/portrait.jpg": portrait,
    "2_Anger/broken.jpg": portrait.subarray(0, 5000),
    "2_Anger/text.txt": "no image",
    "neutral/blank.jpg": blank,
    "neutral/icon.png": makeImage("face", "PNG", "16"),
    "README": "not in a folder named after a label",
  });
  const unreadable = [
    ["2_Anger/broken.jpg", /damaged or incomplete/],
    ["2_Anger/text.txt", /neither JPEG, PNG, WebP nor GIF/],
    ["neutral/icon.png", /smaller than allowed/],
  ];

  const evaluate = (folder, args = [], settings = {}) => execute(["analyze", "--evaluate", folder, ...args], settings);

  test("prints all counts and scores as JSON", async () => {
    const { code, stdout } = await evaluate(photos, ["--json"]);
    assert.equal(code, 1, "some images cannot be read");
    assert.match(stdout, /^\{.*\}\n$/, "one line");
    const report = JSON.parse(stdout);
    assert.equal(report.folder, photos);
    assert.equal(report.cropped, false);
    assert.match(report.detector, /blazeface/);
    assert.equal(typeof report.classifier, "string");
    assert.equal(report.images, 5);
    assert.equal(report.no_face, 1);
    assert.equal(report.unlabelled, 1);
    assert.deepEqual(report.unreadable.map(({ file }) => path.relative(photos, file)), unreadable.map(([file]) => file));
    unreadable.forEach(([, error], i) => assert.match(report.unreadable[i].error, error));

    assert.equal(report.accuracy, 0.6);
    assert.equal(report.accuracy_of_found, 0.75);
    const [low, high] = report.accuracy_95;
    assert.ok(low > 0.2 && low < 0.6 && high > 0.6 && high < 0.9, `${low} to ${high}`);
    assert.equal(report.accuracy_of_found_95.length, 2);

    const indexOf = (label) => report.labels.indexOf(label);
    const [neutral, happiness, sadness, anger] = ["neutral", "happiness", "sadness", "anger"].map((label) => report.classes[indexOf(label)]);
    assert.deepEqual(happiness, { label: "happiness", images: 3, no_face: 0, recall: 1, precision: 0.75, f1: 0.857143 });
    assert.deepEqual(sadness, { label: "sadness", images: 1, no_face: 0, recall: 0, precision: null, f1: 0 });
    assert.deepEqual(neutral, { label: "neutral", images: 1, no_face: 1, recall: 0, precision: null, f1: 0 });
    assert.deepEqual(anger, { label: "anger", images: 0, no_face: 0, recall: null, precision: null, f1: null });
    assert.equal(report.macro_recall, 0.333333);
    assert.equal(report.macro_f1, 0.285714);
    assert.ok(report.calibration_error >= 0 && report.calibration_error <= 1);

    assert.equal(report.confusion.length, report.labels.length);
    for (const row of report.confusion) assert.equal(row.length, report.labels.length + 1);
    assert.equal(report.confusion[indexOf("happiness")][indexOf("happiness")], 3);
    assert.equal(report.confusion[indexOf("sadness")][indexOf("happiness")], 1);
    assert.equal(report.confusion[indexOf("neutral")].at(-1), 1);
    assert.equal(report.confusion.flat().reduce((a, b) => a + b), report.images);
    for (const stage of ["decode", "detect", "classify"]) assert.ok(report.mean_ms[stage] > 0, stage);
    assert.ok(report.workers >= 1);
  });

  test("prints tables as text, and unreadable images to stderr", async () => {
    const { code, stdout, stderr } = await evaluate(photos);
    assert.equal(code, 1);
    assert.match(stdout, /^accuracy +60\.00 % +3 of 5, 95 %: \d+\.\d\d to \d+\.\d\d %$/m);
    assert.match(stdout, /^with a face +75\.00 % +3 of 4,/m);
    assert.match(stdout, /^no face +1$/m);
    assert.match(stdout, /^unreadable +3/m);
    assert.match(stdout, /^ +happiness +3 +100\.00 % +75\.00 % +0\.857$/m);
    assert.match(stdout, /^ +neutral .* no face$/m);
    assert.doesNotMatch(stdout, /broken|text\.txt|skipped/);
    for (const [file] of unreadable) assert.ok(stderr.includes(path.join(photos, file)), file);
    assert.match(stderr, /skipped .*: 1\n/);
  });

  test("turns images upright as their EXIF orientation says", async () => {
    const files = ["1", "3", "6", "8"].map((value) => [`happy/${value}.jpg`, makeImage("turned", "JPEG", value)]);
    const { code, stdout } = await evaluate(folderOf("turned", Object.fromEntries(files)), ["--json"]);
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).accuracy, 1);
  });

  test("does not depend on the number of workers", async () => {
    const results = await Promise.all(["1", "5"].map((workers) => evaluate(photos, ["--json"], { EMOSTREAM_VISION_WORKERS: workers })));
    const [one, five] = results.map(({ stdout }) => JSON.parse(stdout));
    assert.deepEqual([one.workers, five.workers], [1, 5]);
    for (const report of [one, five]) {
      delete report.workers;
      delete report.mean_ms;
    }
    assert.deepEqual(one, five);
    assert.equal(results[0].stderr, results[1].stderr);
  });

  test("does not run the detector on crops, and accepts small ones", async () => {
    const face = makeImage("face", "PNG", "48");
    const crops = folderOf("crops", {
      "joy/48.png": face,
      "joy/112.jpg": makeImage("face", "JPEG", "112"),
      "joy/40.webp": makeImage("face", "WEBP", "40"),
      "neutral/blank.jpg": blank,
      "neutral/16.png": makeImage("face", "PNG", "16"),
    });
    const { code, stdout, stderr } = await evaluate(crops, ["--cropped", "--json"]);
    assert.equal(code, 0);
    assert.equal(stderr, "", "a short evaluation shows no progress");
    const report = JSON.parse(stdout);
    assert.equal(report.cropped, true);
    assert.equal(report.detector, null);
    assert.equal(report.images, 5);
    assert.equal(report.no_face, 0);
    assert.deepEqual(report.unreadable, []);
    assert.equal(report.accuracy_of_found, report.accuracy);
    const happiness = report.labels.indexOf("happiness");
    assert.equal(report.confusion[happiness][happiness], 3);
    assert.equal(report.mean_ms.detect, 0);

    const text = await evaluate(crops, ["--cropped"]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /5 crops in/);
    assert.doesNotMatch(text.stdout, /no face|detect/);
  });

  test("uses the labels of the configured classifier", async () => {
    const plain = (colour) => makeImage("plain", colour, "40");
    const folder = folderOf("colours", {
      "Anger/1.png": plain("red"),
      "Anger/2.png": plain("blue"),
      "joy/1.png": plain("white"),
      "sadness/1.png": plain("blue"),
      "sadness/2.png": plain("#0000f0"),
      "sadness/3.png": plain("red"),
      "sadness/4.png": plain("gray"),
    });
    const settings = { EMOSTREAM_VISION_CLASSIFIER: path.join(root, "tests/models/colours") };
    const { stdout } = await evaluate(folder, ["--cropped", "--json"], settings);
    const report = JSON.parse(stdout);
    assert.deepEqual(report.labels, ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"]);
    assert.deepEqual(report.confusion, [
      [1, 0, 0, 0, 0, 1, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 1, 2, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ]);
    assert.equal(report.accuracy, 0.571429);
    assert.equal(report.macro_recall, 0.666667);
  });

  const rejected = {
    "a folder whose name is not a label": [folderOf("moods", { "happy/a.jpg": portrait, "grumpy/a.jpg": portrait }), /grumpy; .*neutral, happiness/],
    "a folder without folders named after labels": [folderOf("flat", { "a.jpg": portrait }), /flat has no images in folders named after/],
    "an empty folder": [folderOf("empty", {}), /empty has no images/],
  };
  for (const [name, [folder, message]] of Object.entries(rejected)) {
    test(`rejects ${name}`, async () => {
      const { code, stdout, stderr } = await evaluate(folder);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, message);
    });
  }
});
