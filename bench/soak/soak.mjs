// The soak test: a server and many clients of different behaviours. It fails if memory grows, a session is not closed, an
// answer is missing, or the server does not shut down cleanly.
import { setMaxListeners } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { makeImage, portrait } from "../../tests/support/images.mjs";
import { signToken, seconds } from "../../tests/support/jwt.mjs";
import { execute, root, startServer } from "../../tests/support/server.mjs";
import * as behaviours from "./behaviours.mjs";
import { hostile } from "./hostile.mjs";
import { Ledger } from "./ledger.mjs";
import { growth, resident, sessionGauges, sockets } from "./resources.mjs";

// Number of clients by behaviour. Together they send a little more than two cores can process, so that frames are dropped.
const population = [
  [behaviours.steady, 6], [behaviours.greedy, 1], [behaviours.upgrading, 2], [behaviours.polls, 3], [behaviours.idle, 20],
  [behaviours.loses_connection, 6], [behaviours.reconnects, 3], [behaviours.changes_rooms, 5], [behaviours.toggles, 3], [hostile, 4],
];
const idle_clients = population.find(([behaviour]) => behaviour === behaviours.idle)[1];

const sample_interval = 5_000; // ms
const ping_interval = 5_000; // ms

/** Durations in ms and limits in MB; sanitizers make the server several times slower. */
const limits_for = (length, sanitized) => ({
  length,
  timeout: sanitized ? 40_000 : 10_000, // for an answer
  warm_up: Math.min(60_000, length / 3),
  // After the warm-up, the memory of a server without leaks varies by a few MB with the number of frames in flight (up to
  // 0.1 MB encoded and 1 MB decoded each). A leak of 2 KB for each of ten connections per second, or of 0.2 KB for each
  // of a hundred frames per second, would add 24 MB in 20 minutes, 15 MB of it as growth() measures. Sanitizers need more:
  // they delay the reuse of freed memory (quarantine_size_mb below) and pad allocations.
  max_growth: sanitized ? 48 : 8,
});

export const log = (text) => console.error(`\x1b[1m▸ ${text}\x1b[0m`);
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

/** Those of the settings that this version of the server has, as environment variables. */
async function settings(wanted) {
  const { stdout } = await execute(["config"]);
  return Object.fromEntries(Object.entries(wanted)
    .filter(([name]) => new RegExp(`^${name.split(".")[1]} *=`, "m").test(stdout))
    .map(([name, value]) => [`EMOSTREAM_${name.replace(".", "_").toUpperCase()}`, String(value)]));
}

/** The state that all clients share. */
function make_world(server, ledger, timeout) {
  const pictures = [portrait, makeImage("portrait", "JPEG", "480"), makeImage("portrait", "WEBP", "320"), makeImage("portrait", "PNG", "200")];
  const abort = new AbortController();
  setMaxListeners(0, abort.signal);
  const world = {
    url: server.url,
    secret: server.secret,
    ledger,
    timeout,
    ending: false, // once true, the server may close connections
    ended: false,
    end: () => {
      world.ended = true;
      abort.abort();
    },
    over: new Promise((resolve) => abort.signal.addEventListener("abort", resolve)),
    random: (below) => Math.random() * below,
    one_of: (list) => list[Math.floor(Math.random() * list.length)],
    picture: () => world.one_of(pictures),
    token: (account) => signToken(server.secret, { sub: account, exp: seconds() + 86_400 }),
    /** Sleeps, but not beyond the end of the test. */
    pause: (ms) => sleep(ms, undefined, { signal: abort.signal }).catch(() => {}),
  };
  world.idle_released = new Promise((resolve) => (world.release_idle = resolve));
  return world;
}

/** Watches the server until the time is over; returns samples of its memory in MB, taken after the warm-up. */
async function observe(server, world, { length, warm_up }) {
  const samples = [];
  const begin = Date.now();
  for (let now = 0; now < length; ) {
    await sleep(Math.min(sample_interval, length - now));
    now = Date.now() - begin;
    const { pid, exitCode, signalCode } = server.process;
    if (exitCode !== null || signalCode !== null) throw new Error(`the server exited with ${exitCode ?? signalCode}`);
    const mb = await resident(pid);
    if (now >= warm_up) samples.push(mb);
    const { ledger } = world;
    log(`${clock(now)} of ${clock(length)}: ${mb.toFixed(1)} MB, ${await sockets(pid)} sockets, ${ledger.failed} failures; ${ledger}`);
  }
  return samples;
}

/** Waits until the server has `wanted` open sockets and reports `sessions` sessions; records a failure after a timeout. */
async function expect_open(server, { ledger, timeout }, wanted, sessions, when) {
  const deadline = Date.now() + ping_interval + 2 * timeout; // a client that stops polling times out first
  for (;;) {
    const open = await sockets(server.process.pid);
    const counted = await sessionGauges(server.url);
    if (open === wanted && counted.every((count) => count === sessions)) return;
    if (Date.now() > deadline)
      return ledger.fail(`${when}, the server has ${open} open sockets instead of ${wanted}, and reports ${counted} sessions instead of ${sessions}`);
    await sleep(250);
  }
}

/** Runs all clients against a server for `length` ms; returns the ledger. */
export async function soak(length, sanitized) {
  const limits = limits_for(length, sanitized);
  const server = await startServer({
    ...(await settings({
      "account.max_connections": 1000, "account.idle_timeout_s": 0, "server.metrics": true,
      "server.ping_interval_ms": ping_interval, "server.ping_timeout_ms": limits.timeout, "log.level": "error",
    })),
    ASAN_OPTIONS: "detect_leaks=1:quarantine_size_mb=16",
    LSAN_OPTIONS: `suppressions=${path.join(root, "tests/support/lsan.supp")}:print_suppressions=0`,
    UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  });
  process.on("exit", () => server.process.kill("SIGKILL"));
  const ledger = new Ledger();
  const listening = await sockets(server.process.pid);
  const world = make_world(server, ledger, limits.timeout);
  const running = population.flatMap(([behaviour, times]) =>
    Array.from({ length: times }, (_, i) => [behaviour, behaviour(world, `${behaviour.name} ${i + 1}`)]));
  for (const [, run] of running) run.catch((error) => ledger.fail(String(error.stack ?? error)));

  const samples = await observe(server, world, limits);
  log("all clients except the idle ones leave");
  world.end();
  await Promise.allSettled(running.filter(([behaviour]) => behaviour !== behaviours.idle).map(([, run]) => run));
  await expect_open(server, world, listening + idle_clients, idle_clients, "with only the idle clients left");

  log("SIGTERM, with frames in flight");
  const last = make_world(server, ledger, limits.timeout);
  const sending = Array.from({ length: 3 }, (_, i) => behaviours.steady(last, `last ${i + 1}`));
  await sleep(1000);
  world.ending = last.ending = true;
  await server.stop().catch((error) => ledger.fail(error.message));
  last.end();
  world.release_idle();
  await Promise.allSettled(sending);

  const grown = growth(samples);
  const from = samples.length ? `${Math.min(...samples).toFixed(0)} to ${Math.max(...samples).toFixed(0)} MB after the warm-up` : "";
  log(`memory: ${from}, ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB from the first third to the last, limit ${limits.max_growth}`);
  if (!(grown <= limits.max_growth)) ledger.fail(`memory grew by ${grown.toFixed(1)} MB`);
  if (/Sanitizer|runtime error/.test(server.log)) ledger.fail(`a sanitizer reported an error:\n${server.log.slice(0, 5000)}`);
  if (ledger.of("results") === 0) ledger.fail("no frame was processed");
  log(`total: ${ledger}`);
  return ledger;
}
