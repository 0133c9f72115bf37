// What operators see of clients, limits and rejections: /metrics and the log.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { signToken, seconds } from "../support/jwt.mjs";
import { read, until } from "../support/metrics.mjs";
import { startClient } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const metrics = { EMOSTREAM_SERVER_METRICS: "true" };
// Few connections, so that no machine logs a warning about its limit of open files.
const fewConnections = { EMOSTREAM_SERVER_MAX_CONNECTIONS: "100" };
const token = (server, sub) => signToken(server.secret, { sub, exp: seconds() + 600 });

async function connect(t, server, account) {
  const peer = startClient(t, server, { token: token(server, account), transports: ["websocket"] });
  await peer.next("connect");
  return peer;
}

describe("metrics", { timeout: 60_000 }, () => {
  test("count the events of a client", async (t) => {
    const server = await startServer({ ...metrics, EMOSTREAM_FRAMES_BURST: "10" });
    t.after(() => server.stop());
    const peer = await connect(t, server, "ann");
    assert.equal((await peer.frame(0, portrait)).reason, "not_started");
    await peer.start();
    for (let i = 1; i <= 3; ++i) assert.equal((await peer.frame(i, portrait)).ok, true);
    await peer.ask("video_frame", { frame_id: 4 });
    const rejected = startClient(t, server, { token: "no token" });
    await rejected.next("connect_error");

    const samples = await until(server, (s) => s.get("emostream_frames_in_flight_bytes") === 0);
    const expected = {
      emostream_ready: 1,
      emostream_sessions: 1,
      emostream_sessions_processing: 1,
      emostream_accounts: 1,
      emostream_advised_fps: 10,
      emostream_frames_received_total: 5,
      emostream_frames_received_bytes_total: 3 * portrait.length,
      emostream_frames_processed_total: 3,
      emostream_results_total: 3,
      'emostream_frames_failed_total{reason="no_image_data"}': 1,
      'emostream_frames_dropped_total{reason="not_started"}': 1,
      'emostream_frames_dropped_total{reason="stale"}': 0,
      'emostream_sessions_refused_total{reason="auth_failed"}': 1,
      'emostream_errors_total{reason="not_started"}': 1,
      'emostream_frame_stage_seconds_count{stage="detect"}': 3,
      'emostream_frame_stage_seconds_bucket{stage="queue",le="+Inf"}': 3,
      emostream_frame_latency_seconds_count: 3,
    };
    for (const [name, value] of Object.entries(expected)) assert.equal(samples.get(name), value, name);
    assert.ok(samples.get("emostream_workers_busy_seconds_total") > 0);
    assert.ok(samples.get("process_resident_memory_bytes") > 1e6);
    assert.ok(samples.get("process_start_time_seconds") <= seconds() + 1);
    assert.ok([...samples.keys()].some((key) => /^emostream_build_info\{version="\d/.test(key)));
    assert.ok(![...samples.keys()].some((key) => key.includes("ann")), "a label contains an account");

    peer.socket.disconnect();
    await until(server, (s) => s.get("emostream_sessions") === 0 && s.get("emostream_accounts") === 0);
  });

  test("report a connection limit that fits the limit of open files", async (t) => {
    const settings = { ...metrics, EMOSTREAM_SERVER_MAX_CONNECTIONS: "50" };
    const raised = await startServer(settings, undefined, "-S -n 40");
    t.after(() => raised.stop());
    const [sufficient, tight] = [await read(raised), await startServer(settings, undefined, "-n 320")];
    t.after(() => tight.stop());
    assert.equal(sufficient.get("process_max_fds"), 350);
    assert.equal(sufficient.get("emostream_connections_limit"), 50);
    assert.equal((await read(tight)).get("emostream_connections_limit"), 20);
    assert.match(tight.log, /fewer connections than server.max_connections/);
    assert.doesNotMatch(raised.log, /fewer connections/);
  });

  test("are not served by default", async (t) => {
    const server = await startServer();
    t.after(() => server.stop());
    assert.equal((await fetch(`${server.url}/metrics`)).status, 404);
  });

  test("require the bearer token where one is configured", async (t) => {
    const server = await startServer({ ...metrics, EMOSTREAM_SERVER_METRICS_TOKEN: "s3cret" });
    t.after(() => server.stop());
    for (const authorization of [undefined, "Bearer other", "s3cret"]) {
      const answer = await fetch(`${server.url}/metrics`, { headers: authorization ? { authorization } : {} });
      assert.equal(answer.status, 401);
      assert.equal(answer.headers.get("www-authenticate"), "Bearer");
      assert.doesNotMatch(await answer.text(), /emostream_/);
    }
    await read(server, { authorization: "Bearer s3cret" });
  });
});

describe("limits", { timeout: 60_000 }, () => {
  test("the rate of an account applies to all its connections together", async (t) => {
    const server = await startServer({ ...metrics, EMOSTREAM_ACCOUNT_RATE: "0.1", EMOSTREAM_ACCOUNT_BURST: "2" });
    t.after(() => server.stop());
    const peers = [await connect(t, server, "greedy"), await connect(t, server, "greedy")];
    for (const peer of peers) {
      await peer.start();
      assert.equal((await peer.frame(1, portrait)).ok, true);
    }
    for (const peer of peers) {
      const { ok, dropped, reason } = await peer.frame(2, portrait);
      assert.deepEqual({ ok, dropped, reason }, { ok: false, dropped: true, reason: "rate_limited" });
      const error = await peer.next("error_message");
      assert.equal(error.code, 429);
      assert.match(error.message, /for this account/);
    }
    const other = await connect(t, server, "modest");
    await other.start();
    assert.equal((await other.frame(1, portrait)).ok, true);
    const samples = await read(server);
    assert.equal(samples.get('emostream_frames_dropped_total{reason="rate_limited"}'), 2);
    assert.equal(samples.get('emostream_account_refusals_total{limit="rate"}'), 2);
  });

  test("frames over the memory budget are counted as overloaded, and the budget is released", async (t) => {
    const bytes = { EMOSTREAM_FRAMES_MAX_BYTES: "200000", EMOSTREAM_SERVER_MAX_PAYLOAD_BYTES: "300000" };
    const server = await startServer({
      ...metrics,
      ...bytes,
      EMOSTREAM_FRAMES_MAX_BYTES_IN_FLIGHT: "300000",
      EMOSTREAM_HTTP_MAX_IMAGE_BYTES: "200000",
      EMOSTREAM_VISION_WORKERS: "1",
    });
    t.after(() => server.stop());
    const image = Buffer.concat([portrait, Buffer.alloc(200_000 - portrait.length)]); // decoders ignore data after the image
    const peers = await Promise.all([..."abcdefgh"].map((account) => connect(t, server, account)));
    await Promise.all(peers.map((peer) => peer.start()));
    const acks = await Promise.all(peers.flatMap((peer) => [1, 2].map((id) => peer.frame(id, image))));
    const count = (reason) => acks.filter((ack) => ack.reason === reason).length;
    const answered = acks.filter((ack) => ack.ok || ["overloaded", "replaced", "stale"].includes(ack.reason));
    assert.equal(answered.length, 16, JSON.stringify(acks));
    assert.ok(acks.some((ack) => ack.ok));
    const samples = await until(server, (s) => s.get("emostream_frames_in_flight_bytes") === 0);
    assert.equal(samples.get('emostream_frames_dropped_total{reason="overloaded"}'), count("overloaded"));
    assert.equal(samples.get("emostream_frames_in_flight_limit_bytes"), 300_000);
    assert.equal((await peers[0].frame(3, image)).ok, true);
  });

  test("an idle client is notified and disconnected", async (t) => {
    const server = await startServer({ ...metrics, EMOSTREAM_ACCOUNT_IDLE_TIMEOUT_S: "1" });
    t.after(() => server.stop());
    const peer = await connect(t, server, "sleepy");
    const error = await peer.next("error_message");
    assert.deepEqual([error.code, error.reason], [408, "idle"]);
    assert.equal(await peer.next("disconnect"), "io server disconnect");
    assert.equal((await read(server)).get("emostream_sessions_idle_closed_total"), 1);
  });
});

describe("logs", { timeout: 60_000 }, () => {
  const hostile = 'eve"}\n{"level":"error"}\r\u001b[2J\u009b\u2028\\';

  test("each line is a JSON object with fields, even with hostile account names", async (t) => {
    const settings = { ...fewConnections, EMOSTREAM_LOG_JSON: "true", EMOSTREAM_ACCOUNT_MAX_CONNECTIONS: "1" };
    const server = await startServer(settings);
    const peer = await connect(t, server, hostile);
    for (let i = 0; i < 5; ++i) await startClient(t, server, { token: token(server, hostile) }).next("connect_error");
    peer.socket.disconnect();
    await server.stop();

    const lines = server.log.trimEnd().split("\n").map((line) => JSON.parse(line));
    for (const { time, level, message } of lines) assert.ok(Date.parse(time) > 0 && level && message);
    const [started] = lines;
    assert.equal(started.message, "started");
    assert.equal(started.url, server.url);
    const opened = lines.find(({ message }) => message === "session opened");
    assert.deepEqual([opened.user, opened.address, opened.transport], [hostile, "127.0.0.1", "websocket"]);
    const closed = lines.find(({ message }) => message === "session closed");
    assert.deepEqual([closed.session, closed.user, closed.reason], [opened.session, hostile, "client namespace disconnect"]);
    const refused = lines.filter(({ message }) => message === "session refused");
    assert.ok(refused.length >= 1);
    assert.deepEqual([refused[0].reason, refused[0].user], ["CONNECTION_LIMIT", hostile]);
    assert.equal(lines.at(-1).message, "drained");
    assert.doesNotMatch(server.log, /eyJ/, "a token was logged");
  });

  test("a flood of rejections logs about one line per second", async (t) => {
    const server = await startServer();
    const start = Date.now();
    await Promise.all(Array.from({ length: 60 }, () => startClient(t, server, { token: "nonsense" }).next("connect_error")));
    const duration = (Date.now() - start) / 1000;
    await server.stop();
    const lines = server.log.split("\n").filter((line) => line.includes("session refused"));
    assert.ok(lines.length >= 1 && lines.length <= 1 + duration, `${lines.length} lines in ${duration} s`);
  });
});
