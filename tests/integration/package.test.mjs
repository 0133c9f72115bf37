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
before(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "emostream-install-"));
  await cmake("--install", build, "--prefix", path.join(folder, "prefix"));
});
after(() => rm(folder, { recursive: true }));

for (const compiler of ["c++", "clang++-16"])
  test(`an echo server built with ${compiler} and the installed library answers`, async (t) => {
    const example = path.join(folder, compiler); // outside the source tree, so that the tree's headers are not found
    await cp(path.join(root, "examples/echo"), example, { recursive: true });
    const options = [`-DCMAKE_PREFIX_PATH=${path.join(folder, "prefix")}`, `-DCMAKE_CXX_COMPILER=${compiler}`];
    await cmake("-S", example, "-B", path.join(example, "build"), "-G", "Ninja", ...options);
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
