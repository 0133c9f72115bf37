// A soak: a cast of clients, a server, and what is asked of it. It fails if memory grows, a session sticks, an answer is
// missing, or the server does not end well.
import { setMaxListeners } from "node:events";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { made, portrait } from "../../tests/support/images.mjs";
import { handmade, seconds } from "../../tests/support/jwt.mjs";
import { execute, root, startServer } from "../../tests/support/server.mjs";
import * as clients from "./clients.mjs";
import { hostile } from "./hostile.mjs";
import { Ledger } from "./ledger.mjs";
import { growth, resident, sessionGauges, sockets } from "./watch.mjs";

// How many of whom. Together they send a little more than two cores can process, so that frames are dropped too.
const cast = [
  [clients.steady, 6], [clients.greedy, 1], [clients.upgrading, 2], [clients.polls, 3], [clients.silent, 20],
  [clients.cut_off, 6], [clients.passer_by, 3], [clients.roams, 5], [clients.toggles, 3], [hostile, 4],
];
const silent = cast.find(([behaviour]) => behaviour === clients.silent)[1];

const every = 5_000; // ms between two looks at the server
const ping_interval = 5_000; // ms

/** What is asked of the server, in ms and MB; a sanitizer makes everything some times slower. */
const bounds = (length, sanitized) => ({
  length,
  patience: sanitized ? 40_000 : 10_000, // for an answer
  warm_up: Math.min(60_000, length / 3),
  // Warm, a server that loses nothing stays within a few MB: what varies is how many frames are held at the moment, of up
  // to 0.1 MB as they came and 1 MB as pixels. A KB lost for each of the ten connections a second, or 0.1 KB for each of
  // the hundred frames, would make 12 MB in 20 minutes. The sanitizers' own memory moves more: what was freed is held back
  // (quarantine_size_mb below), and allocations are kept apart.
  most_growth: sanitized ? 48 : 8,
});

export const say = (text) => console.error(`\x1b[1m▸ ${text}\x1b[0m`);
const clock = (ms) => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;

/** Those of these settings that the program knows, as variables of its environment. */
async function settings(wanted) {
  const { stdout } = await execute(["config"]);
  return Object.fromEntries(Object.entries(wanted)
    .filter(([name]) => new RegExp(`^${name.split(".")[1]} *=`, "m").test(stdout))
    .map(([name, value]) => [`EMOSTREAM_${name.replace(".", "_").toUpperCase()}`, String(value)]));
}

/** What the clients know and share. */
function make_world(server, ledger, patience) {
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
async function observe(server, world, { length, warm_up }) {
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
async function expect_held(server, { ledger, patience }, held, sessions, when) {
  const deadline = Date.now() + ping_interval + 2 * patience; // one who never polls misses a ping first
  for (;;) {
    const open = await sockets(server.process.pid);
    const counted = await sessionGauges(server.url);
    if (open === held && counted.every((count) => count === sessions)) return;
    if (Date.now() > deadline)
      return ledger.fail(`${when}, the server holds ${open} sockets instead of ${held}, and counts sessions: ${counted}, not ${sessions}`);
    await sleep(250);
  }
}

/** Lets all of the cast at a server for so many ms; the ledger of what happened. */
export async function soak(length, sanitized) {
  const asked = bounds(length, sanitized);
  const server = await startServer({
    ...(await settings({
      "account.max_connections": 1000, "account.idle_timeout_s": 0, "server.metrics": true,
      "server.ping_interval_ms": ping_interval, "server.ping_timeout_ms": asked.patience, "log.level": "error",
    })),
    ASAN_OPTIONS: "detect_leaks=1:quarantine_size_mb=16",
    LSAN_OPTIONS: `suppressions=${path.join(root, "tests/support/lsan.supp")}:print_suppressions=0`,
    UBSAN_OPTIONS: "print_stacktrace=1:halt_on_error=1",
  });
  process.on("exit", () => server.process.kill("SIGKILL"));
  const ledger = new Ledger();
  const idle = await sockets(server.process.pid);
  const world = make_world(server, ledger, asked.patience);
  const running = cast.flatMap(([behaviour, times]) =>
    Array.from({ length: times }, (_, i) => [behaviour, behaviour(world, `${behaviour.name} ${i + 1}`)]));
  for (const [, run] of running) run.catch((error) => ledger.fail(String(error.stack ?? error)));

  const samples = await observe(server, world, asked);
  say("all but the silent ones leave");
  world.end();
  await Promise.allSettled(running.filter(([behaviour]) => behaviour !== clients.silent).map(([, run]) => run));
  await expect_held(server, world, idle + silent, silent, "with the silent ones alone");

  say("SIGTERM, with frames on their way");
  const last = make_world(server, ledger, asked.patience);
  const filming = Array.from({ length: 3 }, (_, i) => clients.steady(last, `last ${i + 1}`));
  await sleep(1000);
  world.ending = last.ending = true;
  await server.stop().catch((error) => ledger.fail(error.message));
  last.end();
  world.take_leave();
  await Promise.allSettled(filming);

  const grown = growth(samples);
  const from = samples.length ? `${Math.min(...samples).toFixed(0)} to ${Math.max(...samples).toFixed(0)} MB once warm` : "";
  say(`memory: ${from}, ${grown >= 0 ? "+" : ""}${grown.toFixed(1)} MB from the first third to the last, ${asked.most_growth} at most`);
  if (!(grown <= asked.most_growth)) ledger.fail(`memory grew by ${grown.toFixed(1)} MB`);
  if (/Sanitizer|runtime error/.test(server.log)) ledger.fail(`a sanitizer found something:\n${server.log.slice(0, 5000)}`);
  if (ledger.of("results") === 0) ledger.fail("no frame was processed");
  say(`in all: ${ledger}`);
  return ledger;
}
