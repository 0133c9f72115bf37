// Clients of all kinds against a real server, for long: ./bench.sh soak. Ends with 1 and says why if memory grows, a
// session sticks, an answer is missing, or the server does not end well.
import { spawnSync } from "node:child_process";
import { setMaxListeners } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import * as clients from "./clients.mjs";
import { hostile } from "./hostile.mjs";
import { Ledger } from "./ledger.mjs";
import { growth, resident, sessionGauges, sockets } from "./watch.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));
const { values: options } = parseArgs({
  options: { minutes: { type: "string", default: "20" }, preset: { type: "string", default: "release" } },
});
const length = Number(options.minutes) * 60_000;
const sanitized = /san/.test(options.preset);
if (!(length > 0) || !/^[\w-]+$/.test(options.preset)) {
  console.error("usage: ./bench.sh soak [--minutes 20] [--preset release|dev|asan-ubsan|tsan]");
  process.exit(2);
}

// How many of whom. Together they send a little more than two cores can process, so that frames are dropped too.
const cast = [
  [clients.steady, 6], [clients.greedy, 1], [clients.upgrading, 2], [clients.polls, 3], [clients.silent, 20],
  [clients.cut_off, 6], [clients.passer_by, 3], [clients.roams, 5], [clients.toggles, 3], [hostile, 4],
];
const silent = cast.find(([behaviour]) => behaviour === clients.silent)[1];

// For an answer. A sanitizer makes everything some times slower.
const patience = sanitized ? 40_000 : 10_000;
const every = 5_000; // between two looks at the server
const warm_up = Math.min(60_000, length / 3);
// MB. Warm, a server that loses nothing stays within a few: what varies is how many frames are held at the moment, of
// up to 0.1 MB as they came and 1 MB as pixels. A KB lost for each of the ten connections a second, or 0.1 KB for each
// of the hundred frames, would make 12 MB in 20 minutes. The sanitizers' own memory moves more: what was freed is held
// back (quarantine_size_mb below), and allocations are kept apart.
const most_growth = sanitized ? 48 : 8;

const say = (text) => console.error(`\x1b[1m▸ ${text}\x1b[0m`);
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

function build() {
  const { status } = spawnSync("packaging/build.sh", [options.preset, "emostream"], { cwd: root, stdio: ["ignore", 2, 2] });
  if (status !== 0) process.exit(1);
  process.env.EMOSTREAM_BINARY = path.join(root, "build", options.preset, "emostream"); // tests/support/server.mjs looks there
}

/** Those of these settings that the program knows, as variables of its environment. */
async function settings(execute, wanted) {
  const { stdout } = await execute(["config"]);
  return Object.fromEntries(Object.entries(wanted)
    .filter(([name]) => new RegExp(`^${name.split(".")[1]} *=`, "m").test(stdout))
    .map(([name, value]) => [`EMOSTREAM_${name.replace(".", "_").toUpperCase()}`, String(value)]));
}

/** What the clients know and share. */
function make_world(server, ledger, { handmade, seconds }, { portrait, made }) {
  const pictures = [portrait, made("portrait", "JPEG", "480"), made("portrait", "WEBP", "320"), made("portrait", "PNG", "200")];
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  const world = {
    url: server.url,
    secret: server.secret,
    ledger,
    patience,
    ending: false, // the server may close connections now
    is_over: false,
    end: () => {
      world.is_over = true;
      abort.abort();
    },
    over: new Promise((resolve) => abort.signal.addEventListener("abort", resolve)),
    random: (below) => Math.random() * below,
    one_of: (list) => list[Math.floor(Math.random() * list.length)],
    picture: () => world.one_of(pictures),
    token: (account) => handmade(server.secret, { sub: account, exp: seconds() + 86_400 }),
    /** Ends early when all is over. */
    pause: (ms) => sleep(ms, undefined, { signal: abort.signal }).catch(() => {}),
  };
  world.leave_taking = new Promise((resolve) => (world.take_leave = resolve));
  return world;
}

/** Looks at the server until the time is over; MB of memory, one each look since it was warm. */
async function observe(server, world) {
  const samples = [];
  const begin = Date.now();
  for (let now = 0; now < length; ) {
    await sleep(Math.min(every, length - now));
    now = Date.now() - begin;
    const { pid, exitCode, signalCode } = server.process;
    if (exitCode !== null || signalCode !== null) throw new Error(`the server ended with ${exitCode ?? signalCode}`);
    const mb = await resident(pid);
    if (now >= warm_up) samples.push(mb);
    const { ledger } = world;
    say(`${clock(now)} of ${clock(length)}: ${mb.toFixed(1)} MB, ${await sockets(pid)} sockets, ${ledger.failed} failures; ${ledger}`);
  }
  return samples;
}

/** Fails unless the server comes to hold so many sockets, and counts so many sessions where it does. */
async function expect_held(server, ledger, held, sessions, when) {
  const deadline = Date.now() + patience;
  for (;;) {
    const open = await sockets(server.process.pid);
    const counted = await sessionGauges(server.url);
    if (open === held && counted.every((count) => count === sessions)) return;
    if (Date.now() > deadline)
      return ledger.fail(`${when}, the server holds ${open} sockets instead of ${held}, and counts sessions: ${counted}, not ${sessions}`);
    await sleep(250);
  }
}

async function soak() {
  build();
  const { execute, startServer } = await import("../../tests/support/server.mjs");
  const jwt = await import("../../tests/support/jwt.mjs");
  const images = await import("../../tests/support/images.mjs");
  const server = await startServer({
    ...(await settings(execute, {
      "account.max_connections": 1000, "account.idle_timeout_s": 0,
      "server.ping_interval_ms": 5000, "server.ping_timeout_ms": patience, "log.level": "warn",
    })),
    ASAN_OPTIONS: "detect_leaks=1:quarantine_size_mb=16",
    LSAN_OPTIONS: `suppressions=${path.join(root, "tests/support/lsan.supp")}:print_suppressions=0`,
    UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  });
  process.on("exit", () => server.process.kill("SIGKILL"));
  const ledger = new Ledger();
  const idle = await sockets(server.process.pid);
  const world = make_world(server, ledger, jwt, images);
  const running = cast.flatMap(([behaviour, times]) =>
    Array.from({ length: times }, (_, i) => [behaviour, behaviour(world, `${behaviour.name} ${i + 1}`)]));
  for (const [, run] of running) run.catch((error) => ledger.fail(String(error.stack ?? error)));

  const samples = await observe(server, world);
  say("all but the silent ones leave");
  world.end();
  await Promise.allSettled(running.filter(([behaviour]) => behaviour !== clients.silent).map(([, run]) => run));
  await expect_held(server, ledger, idle + silent, silent, "with the silent ones alone");

  say("SIGTERM, with frames on their way");
  const last = make_world(server, ledger, jwt, images);
  const filming = Array.from({ length: 3 }, (_, i) => clients.steady(last, `last ${i + 1}`));
  await sleep(1000);
  world.ending = last.ending = true;
  await server.stop().catch((error) => ledger.fail(error.message));
  last.end();
  world.take_leave();
  await Promise.allSettled(filming);

  const grown = growth(samples);
  const from = samples.length ? `${Math.min(...samples).toFixed(0)} to ${Math.max(...samples).toFixed(0)} MB once warm` : "";
  say(`memory: ${from}, ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB from the first third to the last, ${most_growth} at most`);
  if (!(grown <= most_growth)) ledger.fail(`memory grew by ${grown.toFixed(1)} MB`);
  if (/Sanitizer|runtime error/.test(server.log)) ledger.fail(`a sanitizer found something:\n${server.log.slice(0, 5000)}`);
  if (ledger.of("results") === 0) ledger.fail("no frame was processed");
  say(`in all: ${ledger}`);
  return ledger;
}

const watchdog = setTimeout(() => {
  say("failed: it did not come to an end");
  process.exit(1);
}, length + 900_000); // a build from nothing included
try {
  const ledger = await soak();
  for (const why of ledger.failures) say(`failed: ${why}`);
  say(ledger.failed ? `${ledger.failed} failures` : "nothing failed");
  process.exitCode = ledger.failed ? 1 : 0;
} catch (error) {
  say(`failed: ${error.stack}`);
  process.exitCode = 1;
}
clearTimeout(watchdog);
process.exit();
