// POST /api/v1/analyze with fetch, Node's HTTP client, and raw bytes on a socket.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { after, before, describe, test } from "node:test";
import { jpegHeader, makeImage, noise, portrait } from "../support/images.mjs";
import { signToken, seconds } from "../support/jwt.mjs";
import { assertDocumented } from "../support/openapi.mjs";
import { connect } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const address = "/api/v1/analyze";
const jpeg = { "content-type": "image/jpeg" };

/** An HTTP client of the account. */
async function clientOf(server, account = "alice") {
  const token = await server.token(account);
  const post = (body, { query = "", headers = {}, ...more } = {}) =>
    fetch(`${server.url}${address}${query}`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, ...headers },
      body,
      ...more,
    });
  /** Asserts the status and that the response is as documented; returns its body. */
  const expectStatus = async (status, ...request) => {
    const answer = await post(...request);
    assert.equal(answer.status, status, await answer.clone().text());
    return assertDocumented(answer, "post", address);
  };
  const expectError = async (status, reason, ...request) => {
    const body = await expectStatus(status, ...request);
    assert.deepEqual([body.code, body.reason], [status, reason]);
    return body;
  };
  return { token, post, expectStatus, expectError };
}

describe("analyze", { timeout: 120_000 }, () => {
  let server;
  let client;
  before(async () => {
    server = await startServer({ EMOSTREAM_HTTP_MAX_IMAGE_BYTES: "1000000", EMOSTREAM_HTTP_MAX_PIXELS: "2000000" });
    client = await clientOf(server);
  });
  after(() => server.stop());

  test("an image is answered with its faces, as documented", async () => {
    const before = seconds();
    const result = await client.expectStatus(200, portrait, { headers: jpeg });
    assert.equal(result.user_id, "alice");
    assert.equal(result.face_count, 1);
    const [face] = result.faces;
    assert.equal(face.face_id, 1);
    assert.equal(face.dominant_emotion, "happiness");
    assert.ok(Math.abs(Object.values(face.emotions).reduce((a, b) => a + b) - 1) < 1e-3);
    assert.ok(result.processed_at >= before && result.processed_at < before + 60);
    assert.ok(result.latency_ms >= result.timing.detect);
  });

  for (const kind of ["png", "webp", "gif"]) {
    test(`${kind} is accepted with any supported type and without a type`, async () => {
      const picture = makeImage("portrait", kind.toUpperCase(), "512");
      for (const type of [`image/${kind}`, "application/octet-stream", "image/jpeg", "image/jpg", "image/pjpeg", "image/*", ""]) {
        assert.equal((await client.expectStatus(200, picture, { headers: { "content-type": type } })).face_count, 1, type);
      }
    });
  }

  test("an image that is sent as base64 or as a data URL is recognized", async () => {
    const base64 = portrait.toString("base64");
    for (const body of [base64, portrait.toString("base64url"), `data:image/jpeg;base64,${base64}`]) {
      assert.equal((await client.expectStatus(200, body, { headers: jpeg })).face_count, 1);
    }
  });

  test("images are turned upright as their EXIF orientation says, unless upright=false", async () => {
    for (const value of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
      const picture = makeImage("turned", "JPEG", value);
      const { resolution, faces } = await client.expectStatus(200, picture, { headers: jpeg });
      assert.deepEqual([resolution, faces.length], [[640, 512], 1], value);
      const [{ box, landmarks }] = faces;
      assert.ok(Math.abs(box.x + box.width / 2 - 225) < 12 && Math.abs(box.y + box.height / 2 - 127) < 12, value);
      assert.ok(Math.abs(landmarks[0][0] - 203) < 8 && Math.abs(landmarks[0][1] - 103) < 8, value);
      const raw = await client.expectStatus(200, picture, { query: "?upright=false", headers: jpeg });
      assert.deepEqual(raw.resolution, value < "5" ? [640, 512] : [512, 640], value);
    }
  });

  test("the part named image of a form is analyzed, or the first file if there is none", async () => {
    const file = new Blob([portrait], { type: "image/jpeg" });
    const named = new FormData();
    named.append("note", "hello");
    named.append("other", new Blob(["not an image"]), "other.txt");
    named.append("image", file, "me.jpg");
    assert.equal((await client.expectStatus(200, named)).faces[0].dominant_emotion, "happiness");
    const unnamed = new FormData();
    unnamed.append("note", "hello");
    unnamed.append("photo", file, 'a "quoted" näme.jpg');
    unnamed.append("second", new Blob(["not an image"]), "second.txt");
    assert.equal((await client.expectStatus(200, unnamed)).face_count, 1);
  });

  test("query parameters are applied and validated", async () => {
    assert.equal((await client.expectStatus(200, portrait, { query: "?min_confidence=1", headers: jpeg })).face_count, 0);
    assert.equal((await client.expectStatus(200, portrait, { query: "?min_confidence=0.5&max_faces=1", headers: jpeg })).face_count, 1);
    for (const query of ["?min_confidence=1.5", "?min_confidence=", "?min_confidence=nan", "?max_faces=-1", "?max_faces=1.5", "?max_faces=101", "?mesh=yes", "?eyes=", "?upright=1"]) {
      const { message } = await client.expectError(400, "invalid_payload", portrait, { query, headers: jpeg });
      assert.ok(message.startsWith(query.slice(1).split("=")[0]), message);
    }
  });

  test("the mesh and the eyes of the faces are reported if the query asks for them", async () => {
    const plain = (await client.expectStatus(200, portrait, { headers: jpeg })).faces[0];
    assert.ok(!("mesh" in plain) && !("eyes" in plain));
    const { mesh, eyes, box, landmarks } = (await client.expectStatus(200, portrait, { query: "?mesh=true&eyes=true", headers: jpeg })).faces[0];
    assert.ok(mesh.every((value, i) => i % 3 === 2 || Math.abs(value - (i % 3 === 0 ? box.x : box.y)) < 2 * box.width));
    const nose = mesh.slice(3, 5);
    nose.forEach((value, i) => assert.ok(Math.abs(value - landmarks[2][i]) < 0.1, "the second point is the tip of the nose"));
    for (const eye of [eyes.left, eyes.right]) assert.ok(eye.openness > 0.8 && Math.hypot(...eye.gaze) < 0.4);
  });

  test("requests without a valid token are rejected", async () => {
    const expired = signToken(server.secret, { sub: "late", exp: seconds() - 600 });
    const forged = signToken("x".repeat(32), { sub: "eve", exp: seconds() + 600 });
    for (const [authorization, reason, challenge] of [
      ["", "auth_required", "Bearer"],
      ["Basic YTpi", "auth_required", "Bearer"],
      [`Bearer ${expired}`, "token_expired", 'Bearer error="invalid_token"'],
      [`Bearer ${forged}`, "auth_failed", 'Bearer error="invalid_token"'],
      ["Bearer x", "auth_failed", 'Bearer error="invalid_token"'],
    ]) {
      await client.expectError(401, reason, portrait, { headers: { ...jpeg, authorization } });
      const answer = await client.post(portrait, { headers: { ...jpeg, authorization } });
      assert.equal(answer.headers.get("www-authenticate"), challenge);
    }
  });

  test("empty, unsupported, undecodable and too large bodies are rejected", async () => {
    await client.expectError(400, "no_image_data", "", { headers: jpeg });
    await client.expectError(415, "unsupported_type", noise(1000), { headers: jpeg });
    await client.expectError(415, "unsupported_type", portrait, { headers: { "content-type": "text/plain" } });
    const heic = Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1");
    assert.match((await client.expectError(415, "unsupported_type", heic, { headers: { "content-type": "image/heic" } })).message, /HEIC/);
    await client.expectError(415, "unsupported_type", portrait, { headers: { ...jpeg, "content-encoding": "gzip" } });
    await client.expectError(415, "unsupported_type", new URLSearchParams({ image: "x" }));
    await client.expectError(422, "undecodable_image", portrait.subarray(0, 1000), { headers: jpeg });
    await client.expectError(422, "undecodable_image", jpegHeader(8, 8), { headers: jpeg });
    await client.expectError(413, "frame_too_large", jpegHeader(4000, 4000), { headers: jpeg });
    await client.expectError(413, "frame_too_large", noise(1_000_001), { headers: jpeg });
    await client.expectError(413, "frame_too_large", noise(9_000_000), { headers: jpeg });
  });

  test("a chunked body is read up to the limit", async () => {
    const stream = (size) => new Blob([noise(size)]).stream();
    await client.expectError(415, "unsupported_type", stream(1_000_000), { duplex: "half" });
    await client.expectError(413, "frame_too_large", stream(1_000_001), { duplex: "half" });
  });

  test("malformed forms, forms without an image, and forms that are too large are rejected", async () => {
    const form = (boundary, body) => [body, { headers: { "content-type": `multipart/form-data${boundary}` } }];
    const part = '--b\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\n';
    for (const [boundary, body] of [
      ["", part],
      ["; boundary=", part],
      [`; boundary=${"b".repeat(71)}`, part],
      ["; boundary=b", ""],
      ["; boundary=b", "nothing"],
      ["; boundary=b", part],
      ["; boundary=b", `${part}x\r\n--bx--`],
      ["; boundary=b", `--b\r\n${"X: y\r\n".repeat(1000)}\r\nx\r\n--b--`],
      ["; boundary=b", `${`${part}x\r\n`.repeat(17)}--b--`],
      ["; boundary=b", "\r\n--".repeat(20_000)],
    ]) {
      await client.expectError(400, "invalid_payload", ...form(boundary, body));
    }
    await client.expectError(400, "no_image_data", ...form("; boundary=b", "--b--"));
    await client.expectError(400, "no_image_data", ...form("; boundary=b", `${part}\r\n--b--`));
    await client.expectError(413, "frame_too_large", ...form("; boundary=b", Buffer.concat([Buffer.from(part), noise(1_000_001), Buffer.from("\r\n--b--")])));
    await client.expectError(413, "frame_too_large", ...form("; boundary=b", noise(1_100_000)));
  });

  test("other methods are answered with 405", async () => {
    for (const method of ["GET", "PUT"]) {
      const answer = await fetch(server.url + address, { method });
      assert.equal(answer.status, 405);
      assert.equal(answer.headers.get("allow"), "POST");
    }
  });

  test("pages of other origins may send requests with a token", async () => {
    const origin = "https://app.example.com";
    const preflight = await fetch(server.url + address, {
      method: "OPTIONS",
      headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" },
    });
    assert.equal(preflight.status, 204);
    assert.match(preflight.headers.get("access-control-allow-methods"), /\bPOST\b/);
    assert.match(preflight.headers.get("access-control-allow-headers"), /authorization/);
    const answer = await client.post(portrait, { headers: { ...jpeg, origin } });
    assert.equal(answer.headers.get("access-control-allow-origin"), "*");
    const rejected = await client.post(portrait, { headers: { ...jpeg, origin, authorization: "" } });
    assert.equal(rejected.headers.get("access-control-allow-origin"), "*");
    assert.equal(rejected.headers.get("access-control-expose-headers"), "WWW-Authenticate");
  });

  test("a request without a token is rejected before any byte of the image is sent", async () => {
    const { hostname, port } = new URL(server.url);
    const request = http.request({ hostname, port, path: address, method: "POST", headers: { expect: "100-continue", "content-length": 900_000_000 } });
    request.on("continue", () => assert.fail("the server asked for the body"));
    request.flushHeaders();
    const [answer] = await once(request, "response");
    assert.equal(answer.statusCode, 401);
    request.destroy();
  });

  test("clients that disconnect in the head, in the image or before the response leave no request behind", async () => {
    const { hostname, port } = new URL(server.url);
    const head = `POST ${address} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${client.token}\r\nContent-Length: ${portrait.length}\r\n\r\n`;
    const whole = Buffer.concat([Buffer.from(head), portrait]);
    for (const length of [1, head.length - 1, head.length, head.length + 1, whole.length - 1, whole.length]) {
      for (let i = 0; i < 10; ++i) {
        const socket = net.connect(port, hostname).on("error", () => {});
        await once(socket, "connect");
        await new Promise((resolve) => socket.write(whole.subarray(0, length), resolve));
        if (i % 2 === 0) socket.resetAndDestroy();
        else socket.destroy();
      }
    }
    // Once the server has noticed, the account may send requests again.
    for (const deadline = Date.now() + 10_000; ; ) {
      const answers = await Promise.all(Array.from({ length: 4 }, () => client.post(portrait, { headers: jpeg })));
      const statuses = answers.map(({ status }) => status);
      // A slow server may be too busy for some of them (503).
      if (statuses.includes(200) && !statuses.includes(429)) break;
      assert.ok(Date.now() < deadline, statuses.join());
    }
  });

  test("more than 900 of 1000 requests on 100 connections are answered, and the next request is served", async () => {
    const agent = new http.Agent({ maxSockets: 100, keepAlive: true });
    const { hostname, port } = new URL(server.url);
    const headers = { ...jpeg, authorization: `Bearer ${client.token}`, "content-length": portrait.length };
    const ask = () =>
      new Promise((resolve, reject) => {
        const request = http.request({ hostname, port, path: address, method: "POST", headers, agent }, (answer) => {
          answer.resume();
          answer.on("end", () => resolve(answer.statusCode));
        });
        request.on("error", (error) => (["EPIPE", "ECONNRESET"].includes(error.code) ? resolve(0) : reject(error)));
        request.end(portrait);
      });
    const statuses = await Promise.all(Array.from({ length: 1000 }, ask));
    agent.destroy();
    const count = (status) => statuses.filter((s) => s === status).length;
    assert.ok(count(200) >= 1);
    assert.equal(count(200) + count(429) + count(503) + count(0), 1000, [...new Set(statuses)].join());
    assert.ok(count(0) < 100, `${count(0)} had no answer`);
    const next = await clientOf(server, "bob"); // alice may have used up her rate for this second
    await next.expectStatus(200, portrait, { headers: jpeg });
  });
});

describe("photographs", { timeout: 180_000 }, () => {
  let server;
  let client;
  before(async () => {
    server = await startServer({ EMOSTREAM_ACCOUNT_BYTES_PER_SECOND: "1000000000" });
    client = await clientOf(server);
  });
  after(() => server.stop());

  /** Asserts that the one face of make_image.py's `photo` is found where it is. */
  const assertOneFace = ({ resolution, faces }, width, height) => {
    assert.deepEqual([resolution, faces.length], [[width, height], 1]);
    const [{ box, dominant_emotion }] = faces;
    const near = (value, expected) => Math.abs(value - (expected * height) / 512) < (12 * height) / 512;
    assert.ok(near(box.x + box.width / 2, 225) && near(box.y + box.height / 2, 127), JSON.stringify(box));
    assert.equal(dominant_emotion, "happiness");
  };

  for (const kind of ["JPEG", "PROGRESSIVE", "PNG", "WEBP"]) {
    test(`of 12 megapixels are analyzed: ${kind}`, async () => {
      const picture = makeImage("photo", kind, "4000", "3000");
      assertOneFace(await client.expectStatus(200, picture), 4000, 3000);
      const form = new FormData();
      form.append("image", new Blob([picture]), "photo");
      assertOneFace(await client.expectStatus(200, form), 4000, 3000);
    });
  }

  for (const kind of ["JPEG", "PROGRESSIVE"]) {
    test(`of 50 megapixels are analyzed at a reduced scale: ${kind}`, async () => {
      assertOneFace(await client.expectStatus(200, makeImage("photo", kind, "8192", "6144")), 8192, 6144);
    });
  }

  test("over a limit are rejected with its name and value", async () => {
    const { message: pixels } = await client.expectError(413, "frame_too_large", jpegHeader(8500, 6001), { headers: jpeg });
    assert.match(pixels, /more pixels than allowed: http\.max_pixels is 51000000 pixels/);
    const { message: bytes } = await client.expectError(413, "frame_too_large", noise(25_000_001), { headers: jpeg });
    assert.match(bytes, /larger than allowed: http\.max_image_bytes is 25000000 bytes/);
    await client.expectError(415, "unsupported_type", noise(25_000_000), { headers: jpeg });
  });

  test("that take too much memory to decode are rejected with the limit", async (t) => {
    const frugal = await startServer({ EMOSTREAM_HTTP_MAX_MEMORY_BYTES: "10000000" });
    t.after(() => frugal.stop());
    const picture = makeImage("photo", "PROGRESSIVE", "4000", "3000");
    const { message } = await (await clientOf(frugal)).expectError(413, "frame_too_large", picture, { headers: jpeg });
    assert.match(message, /more memory than allowed: http\.max_memory_bytes is 10000000 bytes/);
  });
});

describe("analyze under load", { timeout: 60_000 }, () => {
  test("concurrent requests are limited for each account", async (t) => {
    const server = await startServer({ EMOSTREAM_ACCOUNT_MAX_REQUESTS: "1" });
    t.after(() => server.stop());
    const [alice, bob] = [await clientOf(server, "alice"), await clientOf(server, "bob")];
    const { hostname, port } = new URL(server.url);
    // The image of the first request has not arrived yet.
    const slow = http.request({
      hostname, port, path: address, method: "POST",
      headers: { authorization: `Bearer ${alice.token}`, "content-length": portrait.length, expect: "100-continue" },
    });
    slow.flushHeaders();
    await once(slow, "continue");
    const rejected = await alice.post(portrait, { headers: jpeg });
    assert.equal(rejected.headers.get("retry-after"), "1");
    assert.equal((await assertDocumented(rejected, "post", address)).reason, "too_many_requests");
    await bob.expectStatus(200, portrait, { headers: jpeg });
    slow.end(portrait);
    const [answer] = await once(slow, "response");
    assert.equal(answer.statusCode, 200);
    answer.resume();
    await once(answer, "end");
    await alice.expectStatus(200, portrait, { headers: jpeg });
  });

  test("Socket.IO frames are processed during a flood of HTTP requests", async (t) => {
    const server = await startServer({
      EMOSTREAM_FRAMES_RATE: "1000", EMOSTREAM_FRAMES_BURST: "1000",
      EMOSTREAM_ACCOUNT_RATE: "100000", EMOSTREAM_ACCOUNT_BURST: "100000",
      EMOSTREAM_FRAMES_DEADLINE_MS: "30000", // a frame takes long under sanitizers
    });
    t.after(() => server.stop());
    const client = await clientOf(server);
    const peer = await connect(t, server);
    await peer.start();
    let asking = true;
    const flood = Array.from({ length: 6 }, async () => {
      while (asking) assert.ok([200, 503].includes((await client.post(portrait, { headers: jpeg })).status));
    });
    for (let i = 0; i < 10; ++i) assert.equal((await peer.frame(i, portrait)).ok, true);
    asking = false;
    await Promise.all(flood);
  });

  test("a draining server answers 503 if the image of an accepted request arrives after draining has begun", async () => {
    const server = await startServer();
    const client = await clientOf(server);
    const { hostname, port } = new URL(server.url);
    const request = http.request({
      hostname, port, path: address, method: "POST",
      headers: { authorization: `Bearer ${client.token}`, "content-length": portrait.length, expect: "100-continue" },
    });
    request.flushHeaders();
    await once(request, "continue");
    const ended = server.stop();
    while (!/draining/.test(server.log)) await once(server.process.stderr, "data");
    request.end(portrait);
    const [answer] = await once(request, "response");
    assert.equal(answer.statusCode, 503); // draining had begun when the image arrived
    assert.equal(answer.headers["retry-after"], "1");
    answer.resume();
    await ended;
  });
});
