// Hostile clients, which run one attack after the other. The server must still answer as documented.
import net from "node:net";
import { jpegHeader, noise, pngHeader, pngWithSurplus } from "../../tests/support/images.mjs";
import { signToken, seconds } from "../../tests/support/jwt.mjs";
import { Client } from "./client.mjs";

const request = (target, more = "") => `GET ${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const upgrade = request(
  "/ws/socket.io/?EIO=4&transport=websocket",
  "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
);
const handshake = request("/ws/socket.io/?EIO=4&transport=polling");
const websocket = { transports: ["websocket"], may_disconnect: true };

/** A masked WebSocket frame of text; `announced` bytes, of which only those of `text` are sent. */
function text_frame(text, announced = Buffer.byteLength(text)) {
  const header = Buffer.alloc(14);
  header[0] = 0x81;
  header[1] = 0x80 | 127;
  header.writeBigUInt64BE(BigInt(announced), 2);
  return Buffer.concat([header, Buffer.from(text)]); // the mask is 0
}
const connect_packet = (token) => text_frame(`40/emotion-detection,${JSON.stringify({ token })}`);

/**
 * Names of equal length that Boost.JSON 1.81 puts into the same bucket of an object with `count` of them, a
 * power of two, for one in sixteen of its salts.
 */
function colliding_names(count) {
  const names = [];
  for (let n = 0; names.length < count; ++n) {
    const name = n.toString(36).padStart(6, "0");
    let hash = 0x2325; // FNV-1a; its lowest 16 bits are enough
    for (let i = 0; i < name.length; ++i) hash = Math.imul(hash ^ name.charCodeAt(i), 0x1b3) & 0xffff;
    if (hash % count === 0) names.push(name);
  }
  return names;
}
const bomb = pngWithSurplus(64, 100_000_000);
const colliding = Object.fromEntries(colliding_names(512).map((name) => [name, 0]));

/** Sends raw bytes, waits a while for the server to close the connection, then closes it. */
async function raw(world, ...pieces) {
  const { hostname, port } = new URL(world.url);
  const socket = net.connect(port, hostname);
  const ended = new Promise((resolve) => socket.on("close", resolve).on("error", () => {}));
  for (const piece of pieces) {
    socket.write(piece);
    await world.pause(20);
  }
  socket.resume();
  await Promise.race([ended, world.pause(world.random(2000))]);
  if (world.random(2) < 1) socket.resetAndDestroy();
  else socket.destroy();
}

/** Sends an event that the server must reject. */
async function expect_rejection(client, event, payload) {
  const ack = await client.ask(event, payload);
  if (ack?.ok) client.world.ledger.fail(`${client.name}: ${event} was accepted: ${JSON.stringify(payload).slice(0, 100)}`);
}

const attacks = {
  async wrong_token(world, name) {
    const claims = { sub: name, exp: seconds() + 600 };
    const tokens = [
      "", "x", "a.b.c", noise(300).toString("base64"),
      signToken("another secret, also of 32 bytes and more", claims),
      signToken(world.secret, { ...claims, exp: 1 }),
      signToken(world.secret, claims, { alg: "none" }),
    ];
    const client = new Client(world, name, { ...websocket, token: world.one_of(tokens) });
    if (await client.connected()) world.ledger.fail(`${name} connected with an invalid token`);
    client.leave();
  },

  async broken_images(world, name) {
    const client = new Client(world, name, websocket);
    const portrait = world.picture();
    const images = [
      noise(1000), noise(1_200_000), jpegHeader(60_000, 60_000), jpegHeader(640, 480), pngHeader(640, 480),
      portrait.subarray(0, portrait.length / 2), Buffer.alloc(0), "no base64!", "data:image/jpeg;base64,", null, 17, {},
      ["x"],
    ];
    if ((await client.connected()) && (await client.start()))
      for (let i = 0; i < 5; ++i) await expect_rejection(client, "video_frame", { frame_id: i, data: world.one_of(images) });
    client.leave();
  },

  async bad_payloads(world, name) {
    const client = new Client(world, name, websocket);
    const payloads = [
      ["control", 17], ["control", { action: "dance" }], ["control", {}], ["initialize", { config: { min_confidence: 7 } }],
      ["initialize", { room: "x".repeat(1000) }], ["join_room", ""], ["join_room", { room: 1 }], ["leave_room", { room: "none" }],
      ["video_frame", { frame_id: 1, data: world.picture() }], ["video_frame", "x"], ["nonsense", { a: [1, { b: null }] }],
    ];
    if (await client.connected()) for (const [event, payload] of payloads) await expect_rejection(client, event, payload);
    client.leave();
  },

  async oversized_message(world, name) {
    const client = new Client(world, name, websocket);
    if (await client.connected()) {
      const disconnected = new Promise((resolve) => client.socket.on("disconnect", resolve));
      client.socket.emit("video_frame", { frame_id: 1, data: noise(3_000_000) });
      await Promise.race([disconnected, world.pause(5000)]);
      if (client.socket.connected && !world.ended) world.ledger.fail(`${name}: the connection survived a message of 3 MB`);
    }
    client.leave();
  },

  async flood(world, name) {
    const client = new Client(world, name, websocket);
    if (await client.connected()) {
      for (let i = 0; i < 500; ++i) client.socket.emit("nonsense", i);
      await client.ask("initialize", {});
    }
    client.leave();
  },

  async colliding_names(world, name) {
    const client = new Client(world, name, { ...websocket, token: undefined, auth: { token: "x", ...colliding } });
    if (await client.connected()) world.ledger.fail(`${name} connected with an invalid token`);
    client.leave();
    const accepted = new Client(world, name, websocket);
    if (await accepted.connected()) await accepted.ask("initialize", { config: Array(30).fill(colliding) });
    accepted.leave();
  },

  async surplus_of_pixels(world, name) {
    const client = new Client(world, name, websocket);
    if ((await client.connected()) && (await client.start()))
      for (let i = 0; i < 5; ++i)
        await expect_rejection(client, "video_frame", { frame_id: i, data: bomb });
    client.leave();
  },

  async rejected_connects(world, name) {
    const bad = Array.from({ length: 30 }, (_, i) => text_frame(i % 2 ? `40/n${i},` : '40/emotion-detection,{"token":"x"}'));
    await raw(world, upgrade, Buffer.concat(bad));
  },

  async events_without_end(world, name) {
    const event = text_frame('42/emotion-detection,1["initialize",{}]');
    await raw(world, upgrade, connect_packet(world.token(name)), ...Array(20).fill(Buffer.concat(Array(100).fill(event))));
  },

  incomplete_message: (world, name) =>
    raw(world, upgrade, connect_packet(world.token(name)), text_frame("4".repeat(500_000), 1_900_000)),
  garbage: (world) => raw(world, noise(1 + Math.floor(world.random(20_000)))),
  incomplete_request: (world) => raw(world, upgrade.slice(0, world.random(upgrade.length))),
  abandoned_session: (world) => raw(world, handshake), // opens a session and never polls
  incomplete_connect: (world) => raw(world, upgrade, Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x34])),
  invalid_frames: (world) => raw(world, upgrade, noise(1 + Math.floor(world.random(2000)))),
};

export async function hostile(world, name) {
  const all = Object.entries(attacks);
  for (let i = Math.floor(world.random(all.length)); !world.ended; ++i) {
    const [what, attack] = all[i % all.length];
    await attack(world, `${name} (${what})`);
    world.ledger.count("attacks");
    await world.pause(world.random(200));
  }
}
