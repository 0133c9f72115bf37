// A worker thread of the pool: detects and classifies the faces of encoded images.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parentPort } from "node:worker_threads";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const home = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules");
const { Human } = require(path.join(home, "@vladmandic/human/dist/human.node-wasm.js"));

sharp.concurrency(1);
sharp.cache(false);

// The models are on disk, but this build of Human loads them with fetch(), which does not support file: URLs.
const original_fetch = globalThis.fetch;
globalThis.fetch = async (address, ...more) =>
  String(address).startsWith("file:") ? new Response(await readFile(fileURLToPath(address))) : original_fetch(address, ...more);

const human = new Human({
  backend: "wasm",
  wasmPath: path.join(home, "@tensorflow/tfjs-backend-wasm/dist/"),
  modelBasePath: `file://${home}/@vladmandic/human/models/`,
  debug: false,
  async: true,
  warmup: "none",
  cacheSensitivity: 0, // detect faces in every frame
  filter: { enabled: false },
  gesture: { enabled: false },
  body: { enabled: false },
  hand: { enabled: false },
  object: { enabled: false },
  segmentation: { enabled: false },
  face: {
    enabled: true,
    detector: { rotation: false, maxDetected: 8, minConfidence: 0.5, skipFrames: 0, skipTime: 0 },
    emotion: { enabled: true, minConfidence: 0, skipFrames: 0, skipTime: 0 },
    mesh: { enabled: false },
    attention: { enabled: false },
    iris: { enabled: false },
    description: { enabled: false },
    antispoof: { enabled: false },
    liveness: { enabled: false },
  },
});

const labels = { happy: "happiness", angry: "anger", sad: "sadness" }; // the service's label names

function toJson({ score, box: [x, y, width, height], emotion }) {
  const emotions = Object.fromEntries(emotion.map(({ emotion: label, score }) => [labels[label] ?? label, score]));
  const [dominant] = Object.entries(emotions).sort(([, a], [, b]) => b - a);
  return { confidence: score, box: { x, y, width, height }, emotions, dominant_emotion: dominant?.[0] ?? null };
}

async function analyze(image) {
  const { data, info } = await sharp(image).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const tensor = human.tf.tensor3d(data, [info.height, info.width, 3], "int32");
  try {
    const { face, error } = await human.detect(tensor);
    if (error) throw new Error(error);
    return { resolution: [info.width, info.height], faces: face.map(toJson) };
  } finally {
    human.tf.dispose(tensor);
  }
}

await human.load();
await analyze(await sharp({ create: { width: 640, height: 480, channels: 3, background: "gray" } }).jpeg().toBuffer());
parentPort.on("message", async (image) =>
  parentPort.postMessage(await analyze(image).catch((error) => ({ error: String(error) }))));
parentPort.postMessage("ready");
