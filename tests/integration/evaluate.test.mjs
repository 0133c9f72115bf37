// `emostream analyze --evaluate`: what a folder of labelled images is worth, and what is said of mistakes.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { made, portrait } from "../support/images.mjs";
import { execute, root } from "../support/server.mjs";

describe("evaluation", { timeout: 60_000 }, () => {
  const top = mkdtempSync(path.join(os.tmpdir(), "emostream-evaluate-"));
  after(() => rmSync(top, { recursive: true, force: true }));

  /** A folder of files such as {"happy/a.jpg": bytes}. */
  function folderOf(name, files) {
    const folder = path.join(top, name);
    mkdirSync(folder);
    for (const [file, content] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), content);
    }
    return folder;
  }

  const blank = made("gray", "64");
  const photos = folderOf("photos", {
    "happy/portrait.jpg": portrait,
    "happy/more/portrait.png": made("portrait", "PNG", "400"),
    "Happiness/portrait.webp": made("portrait", "WEBP", "300"),
    "happy/.thumbnail.jpg": "hidden",
    "sad/portrait.jpg": portrait,
    "2_Anger/broken.jpg": portrait.subarray(0, 5000),
    "2_Anger/text.txt": "no image",
    "neutral/blank.jpg": blank,
    "neutral/icon.png": made("face", "PNG", "16"),
    "README": "not a label's",
  });
  const broken = [
    ["2_Anger/broken.jpg", /damaged or incomplete/],
    ["2_Anger/text.txt", /neither JPEG, PNG nor WebP/],
    ["neutral/icon.png", /smaller than allowed/],
  ];

  const evaluate = (folder, args = [], settings = {}) => execute(["analyze", "--evaluate", folder, ...args], settings);

  test("as JSON has every count and score", async () => {
    const { code, stdout } = await evaluate(photos, ["--json"]);
    assert.equal(code, 1, "there are images that cannot be read");
    assert.match(stdout, /^\{.*\}\n$/, "one line");
    const found = JSON.parse(stdout);
    assert.equal(found.folder, photos);
    assert.equal(found.cropped, false);
    assert.match(found.detector, /blazeface/);
    assert.equal(typeof found.classifier, "string");
    assert.equal(found.images, 5);
    assert.equal(found.no_face, 1);
    assert.equal(found.unlabelled, 1);
    assert.deepEqual(found.unreadable.map(({ file }) => path.relative(photos, file)), broken.map(([file]) => file));
    broken.forEach(([, error], i) => assert.match(found.unreadable[i].error, error));

    assert.equal(found.accuracy, 0.6);
    assert.equal(found.accuracy_of_found, 0.75);
    const [low, high] = found.accuracy_95;
    assert.ok(low > 0.2 && low < 0.6 && high > 0.6 && high < 0.9, `${low} to ${high}`);
    assert.equal(found.accuracy_of_found_95.length, 2);

    const place = (label) => found.labels.indexOf(label);
    const [neutral, happiness, sadness, anger] = ["neutral", "happiness", "sadness", "anger"].map((label) => found.classes[place(label)]);
    assert.deepEqual(happiness, { label: "happiness", images: 3, no_face: 0, recall: 1, precision: 0.75, f1: 0.857143 });
    assert.deepEqual(sadness, { label: "sadness", images: 1, no_face: 0, recall: 0, precision: null, f1: 0 });
    assert.deepEqual(neutral, { label: "neutral", images: 1, no_face: 1, recall: 0, precision: null, f1: 0 });
    assert.deepEqual(anger, { label: "anger", images: 0, no_face: 0, recall: null, precision: null, f1: null });
    assert.equal(found.macro_recall, 0.333333);
    assert.equal(found.macro_f1, 0.285714);
    assert.ok(found.calibration_error >= 0 && found.calibration_error <= 1);

    assert.equal(found.confusion.length, found.labels.length);
    for (const row of found.confusion) assert.equal(row.length, found.labels.length + 1);
    assert.equal(found.confusion[place("happiness")][place("happiness")], 3);
    assert.equal(found.confusion[place("sadness")][place("happiness")], 1);
    assert.equal(found.confusion[place("neutral")].at(-1), 1);
    assert.equal(found.confusion.flat().reduce((a, b) => a + b), found.images);
    for (const stage of ["decode", "detect", "classify"]) assert.ok(found.mean_ms[stage] > 0, stage);
    assert.ok(found.workers >= 1);
  });

  test("as text is a table, and what could not be read is told beside it", async () => {
    const { code, stdout, stderr } = await evaluate(photos);
    assert.equal(code, 1);
    assert.match(stdout, /^accuracy +60\.00 % +3 of 5, 95 %: \d+\.\d\d to \d+\.\d\d %$/m);
    assert.match(stdout, /^of found faces +75\.00 % +3 of 4,/m);
    assert.match(stdout, /^no face +1$/m);
    assert.match(stdout, /^unreadable +3/m);
    assert.match(stdout, /^ +happiness +3 +100\.00 % +75\.00 % +0\.857$/m);
    assert.match(stdout, /^ +neutral .* no face$/m);
    assert.doesNotMatch(stdout, /broken|text\.txt|left/);
    for (const [file] of broken) assert.ok(stderr.includes(path.join(photos, file)), file);
    assert.match(stderr, /left out: .*1\n/);
  });

  test("does not depend on how many threads there are", async () => {
    const results = await Promise.all(["1", "5"].map((workers) => evaluate(photos, ["--json"], { EMOSTREAM_VISION_WORKERS: workers })));
    const [one, five] = results.map(({ stdout }) => JSON.parse(stdout));
    assert.deepEqual([one.workers, five.workers], [1, 5]);
    for (const found of [one, five]) {
      delete found.workers;
      delete found.mean_ms;
    }
    assert.deepEqual(one, five);
    assert.equal(results[0].stderr, results[1].stderr);
  });

  test("of crops looks for no faces, and takes the smallest", async () => {
    const face = made("face", "PNG", "48");
    const crops = folderOf("crops", {
      "joy/48.png": face,
      "joy/112.jpg": made("face", "JPEG", "112"),
      "joy/40.webp": made("face", "WEBP", "40"),
      "neutral/blank.jpg": blank,
      "neutral/16.png": made("face", "PNG", "16"),
    });
    const { code, stdout, stderr } = await evaluate(crops, ["--cropped", "--json"]);
    assert.equal(code, 0);
    assert.equal(stderr, "", "no progress of so short a work");
    const found = JSON.parse(stdout);
    assert.equal(found.cropped, true);
    assert.equal(found.detector, null);
    assert.equal(found.images, 5);
    assert.equal(found.no_face, 0);
    assert.deepEqual(found.unreadable, []);
    assert.equal(found.accuracy_of_found, found.accuracy);
    const happiness = found.labels.indexOf("happiness");
    assert.equal(found.confusion[happiness][happiness], 3);
    assert.equal(found.mean_ms.detect, 0);

    const text = await evaluate(crops, ["--cropped"]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /5 crops in/);
    assert.doesNotMatch(text.stdout, /no face|detect/);
  });

  test("holds a classifier of somebody else's to its own labels", async () => {
    const plain = (colour) => made("plain", colour, "40");
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
    const found = JSON.parse(stdout);
    assert.deepEqual(found.labels, ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"]);
    assert.deepEqual(found.confusion, [
      [1, 0, 0, 0, 0, 1, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [0, 0, 0, 1, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 1, 2, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0],
    ]);
    assert.equal(found.accuracy, 0.571429);
    assert.equal(found.macro_recall, 0.666667);
  });

  const mistakes = {
    "a folder that is no label": [folderOf("moods", { "happy/a.jpg": portrait, "grumpy/a.jpg": portrait }), /grumpy; .*neutral, happiness/],
    "no folders of labels": [folderOf("flat", { "a.jpg": portrait }), /flat has no images in folders named after/],
    "an empty folder": [folderOf("empty", {}), /empty has no images/],
  };
  for (const [mistake, [folder, message]] of Object.entries(mistakes)) {
    test(`${mistake} is an error`, async () => {
      const { code, stdout, stderr } = await evaluate(folder);
      assert.equal(code, 1);
      assert.equal(stdout, "");
      assert.match(stderr, message);
    });
  }
});
