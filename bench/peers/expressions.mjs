// Prints the expressions that a peer finds in images: for each file named on standard input one line of JSON, the
// probabilities by label, or null if the peer finds no face. With `crop` each image is a face, and only the peer's
// classifier runs. training/peers.py uses it.
// usage: node expressions.mjs human|face-api picture|crop
import { createInterface } from "node:readline";

const [peer, kind] = process.argv.slice(2);
const { analyze, classify } = await import(`./${peer}/expressions.mjs`);
const read = kind === "crop" ? classify : analyze;

const labels = {
  happy: "happiness", angry: "anger", sad: "sadness", // both peers
  surprised: "surprise", disgusted: "disgust", fearful: "fear", // face-api
};

for await (const file of createInterface({ input: process.stdin })) {
  const scores = await read(file);
  console.log(JSON.stringify(
    scores && Object.fromEntries(Object.entries(scores).map(([label, score]) => [labels[label] ?? label, score]))));
}
