// Who may connect, and what those are told who may not.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { handmade, seconds } from "../support/jwt.mjs";
import { connect, dial } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

describe("authentication", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const refusal = async (t, options) => {
    const peer = dial(t, server, options);
    const { message, data } = await peer.next("connect_error");
    assert.equal(peer.socket.connected, false);
    return { message, code: data.code };
  };

  const required = { message: "Authentication required", code: "AUTH_REQUIRED" };
  const failed = { message: "Authentication failed", code: "AUTH_FAILED" };
  const expired = { message: "Authentication failed", code: "TOKEN_EXPIRED" };

  for (const namespace of ["/emotion-detection", "/ws/emotion-detection"]) {
    test(`no auth at all, ${namespace}`, async (t) => {
      assert.deepEqual(await refusal(t, { namespace }), required);
    });
  }
  test("auth without a token", async (t) => assert.deepEqual(await refusal(t, { auth: { user: "alice" } }), required));
  test("an empty token", async (t) => assert.deepEqual(await refusal(t, { token: "" }), required));

  const claims = () => ({ sub: "alice", exp: seconds() + 600 });
  const bad = {
    "garbage": () => "not.a.token",
    "three empty parts": () => "..",
    "another server's secret": () => handmade("another secret, also long enough for HS256", claims()),
    "alg none": ({ secret }) => handmade(secret, claims(), { alg: "none", typ: "JWT" }),
    "alg HS512 claimed": ({ secret }) => handmade(secret, claims(), { alg: "HS512", typ: "JWT" }),
    "claims changed after signing": ({ secret }) => {
      const [header, , signature] = handmade(secret, claims()).split(".");
      const mallory = handmade(secret, { ...claims(), sub: "mallory" }).split(".")[1];
      return [header, mallory, signature].join(".");
    },
    "no subject": ({ secret }) => handmade(secret, { exp: seconds() + 600 }),
    "no expiry": ({ secret }) => handmade(secret, { sub: "alice" }),
    "not valid yet": ({ secret }) => handmade(secret, { ...claims(), nbf: seconds() + 300 }),
    "a megabyte": () => "x".repeat(900_000),
  };
  for (const [name, token] of Object.entries(bad)) {
    test(`a bad token: ${name}`, async (t) => assert.deepEqual(await refusal(t, { token: token(server) }), failed));
  }

  test("an expired token", async (t) => {
    const token = handmade(server.secret, { sub: "alice", exp: seconds() - 600 });
    assert.deepEqual(await refusal(t, { token }), expired);
  });

  test("the token that the server prints, and one made by hand", async (t) => {
    const printed = await connect(t, server, { account: "Đặng Thị Hoa" });
    printed.emit("initialize", {});
    assert.equal((await printed.next("initialized")).user_id, "Đặng Thị Hoa");
    const byHand = dial(t, server, { token: handmade(server.secret, claims()) });
    await byHand.next("connect");
  });

  test("a token that expires while its connection lives ends the connection, and says so first", async (t) => {
    // Two seconds of the 30 s of leeway are left.
    const peer = dial(t, server, { token: handmade(server.secret, { sub: "brief", exp: seconds() - 28 }) });
    await peer.next("connect");
    const { code, reason } = await peer.next("error_message");
    assert.deepEqual({ code, reason }, { code: 401, reason: "token_expired" });
    assert.equal(await peer.next("disconnect"), "io server disconnect");
  });

  test("an account has so many connections, and another one after one has gone", async (t) => {
    const token = await server.token("collector");
    const first = dial(t, server, { token });
    await first.next("connect");
    first.emit("initialize", {});
    const limit = (await first.next("initialized")).limits.max_connections;
    for (let i = 1; i < limit; ++i) await dial(t, server, { token }).next("connect");
    const oneTooMany = await dial(t, server, { token }).next("connect_error");
    assert.equal(oneTooMany.message, "Too many connections for this account");
    assert.deepEqual(oneTooMany.data, { code: "CONNECTION_LIMIT", limit });

    await dial(t, server, { token: await server.token("somebody else") }).next("connect");

    first.socket.disconnect();
    // The server hears of that on another connection than the next attempt's: ask until it has.
    for (;;) {
      const peer = dial(t, server, { token });
      const fate = await Promise.race([
        peer.next("connect").then(() => "in"),
        peer.next("connect_error").then(() => "refused"),
      ]);
      if (fate === "in") break;
    }
  });
});
