// The library as another project uses it: `cmake --install`, find_package(emostream), and the echo example.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";
import { root } from "../support/server.mjs";

const build = path.dirname(process.env.EMOSTREAM_BINARY ?? path.join(root, "build/release/emostream"));
const cmake = (...args) => promisify(execFile)("cmake", args, { timeout: 120_000 });

let folder;
before(async () => (folder = await mkdtemp(path.join(tmpdir(), "emostream-install-"))));
after(() => rm(folder, { recursive: true }));

test("a project finds the installed library, builds the echo server with it, and the server answers", async (t) => {
  const prefix = path.join(folder, "prefix");
  const example = path.join(folder, "echo"); // outside the source tree, so that the tree's headers are not found
  await cmake("--install", build, "--prefix", prefix);
  await cp(path.join(root, "examples/echo"), example, { recursive: true });
  await cmake("-S", example, "-B", path.join(example, "build"), "-G", "Ninja", `-DCMAKE_PREFIX_PATH=${prefix}`);
  await cmake("--build", path.join(example, "build"));

  const server = spawn(path.join(example, "build/echo"), ["0"], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(server, "exit");
  t.after(() => server.kill("SIGKILL"));
  const [url] = await once(createInterface({ input: server.stdout }), "line", { signal: AbortSignal.timeout(10_000) });

  const socket = io(url);
  t.after(() => socket.disconnect());
  const sent = { text: "hello", bytes: Buffer.from([1, 2, 3]) };
  assert.deepEqual(await socket.timeout(10_000).emitWithAck("echo", sent), sent);
  socket.disconnect();
  server.kill("SIGTERM");
  assert.deepEqual(await exited, [0, null]);
});
