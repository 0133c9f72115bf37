// Human's expressions in image files, with Human's own defaults for detection. See ../expressions.mjs.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const home = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules");
const { Human } = require(path.join(home, "@vladmandic/human/dist/human.node-wasm.js"));

// The models are on disk, but this build of Human loads them with fetch(), which does not support file: URLs.
const original_fetch = globalThis.fetch;
globalThis.fetch = async (address, ...more) =>
  String(address).startsWith("file:") ? new Response(await readFile(fileURLToPath(address))) : original_fetch(address, ...more);

const human = new Human({
  backend: "wasm",
  wasmPath: path.join(home, "@tensorflow/tfjs-backend-wasm/dist/"),
  modelBasePath: `file://${home}/@vladmandic/human/models/`,
  debug: false,
  warmup: "none",
  cacheSensitivity: 0, // detect faces in every image
  filter: { enabled: false },
  gesture: { enabled: false },
  body: { enabled: false },
  hand: { enabled: false },
  face: {
    detector: { skipFrames: 0, skipTime: 0 },
    emotion: { minConfidence: 0, skipFrames: 0, skipTime: 0 },
    iris: { enabled: false },
    description: { enabled: false },
  },
});
await human.load();
const { tf } = human;

async function read(file) {
  const { data, info } = await sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, 3], "int32");
}

/** Probabilities by label of the face in the picture; null if there is none. Human reports one face by default. */
export async function analyze(file) {
  const pixels = await read(file);
  const { face, error } = await human.detect(pixels);
  pixels.dispose();
  if (error) throw new Error(error);
  return face.length > 0 ? Object.fromEntries(face[0].emotion.map(({ emotion, score }) => [emotion, score])) : null;
}

const labels = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"];

/** Probabilities by label of a cropped face: gray levels from -1 to 1 at the size of the network, as Human feeds it. */
export async function classify(file) {
  const pixels = await read(file);
  const network = human.models.models.emotion;
  const scores = tf.tidy(() => {
    const [, height, width] = network.inputs[0].shape;
    const gray = tf.sum(tf.mul(pixels, [0.2989, 0.587, 0.114]), 2, true);
    return network.execute(tf.expandDims(tf.sub(tf.div(tf.image.resizeBilinear(gray, [height, width]), 127.5), 1), 0));
  });
  const values = await scores.data();
  tf.dispose([pixels, scores]);
  return Object.fromEntries(labels.map((label, i) => [label, values[i]]));
}
