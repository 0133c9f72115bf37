// Headless Chromium with a fake webcam that shows the portrait.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";
import { makeImage } from "./images.mjs";
import { documentedServer } from "./snippets.mjs";

/** Starts Chromium. `camera` is "allowed" or "denied". The server address in the documents is mapped to `server`. */
export async function launchBrowser(server, camera = "allowed") {
  const folder = mkdtempSync(path.join(os.tmpdir(), "emostream-e2e-"));
  const webcam = path.join(folder, "webcam.mjpeg");
  writeFileSync(webcam, makeImage("webcam"));
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      ...(process.getuid() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--use-fake-device-for-media-stream",
      `--use-file-for-fake-video-capture=${webcam}`,
      `--use-fake-ui-for-media-stream${camera === "denied" ? "=deny" : ""}`,
      `--host-resolver-rules=MAP ${new URL(documentedServer).host} ${new URL(server.url).host}`,
    ],
  });
  browser.on("disconnected", () => rmSync(folder, { recursive: true, force: true }));
  return browser;
}
