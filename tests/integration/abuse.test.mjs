// Hostile and broken clients: each is answered or disconnected, and the next client is served normally.
import assert from "node:assert/strict";
import { once } from "node:events";
import net from "node:net";
import { after, afterEach, before, describe, test } from "node:test";
import { noise, portrait, pngOfText } from "../support/images.mjs";
import { signToken, seconds } from "../support/jwt.mjs";
import { startClient } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

const namespace = "/ws/emotion-detection";

describe("abuse", { timeout: 120_000 }, () => {
  let server;
  before(async () => (server = await startServer({ EMOSTREAM_ACCOUNT_MAX_CONNECTIONS: "1000" })));
  after(() => server.stop()); // asserts exit status 0, which a sanitizer report prevents

  afterEach(async (t) => {
    const nextClient = startClient(t, server, { token: token(), transports: ["websocket"] });
    await nextClient.start();
    assert.equal((await nextClient.frame(1, portrait)).ok, true);
  });

  let accounts = 0;
  /** A token of a new account, so that no test uses up the rates of another. */
  const token = () => signToken(server.secret, { sub: `mallory ${++accounts}`, exp: seconds() + 600 });

  /** The WebSocket of a connected client, to send packets that client libraries do not send. */
  const raw = async (t) => {
    const client = startClient(t, server, { token: token(), transports: ["websocket"] });
    await client.next("connect");
    const socket = client.socket.io.engine.transport.ws;
    const peer = { socket, inbox: [], closed: new Promise((resolve) => socket.addEventListener("close", resolve)) };
    let arrived = () => {};
    socket.addEventListener("message", ({ data }) => (peer.inbox.push(data), arrived()));
    socket.addEventListener("close", () => arrived());
    /** The first message with this prefix, or undefined if the connection closed first. */
    peer.until = async (start) => {
      for (;;) {
        const found = peer.inbox.find((data) => String(data).startsWith(start));
        if (found || socket.readyState >= socket.CLOSING) return found;
        await new Promise((resolve) => (arrived = resolve));
      }
    };
    /** True if the connection is still open and the server answers an event on it. */
    peer.isAlive = async () => {
      socket.send(`42${namespace},777["initialize"]`);
      return (await peer.until(`43${namespace},777`)) !== undefined;
    };
    peer.reasons = () => peer.inbox.map((data) => /"reason":"(\w+)"/.exec(data)?.[1]).filter(Boolean);
    return peer;
  };

  const object = (keys) => Array.from({ length: keys }, (_, i) => `"k${i}":1`).join();
  const malformed = {
    "an object of 1001 keys": `42${namespace},["x",{${object(1001)}}]`,
    "an array of 50000 numbers": `42${namespace},["x",[${"1,".repeat(49_999)}1]]`,
    "an unknown packet type": "9",
    "truncated JSON": `42${namespace},["x"`,
    "an event without a name": `42${namespace},[]`,
    "an array nested 100000 levels deep": `42${namespace},["x",${"[".repeat(100_000)}`,
    "an object nested 50000 levels deep": `42${namespace},["x",${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}]`,
    "an acknowledgement id of 20 digits": `42${namespace},99999999999999999999["x"]`,
    "an event with too many attachments": `4511-${namespace},["x"]`,
    "a reserved event": `42${namespace},["disconnect"]`,
    "binary data without an event": new Uint8Array(1000),
  };
  for (const [name, packet] of Object.entries(malformed)) {
    test(`${name} closes the connection`, async (t) => {
      const peer = await raw(t);
      peer.socket.send(packet);
      await peer.closed;
    });
  }

  const unusual = {
    "an event with an object of 1000 keys": `["x",{${object(1000)}}]`,
    "an event with an array of 49000 numbers": `["x",[${"1,".repeat(48_999)}1]]`,
    "an event with a number of 500000 digits": `["x",${"9".repeat(500_000)}]`,
    "an event named __proto__": `["__proto__"]`,
  };
  for (const [name, args] of Object.entries(unusual)) {
    test(`${name} is rejected as unknown, and the connection stays open`, async (t) => {
      const peer = await raw(t);
      peer.socket.send(`42${namespace},${args}`);
      assert.equal(await peer.isAlive(), true);
      assert.deepEqual(peer.reasons(), ["unknown_event"]);
    });
  }

  const placeholder = (num) => ({ _placeholder: true, num });
  for (const num of [1, -1, 1e300, "0", null]) {
    test(`a placeholder for attachment ${num} closes the connection`, async (t) => {
      const peer = await raw(t);
      peer.socket.send(`451-${namespace},${JSON.stringify(["video_frame", { frame_id: 1, data: placeholder(num) }])}`);
      peer.socket.send(portrait);
      await peer.closed;
    });
  }

  test("a placeholder in an event without attachments is an invalid payload", async (t) => {
    const peer = await raw(t);
    peer.socket.send(`42${namespace},["control",{"action":"start"}]`);
    peer.socket.send(`42${namespace},${JSON.stringify(["video_frame", { frame_id: 1, data: placeholder(0) }])}`);
    assert.equal(await peer.isAlive(), true);
    assert.deepEqual(peer.reasons(), ["invalid_payload"]);
  });

  test("a client that floods the server with events is rejected, then disconnected", async (t) => {
    const peer = await raw(t);
    for (let i = 0; i < 5000; ++i) peer.socket.send(`42${namespace},["x"]`);
    await peer.closed;
    const reasons = peer.reasons();
    const answered = reasons.filter((reason) => reason === "unknown_event").length;
    assert.ok(answered >= 200 && answered < 400, `${answered} events were answered`);
    assert.equal(reasons.at(-1), "rate_limited");
  });

  test("every frame of a flood is acknowledged, and every processed one has a result", async (t) => {
    const peer = await raw(t);
    peer.socket.send(`42${namespace},["control",{"action":"start"}]`);
    const frames = 300;
    for (let i = 1; i <= frames; ++i) {
      peer.socket.send(`451-${namespace},${i}${JSON.stringify(["video_frame", { frame_id: i, data: placeholder(0) }])}`);
      peer.socket.send(portrait);
    }
    const acks = new Map();
    for (let i = 1; i <= frames; ++i) {
      const message = await peer.until(`43${namespace},${i}[`);
      acks.set(i, JSON.parse(message.slice(message.indexOf("[")))[0]);
    }
    for (const [i, ack] of acks) assert.equal(ack.frame_id, i);
    assert.equal(peer.inbox.filter((data) => String(data).startsWith("43")).length, frames, "each frame is acknowledged once");
    const results = peer.inbox.filter((data) => String(data).startsWith(`42${namespace},["detection_result"`));
    assert.equal(results.length, [...acks.values()].filter((ack) => ack.ok).length);
    assert.ok(results.length >= 1);
  });

  test("no result follows the answer to stop, and every frame is acknowledged", async (t) => {
    const peer = await raw(t);
    let frame = 0;
    for (let round = 1000; round < 1100; ++round) {
      peer.socket.send(`42${namespace},["control",{"action":"start"}]`);
      peer.socket.send(`451-${namespace},${++frame}${JSON.stringify(["video_frame", { data: placeholder(0) }])}`);
      peer.socket.send(portrait);
      peer.socket.send(`42${namespace},["control",{"action":"configure","config":{"max_faces":${round % 5}}}]`);
      peer.socket.send(`42${namespace},${round}["control",{"action":"stop"}]`);
    }
    for (let i = 1; i <= frame; ++i) await peer.until(`43${namespace},${i}[`);
    await peer.until(`43${namespace},1099[`);
    let processing = false;
    for (const message of peer.inbox) {
      const status = /"state":"(\w+)"/.exec(message);
      if (status) processing = status[1] === "processing";
      if (String(message).includes('"detection_result"')) assert.ok(processing, "a result arrived while the session was idle");
    }
  });

  test("a connection survives a flood of joins and leaves", async (t) => {
    const peers = await Promise.all(Array.from({ length: 5 }, () => raw(t)));
    for (let i = 0; i < 200; ++i) {
      for (const { socket } of peers) {
        socket.send(`42${namespace},["join_room","room ${i % 40}"]`);
        socket.send(`42${namespace},["leave_room",{"room":"room ${(i * 7) % 40}"}]`);
      }
    }
    for (const peer of peers) {
      assert.equal(await peer.isAlive(), true);
      assert.ok(peer.reasons().every((reason) => ["not_in_room", "too_many_rooms", "rate_limited"].includes(reason)));
    }
  });

  test("a small PNG with a gigabyte of compressed comments is decoded", async (t) => {
    const peer = startClient(t, server, { token: token() });
    await peer.start();
    assert.equal((await peer.frame(1, pngOfText(64, 990_000))).ok, true);
    assert.deepEqual((await peer.next("detection_result")).resolution, [64, 64]);
  });

  test("requests and WebSocket frames that are truncated at many bytes do no harm", async () => {
    const { hostname, port } = new URL(server.url);
    const upgrade =
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    const post = "POST /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n40{\"a\":1}";
    const hello = Buffer.concat([Buffer.from([0x81, 0x80 | 40, 0, 0, 0, 0]), Buffer.from(`40${namespace},{"token":"x"}`.padEnd(40))]);
    const sendTruncated = async (bytes, length, reset) => {
      const socket = net.connect(port, hostname).on("error", () => {});
      await once(socket, "connect");
      await new Promise((resolve) => socket.write(bytes.subarray(0, length), resolve));
      if (reset) socket.resetAndDestroy();
      else socket.destroy();
    };
    for (const text of [upgrade, post]) {
      const bytes = Buffer.from(text);
      for (let length = 1; length < bytes.length; length += 5) await sendTruncated(bytes, length, length % 2 === 0);
    }
    for (let length = 0; length <= hello.length; length += 3) {
      const socket = net.connect(port, hostname).on("error", () => {});
      socket.write(upgrade);
      await once(socket, "data");
      await new Promise((resolve) => socket.write(hello.subarray(0, length), resolve));
      if (length % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
  });

  test("WebSocket frames that violate RFC 6455 or are too large close the connection", async () => {
    const { hostname, port } = new URL(server.url);
    const mask = [0, 0, 0, 0];
    const invalid = {
      "no mask": [0x81, 0x01, 0x34],
      "a reserved bit": [0xc1, 0x81, ...mask, 0x34],
      "an unknown opcode": [0x83, 0x81, ...mask, 0x34],
      "a continuation without a message": [0x80, 0x81, ...mask, 0x34],
      "a fragmented ping": [0x09, 0x81, ...mask, 0x34],
      "a frame of a terabyte": [0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, ...mask],
      "text that is not UTF-8": [0x81, 0x82, ...mask, 0xff, 0xfe],
      "noise": [...noise(1000)],
    };
    for (const bytes of Object.values(invalid)) {
      const socket = net.connect(port, hostname);
      socket.write(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
      );
      await once(socket, "data");
      socket.write(Buffer.from(bytes));
      socket.resume();
      await once(socket, "close");
    }
  });
});
