// ./bench.sh soak: builds the server, runs the soak test of soak.mjs, and exits with status 1 if something failed.
import { spawnSync } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "20" }, preset: { type: "string", default: "release" } },
});
const length = Number(options.minutes) * 60_000;
if (!(length > 0) || !/^[\w-]+$/.test(options.preset)) {
  console.error("usage: ./bench.sh soak [--minutes 20] [--preset release|dev|asan-ubsan|tsan]");
  process.exit(2);
}

const { status } = spawnSync("packaging/build.sh", [options.preset, "emostream"], { cwd: root, stdio: ["ignore", 2, 2] });
if (status !== 0) process.exit(1);
// tests/support/server.mjs reads this variable when it is loaded.
process.env.EMOSTREAM_BINARY = path.join(root, "build", options.preset, "emostream");
const { log, soak } = await import("./soak.mjs");

const watchdog = setTimeout(() => {
  log("failed: the test did not finish in time");
  process.exit(1);
}, length + 300_000);
try {
  const { failures, failed } = await soak(length, /san/.test(options.preset));
  for (const message of failures) log(`failed: ${message}`);
  log(failed ? `${failed} failures` : "no failures");
  process.exitCode = failed ? 1 : 0;
} catch (error) {
  log(`failed: ${error.stack}`);
  process.exitCode = 1;
}
clearTimeout(watchdog);
process.exit();
