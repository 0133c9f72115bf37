// The server behind nginx, which has the configuration that docs/production.md shows.
import assert from "node:assert/strict";
import { once } from "node:events";
import https from "node:https";
import { describe, test } from "node:test";
import { Certificate } from "../support/certificates.mjs";
import { noise, portrait } from "../support/images.mjs";
import { connect, startClient } from "../support/peer.mjs";
import { startNginx } from "../support/nginx.mjs";
import { startServer } from "../support/server.mjs";

/** Starts a server and nginx in front of it. Returns the server, nginx as `proxy` for clients to connect to, its
 *  certificate, and a function that makes agents for clients with other loopback addresses. */
async function startBehindNginx(t, settings = {}) {
  const certificate = new Certificate(t);
  const server = await startServer({ EMOSTREAM_SERVER_TRUSTED_PROXIES: "127.0.0.1", ...settings });
  let stopped;
  const stop = server.stop.bind(server);
  server.stop = () => (stopped ??= stop());
  t.after(() => server.stop());
  const url = await startNginx(t, server, certificate);
  const ca = certificate.pem;
  const proxy = { url, token: (...args) => server.token(...args) };
  const agent = (localAddress) => {
    const created = new https.Agent({ ca, localAddress, keepAlive: false });
    t.after(() => created.destroy());
    return created;
  };
  return { server, proxy, ca, agent };
}

const handshake = "/socket.io/?EIO=4&transport=polling";

async function get(url, options) {
  const [answer] = await once(https.get(url, options), "response");
  let body = "";
  for await (const chunk of answer) body += chunk;
  return { status: answer.statusCode, body };
}

async function post(url, options, body) {
  const request = https.request(url, { ...options, method: "POST" });
  request.end(body);
  const [answer] = await once(request, "response");
  answer.resume();
  await once(answer, "end");
  return answer.statusCode;
}

describe("behind nginx", { timeout: 120_000 }, () => {
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    test(`frames, even large ones, are answered over ${transports.join(", then ")}`, async (t) => {
      const settings = { EMOSTREAM_FRAMES_MAX_BAD: "1000", EMOSTREAM_FRAMES_RATE: "1000" };
      const { proxy, ca } = await startBehindNginx(t, settings);
      const peer = await connect(t, proxy, { transports, ca });
      await peer.start();
      for (const frame_id of [1, 2, 3]) {
        assert.equal((await peer.frame(frame_id, portrait)).ok, true);
        assert.equal((await peer.next("detection_result")).faces[0].dominant_emotion, "happiness");
      }
      const large = noise(950_000);
      for (let i = 0; i < 4; ++i) assert.equal((await peer.frame(i, large)).reason, "undecodable_image");
      assert.equal(peer.socket.io.engine.transport.name, transports.at(-1));
    });
  }

  test("waiting polls receive heartbeat pings", async (t) => {
    const { proxy, ca } = await startBehindNginx(t, { EMOSTREAM_SERVER_PING_INTERVAL_MS: "100" });
    const { body } = await get(proxy.url + handshake, { ca });
    const session = `${proxy.url}${handshake}&sid=${JSON.parse(body.slice(1)).sid}`;
    for (let i = 0; i < 3; ++i) {
      assert.deepEqual(await get(session, { ca }), { status: 200, body: "2" });
      assert.equal(await post(session, { ca }, "3"), 200);
    }
  });

  test("limits apply to the real addresses of clients, even with forged headers", async (t) => {
    const settings = { EMOSTREAM_SERVER_MAX_CONNECTIONS_PER_ADDRESS: "2" };
    const { server, proxy, agent } = await startBehindNginx(t, settings);
    const open = (from, claimed) =>
      get(proxy.url + handshake, { agent: agent(from), ...(claimed && { headers: { "x-forwarded-for": claimed } }) });
    assert.equal((await open("127.0.0.2")).status, 200);
    assert.equal((await open("127.0.0.2", "192.0.2.1")).status, 200);
    const refused = await open("127.0.0.2", "192.0.2.2");
    assert.equal(refused.status, 429);
    assert.deepEqual(JSON.parse(refused.body), { code: 429, message: "Too many sessions from your address" });
    assert.equal((await open("127.0.0.3", "127.0.0.2")).status, 200);
    // Without nginx, from an untrusted address, the header is ignored.
    const { request } = await import("node:http");
    const direct = request(server.url + handshake, { localAddress: "127.0.0.2", headers: { "x-forwarded-for": "192.0.2.3" } });
    direct.end();
    const [answer] = await once(direct, "response");
    answer.resume();
    assert.equal(answer.statusCode, 429);
  });

  test("the client's address is logged", async (t) => {
    const { server, proxy, agent } = await startBehindNginx(t, { EMOSTREAM_LOG_LEVEL: "debug" });
    const token = await server.token("alice");
    const peer = startClient(t, proxy, { token, transports: ["polling"], agent: agent("127.0.0.77") });
    await peer.next("connect");
    peer.socket.io.engine.write("nonsense");
    await peer.next("disconnect");
    assert.match(server.log, /Socket\.IO connection from 127\.0\.0\.77/);
  });

  for (const transport of ["websocket", "polling"]) {
    test(`a draining server answers accepted frames, and clients reconnect to the next server: ${transport}`, async (t) => {
      const { server, proxy, ca } = await startBehindNginx(t);
      const options = { transports: [transport], ca, reconnection: true, reconnectionDelay: 50, reconnectionDelayMax: 200 };
      const peer = await connect(t, proxy, options);
      await peer.start();
      const acknowledged = peer.frame("last", portrait);
      await peer.ask("initialize", {}); // answered after the frame was accepted
      const [ack] = await Promise.all([acknowledged, server.stop()]);
      assert.equal(ack.ok, true);
      assert.equal((await peer.next("detection_result")).frame_id, "last");
      assert.notEqual(await peer.next("disconnect"), "io server disconnect");
      const port = new URL(server.url).port;
      const next = await startServer({ EMOSTREAM_JWT_SECRET: server.secret }, ["--port", port]);
      t.after(() => next.stop());
      await peer.next("connect");
      await peer.start();
      assert.equal((await peer.frame(1, portrait)).ok, true);
    });
  }
});
