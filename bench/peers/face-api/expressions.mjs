// face-api's expressions in image files, with its own defaults. See ../expressions.mjs.
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import sharp from "sharp";

const require = createRequire(import.meta.url);
const home = path.join(path.dirname(fileURLToPath(import.meta.url)), "node_modules");
const tf = require("@tensorflow/tfjs");
const { setWasmPaths } = require("@tensorflow/tfjs-backend-wasm");
const faceapi = require("@vladmandic/face-api/dist/face-api.node-wasm.js");

setWasmPaths(path.join(home, "@tensorflow/tfjs-backend-wasm/dist/"));
await tf.setBackend("wasm");
await tf.ready();
for (const network of [faceapi.nets.ssdMobilenetv1, faceapi.nets.faceLandmark68Net, faceapi.nets.faceExpressionNet])
  await network.loadFromDisk(path.join(home, "@vladmandic/face-api/model"));

async function read(file) {
  const { data, info } = await sharp(file).removeAlpha().toColourspace("srgb").raw().toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, 3], "int32");
}

/** Probabilities by label of the largest face in the picture; null if there is none. */
export async function analyze(file) {
  const pixels = await read(file);
  const faces = await faceapi.detectAllFaces(pixels).withFaceLandmarks().withFaceExpressions();
  pixels.dispose();
  faces.sort((a, b) => b.detection.box.area - a.detection.box.area);
  return faces.length > 0 ? { ...faces[0].expressions } : null;
}

/** Probabilities by label of a cropped face. */
export async function classify(file) {
  const pixels = await read(file);
  const expressions = await faceapi.nets.faceExpressionNet.predictExpressions(pixels);
  pixels.dispose();
  return { ...expressions };
}
