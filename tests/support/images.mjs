// Test images: the portrait, those of make_image.py, and malformed or hostile ones.
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { deflateSync } from "node:zlib";
import { root } from "./server.mjs";

export const portraitFile = path.join(root, "tests/media/portrait.jpg");
export const portrait = readFileSync(portraitFile);

/** The image that tests/support/make_image.py writes for these arguments. */
export function makeImage(...args) {
  const script = path.join(root, "tests/support/make_image.py");
  const { status, stdout, stderr } = spawnSync("/usr/bin/python3", [script, ...args], { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`make_image.py ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Deterministic bytes that are not an image. */
export function noise(size) {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A JPEG with a header for `width` × `height` pixels, but without any. */
export function jpegHeader(width, height) {
  const frame = Buffer.from("ffc00011080000000003012200021101031101", "hex");
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const scan = Buffer.from("ffda000c03010002110311003f00", "hex");
  return Buffer.concat([Buffer.from("ffd8", "hex"), frame, scan, Buffer.from("ffd9", "hex")]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; ++bit) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A PNG signature followed by these chunks. */
function png(...chunks) {
  const framed = chunks.map(([type, data]) => {
    const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const chunk = Buffer.alloc(typed.length + 8);
    chunk.writeUInt32BE(data.length, 0);
    typed.copy(chunk, 4);
    chunk.writeUInt32BE(crc32(typed), typed.length + 4);
    return chunk;
  });
  return Buffer.concat([Buffer.from("89504e470d0a1a0a", "hex"), ...framed]);
}

/** The header chunk of an 8-bit RGB PNG. */
function rgbHeader(width, height) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  return ["IHDR", header];
}

const end = ["IEND", Buffer.alloc(0)];

/** A PNG whose header announces `width` × `height` pixels, but which has only a few. */
export function pngHeader(width, height) {
  return png(rgbHeader(width, height), ["IDAT", deflateSync(Buffer.alloc(1000))], end);
}

/** A black square PNG whose compressed data contain `surplus` bytes after the last row. */
export function pngWithSurplus(side, surplus) {
  return png(rgbHeader(side, side), ["IDAT", deflateSync(Buffer.alloc((1 + 3 * side) * side + surplus))], end);
}

/** A black square PNG of about `bytes` bytes, most of them compressed comments. */
export function pngOfText(side, bytes) {
  // libpng limits the decompressed size of a chunk to 8,000,000 bytes by default.
  const text = ["zTXt", Buffer.concat([Buffer.from("Comment\0\0"), deflateSync(Buffer.alloc(7_900_000, "a"))])];
  const pixels = ["IDAT", deflateSync(Buffer.alloc((1 + 3 * side) * side))];
  const comments = Array(Math.floor(bytes / (text[1].length + 12)) - 1).fill(text);
  return png(rgbHeader(side, side), ...comments, pixels, end);
}
