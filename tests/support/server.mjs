// Starts servers, by default on free ports, stops them with SIGTERM, and runs the program's other commands.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = process.env.EMOSTREAM_BINARY ?? path.join(root, "build/release/emostream");

// The environment without the EMOSTREAM_ variables that configure the tests, which the server would read as settings.
const inherited = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("EMOSTREAM_")));

class Server {
  constructor(process, env) {
    this.process = process;
    this.env = env;
    this.secret = env.EMOSTREAM_JWT_SECRET;
    this.log = "";
    process.stderr.on("data", (text) => (this.log += text));
    this.exited = once(process, "exit");
  }

  async ready() {
    const lines = createInterface({ input: this.process.stdout });
    const deadline = AbortSignal.timeout(30_000);
    const earlyExit = this.exited.then(([code]) => {
      throw new Error(`${binary} ended with ${code} before it was ready:\n${this.log}`);
    });
    earlyExit.catch(() => {}); // after ready(), an exit is not an error
    for (;;) {
      const [line] = await Promise.race([once(lines, "line", { signal: deadline }), earlyExit]);
      const address = /^ready (https?:\/\/\S+)$/.exec(line)?.[1];
      if (!address) continue;
      this.url = address;
      return this;
    }
  }

  /** A token printed by `emostream token`. */
  async token(account, ...more) {
    const { stdout } = await promisify(execFile)(binary, ["token", "--sub", account, ...more], { env: this.env, cwd: root });
    return stdout.trim();
  }

  /** Sends SIGTERM and asserts exit status 0. */
  async stop() {
    this.process.kill("SIGTERM");
    const killer = setTimeout(() => this.process.kill("SIGKILL"), 20_000);
    const [code, signal] = await this.exited;
    clearTimeout(killer);
    assert.deepEqual({ code, signal }, { code: 0, signal: null }, `the server did not exit cleanly:\n${this.log}`);
  }
}

/** Runs the program; returns its exit status and output. */
export async function execute(args, settings = {}) {
  const done = promisify(execFile)(binary, args, { env: { ...inherited, ...settings }, cwd: root, timeout: 20_000 });
  return done.then((output) => ({ code: 0, ...output }), ({ code, stdout, stderr }) => ({ code, stdout, stderr }));
}

/** Starts tests/support/library_server.cpp with these arguments. */
export async function startLibraryServer(...args) {
  const program = process.env.EMOSTREAM_LIBRARY_SERVER ?? path.join(root, "build/release/tests/integration/library_server");
  return new Server(spawn(program, args, { env: inherited, cwd: root }), inherited).ready();
}

/**
 * Starts `emostream serve` on 127.0.0.1. `settings` are environment variables such as EMOSTREAM_FRAMES_RATE, `args` are
 * further arguments, and `limits` are options of the shell's ulimit.
 */
export async function startServer(settings = {}, args = ["--port", "0"], limits = "") {
  const env = { ...inherited, EMOSTREAM_JWT_SECRET: randomBytes(32).toString("hex"), ...settings };
  const command = [binary, "serve", "--host", "127.0.0.1", ...args];
  const limited = limits ? ["sh", "-c", `ulimit ${limits} && exec "$0" "$@"`, ...command] : command;
  const child = spawn(limited[0], limited.slice(1), { env, cwd: root });
  return new Server(child, env).ready();
}
