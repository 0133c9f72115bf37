// Pictures: the portrait in every format, and such as no server should swallow.
import { spawnSync } from "node:child_process";
import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { deflateSync } from "node:zlib";
import { root } from "./server.mjs";

export const portraitFile = path.join(root, "tests/media/portrait.jpg");
export const portrait = readFileSync(portraitFile);

/** What tests/support/pictures.py writes for these arguments. */
export function made(...args) {
  const script = path.join(root, "tests/support/pictures.py");
  const { status, stdout, stderr } = spawnSync("/usr/bin/python3", [script, ...args], { maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`pictures.py ${args.join(" ")}: ${stderr}`);
  return stdout;
}

/** Bytes that are no picture, the same each time. */
export function noise(size) {
  return createCipheriv("aes-128-ctr", Buffer.alloc(16), Buffer.alloc(16)).update(Buffer.alloc(size));
}

/** A JPEG whose header promises so many pixels, and which ends where they should begin. */
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

/** A PNG whose header promises so many pixels, and which has a few only. */
export function pngHeader(width, height) {
  const chunk = (type, data) => {
    const typed = Buffer.concat([Buffer.from(type, "latin1"), data]);
    const framed = Buffer.alloc(typed.length + 8);
    framed.writeUInt32BE(data.length, 0);
    typed.copy(framed, 4);
    framed.writeUInt32BE(crc32(typed), typed.length + 4);
    return framed;
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from("89504e470d0a1a0a", "hex");
  const pixels = chunk("IDAT", deflateSync(Buffer.alloc(1000)));
  return Buffer.concat([signature, chunk("IHDR", header), pixels, chunk("IEND", Buffer.alloc(0))]);
}
