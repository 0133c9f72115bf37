// Authentication: who may connect, and how others are rejected.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { signToken, seconds } from "../support/jwt.mjs";
import { connect, startClient } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

test("the log says why a token is rejected, and with --dev the client is told", { timeout: 60_000 }, async (t) => {
  const claims = { sub: "alice", exp: seconds() + 600 };
  for (const [args, message] of [[[], "Authentication failed"], [["--dev"], "Authentication failed: signature does not verify"]]) {
    const server = await startServer({}, ["--port", "0", ...args]);
    const token = signToken("another secret, also long enough for HS256", claims);
    const { message: told, data } = await startClient(t, server, { token }).next("connect_error");
    assert.deepEqual([told, data.code], [message, "AUTH_FAILED"]);
    const answer = await fetch(`${server.url}/api/v1/analyze`, { method: "POST", headers: { authorization: `Bearer ${token}` } });
    assert.equal((await answer.json()).message, message);
    await server.stop();
    assert.match(server.log, /session refused.*reason="AUTH_FAILED" detail="signature does not verify"/);
    assert.match(server.log, /request refused.*reason="auth_failed" detail="signature does not verify"/);
    assert.ok(!server.log.includes(token));
  }
});

describe("authentication", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const rejection = async (t, options) => {
    const peer = startClient(t, server, options);
    const { message, data } = await peer.next("connect_error");
    assert.equal(peer.socket.connected, false);
    return { message, code: data.code };
  };

  const required = { message: "Authentication required", code: "AUTH_REQUIRED" };
  const failed = { message: "Authentication failed", code: "AUTH_FAILED" };
  const expired = { message: "Authentication failed", code: "TOKEN_EXPIRED" };

  for (const namespace of ["/emotion-detection", "/ws/emotion-detection"]) {
    test(`a connection to ${namespace} without auth is rejected`, async (t) => {
      assert.deepEqual(await rejection(t, { namespace }), required);
    });
  }
  test("auth without a token is rejected", async (t) => assert.deepEqual(await rejection(t, { auth: { user: "alice" } }), required));
  test("an empty token is rejected", async (t) => assert.deepEqual(await rejection(t, { token: "" }), required));

  const claims = () => ({ sub: "alice", exp: seconds() + 600 });
  const bad = {
    "garbage": () => "not.a.token",
    "three empty parts": () => "..",
    "another server's secret": () => signToken("another secret, also long enough for HS256", claims()),
    "alg none": ({ secret }) => signToken(secret, claims(), { alg: "none", typ: "JWT" }),
    "alg HS512 claimed": ({ secret }) => signToken(secret, claims(), { alg: "HS512", typ: "JWT" }),
    "claims changed after signing": ({ secret }) => {
      const [header, , signature] = signToken(secret, claims()).split(".");
      const mallory = signToken(secret, { ...claims(), sub: "mallory" }).split(".")[1];
      return [header, mallory, signature].join(".");
    },
    "no subject": ({ secret }) => signToken(secret, { exp: seconds() + 600 }),
    "no expiry": ({ secret }) => signToken(secret, { sub: "alice" }),
    "not valid yet": ({ secret }) => signToken(secret, { ...claims(), nbf: seconds() + 300 }),
    "10 kB": () => "x".repeat(10_000),
  };
  for (const [name, token] of Object.entries(bad)) {
    test(`a bad token is rejected: ${name}`, async (t) => assert.deepEqual(await rejection(t, { token: token(server) }), failed));
  }

  test("a client whose first message is larger than any token is disconnected", async (t) => {
    const peer = startClient(t, server, { token: "x".repeat(900_000), transports: ["websocket"] });
    await peer.next("disconnect");
  });

  test("an expired token is reported as such", async (t) => {
    const token = signToken(server.secret, { sub: "alice", exp: seconds() - 600 });
    assert.deepEqual(await rejection(t, { token }), expired);
  });

  test("tokens printed by `emostream token` and signed by another implementation are accepted", async (t) => {
    const printed = await connect(t, server, { account: "Đặng Thị Hoa" });
    printed.emit("initialize", {});
    assert.equal((await printed.next("initialized")).user_id, "Đặng Thị Hoa");
    const signed = startClient(t, server, { token: signToken(server.secret, claims()) });
    await signed.next("connect");
  });

  test("a client is notified and disconnected when its token expires", async (t) => {
    // 28 of the 30 seconds of leeway are used up.
    const peer = startClient(t, server, { token: signToken(server.secret, { sub: "brief", exp: seconds() - 28 }) });
    await peer.next("connect");
    const { code, reason } = await peer.next("error_message");
    assert.deepEqual({ code, reason }, { code: 401, reason: "token_expired" });
    assert.equal(await peer.next("disconnect"), "io server disconnect");
  });

  test("the connections of each account are limited, and a new one is accepted once one is closed", async (t) => {
    const token = await server.token("collector");
    const first = startClient(t, server, { token });
    await first.next("connect");
    first.emit("initialize", {});
    const limit = (await first.next("initialized")).limits.max_connections;
    for (let i = 1; i < limit; ++i) await startClient(t, server, { token }).next("connect");
    const surplus = await startClient(t, server, { token }).next("connect_error");
    assert.equal(surplus.message, "Too many connections for this account");
    assert.deepEqual(surplus.data, { code: "CONNECTION_LIMIT", limit });

    await startClient(t, server, { token: await server.token("other") }).next("connect");

    first.socket.disconnect();
    // The next attempt may reach the server before the disconnect, which is sent on another connection: retry.
    for (;;) {
      const peer = startClient(t, server, { token });
      const outcome = await Promise.race([
        peer.next("connect").then(() => "connected"),
        peer.next("connect_error").then(() => "rejected"),
      ]);
      if (outcome === "connected") break;
    }
  });
});
