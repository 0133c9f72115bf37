// HTTPS and WSS. The clients verify the certificate, except in the test that replaces it.
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net from "node:net";
import { describe, test } from "node:test";
import tls from "node:tls";
import { Certificate } from "../support/certificates.mjs";
import { noise, portrait } from "../support/images.mjs";
import { connect } from "../support/peer.mjs";
import { execute, startServer } from "../support/server.mjs";

/** Starts a server with a new certificate. */
async function startSecure(t, settings = {}) {
  const certificate = new Certificate(t);
  const server = await startServer({ ...certificate.settings, ...settings });
  let stopped;
  const stop = server.stop.bind(server);
  server.stop = () => (stopped ??= stop());
  t.after(() => server.stop());
  assert.match(server.url, /^https:/);
  return { certificate, server, ca: certificate.pem, port: Number(new URL(server.url).port) };
}

async function get(url, options) {
  const [answer] = await once(https.get(url, options), "response");
  let body = "";
  for await (const chunk of answer) body += chunk;
  return { status: answer.statusCode, body };
}

/** Opens a connection and completes its handshake. */
async function handshake(options) {
  const socket = tls.connect({ host: "127.0.0.1", ...options });
  await once(socket, "secureConnect");
  return socket;
}

/** Waits until the log matches the pattern. */
async function waitForLog(server, pattern) {
  while (!pattern.test(server.log)) await once(server.process.stderr, "data", { signal: AbortSignal.timeout(10_000) });
}

describe("TLS", { timeout: 120_000 }, () => {
  for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
    test(`frames are answered over ${transports.join(", then ")}`, async (t) => {
      const { server, ca } = await startSecure(t, { EMOSTREAM_FRAMES_MAX_BAD: "1000", EMOSTREAM_FRAMES_RATE: "1000" });
      const peer = await connect(t, server, { transports, ca });
      await peer.start();
      for (const frame_id of [1, 2, 3]) {
        assert.equal((await peer.frame(frame_id, portrait)).ok, true);
        assert.equal((await peer.next("detection_result")).faces[0].dominant_emotion, "happiness");
      }
      // Each frame takes many TLS records.
      const large = noise(900_000);
      for (let i = 0; i < 8; ++i) assert.equal((await peer.frame(i, large)).reason, "undecodable_image");
    });
  }

  test("TLS 1.2 and 1.3 are supported, and ALPN selects HTTP/1.1", async (t) => {
    const { server, ca, port } = await startSecure(t);
    for (const version of ["TLSv1.2", "TLSv1.3"]) {
      const range = { minVersion: version, maxVersion: version };
      assert.deepEqual(await get(`${server.url}/healthz`, { ca, ...range }), { status: 200, body: "ok" });
      const socket = await handshake({ port, ca, ...range, ALPNProtocols: ["h2", "http/1.1"] });
      assert.equal(socket.alpnProtocol, "http/1.1");
      assert.equal(socket.getProtocol(), version);
      socket.destroy();
    }
  });

  test("a TLS session is resumed with its ticket", async (t) => {
    const { ca, port } = await startSecure(t);
    const first = await handshake({ port, ca });
    const [session] = await once(first, "session");
    first.destroy();
    const second = await handshake({ port, ca, session });
    assert.equal(second.isSessionReused(), true);
    second.destroy();
  });

  test("TLS 1.1 and weak ciphers are refused", async (t) => {
    const { ca, port } = await startSecure(t);
    const old = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" };
    await assert.rejects(handshake({ port, ca, ...old }), /protocol.version/i);
    await assert.rejects(handshake({ port, ca, maxVersion: "TLSv1.2", ciphers: "ECDHE-ECDSA-AES128-SHA" }), /handshake failure/i);
  });

  test("plain HTTP on the port is answered with 400", async (t) => {
    const { port } = await startSecure(t);
    const [answer] = await once(http.get(`http://127.0.0.1:${port}/healthz`), "response");
    assert.equal(answer.statusCode, 400);
    answer.resume();
  });

  test("clients may disconnect in the middle of a response", async (t) => {
    const { server, ca, port } = await startSecure(t);
    for (let i = 0; i < 30; ++i) {
      const socket = await handshake({ port, ca });
      socket.on("error", () => {});
      socket.write("GET /socket.io/socket.io.js HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20));
      if (i % 2 === 0) await once(socket, "data");
      socket.destroy();
    }
    assert.equal((await get(`${server.url}/healthz`, { ca })).status, 200);
  });

  test("the server survives truncated and malformed handshakes", async (t) => {
    const { server, ca, port } = await startSecure(t);
    for (const bytes of ["", "\x16", "\x16\x03\x01\x02\x00\x01", "\x16\x03\x01\x00\x05hello", "\x80\x2e\x01", "\0".repeat(1000)]) {
      const socket = net.connect({ host: "127.0.0.1", port });
      socket.on("error", () => {});
      socket.end(bytes, "latin1");
      socket.resume();
      await once(socket, "close");
    }
    assert.equal((await get(`${server.url}/healthz`, { ca })).status, 200);
  });

  test("SIGHUP reloads the certificate for new connections, and files that do not match change nothing", async (t) => {
    const { certificate, server, port } = await startSecure(t);
    const shown = async () => {
      const socket = await handshake({ port, rejectUnauthorized: false });
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const first = certificate.fingerprint;
    assert.equal(await shown(), first);
    const peer = await connect(t, server, { transports: ["websocket"], ca: certificate.pem });

    certificate.renew();
    assert.equal(await shown(), first, "the certificate is not reloaded before SIGHUP");
    server.process.kill("SIGHUP");
    await waitForLog(server, /TLS certificate reloaded/);
    const second = certificate.fingerprint;
    assert.notEqual(second, first);
    assert.equal(await shown(), second);

    const { key } = certificate;
    const [goodCertificate, goodKey] = [certificate.pem, readFileSync(key)];
    certificate.renew();
    writeFileSync(key, goodKey); // the key of another certificate
    server.process.kill("SIGHUP");
    await waitForLog(server, /error.*certificate could not be reloaded.*mismatch/);
    assert.equal(await shown(), second);
    writeFileSync(certificate.file, goodCertificate);

    await peer.ask("initialize", {}); // the earlier connection is still open
    await server.stop();
  });

  test("a draining server disconnects its clients in a way that makes them reconnect", async (t) => {
    const { server, ca } = await startSecure(t);
    const peer = await connect(t, server, { transports: ["websocket"], ca, reconnection: true, reconnectionDelay: 60_000 });
    await server.stop();
    assert.notEqual(await peer.next("disconnect"), "io server disconnect");
    assert.equal(peer.socket.active, true);
  });

  test("errors in the settings are reported", async (t) => {
    const [one, other] = [new Certificate(t), new Certificate(t)];
    const serve = (settings) => execute(["serve", "--port", "0", "--dev"], settings);
    const mistakes = [
      [{ EMOSTREAM_SERVER_TLS_CERTIFICATE: one.file }, /server\.tls_key.*key is missing/],
      [{ EMOSTREAM_SERVER_TLS_KEY: one.key }, /server\.tls_certificate.*certificate is missing/],
      [{ ...one.settings, EMOSTREAM_SERVER_TLS_CERTIFICATE: "nowhere.pem" }, /cannot read the certificate nowhere\.pem/],
      [{ ...one.settings, EMOSTREAM_SERVER_TLS_KEY: "nowhere.pem" }, /cannot read the key nowhere\.pem/],
      [{ ...one.settings, EMOSTREAM_SERVER_TLS_KEY: other.key }, /no usable key for .*mismatch/],
    ];
    for (const [settings, message] of mistakes) {
      const { code, stderr } = await serve(settings);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
  });
});
