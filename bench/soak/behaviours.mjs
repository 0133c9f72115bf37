// Behaviours of clients, including broken and greedy ones. Each runs until `world.over` resolves (`idle` runs longer)
// and may reconnect. Hostile clients are in hostile.mjs.
import { Client } from "./client.mjs";

const websocket = { transports: ["websocket"] };
const polling = { transports: ["polling"] };

/** Returns a client that is connected and whose start was acknowledged; undefined if there is none. */
async function connect_and_start(world, name, options) {
  const client = new Client(world, name, options);
  if ((await client.connected()) && (await client.start())) return client;
  client.leave();
  return undefined;
}

async function send_frames(world, name, fps, options) {
  const client = await connect_and_start(world, name, options);
  if (!client) return;
  await client.send_frames(fps, world.over);
  client.leave();
}

export const steady = (world, name) => send_frames(world, name, 10, websocket);
export const upgrading = (world, name) => send_frames(world, name, 5, {});
export const polls = (world, name) => send_frames(world, name, 2, polling);
export const greedy = (world, name) => send_frames(world, name, 60, websocket);

/** Connects and stays idle, even after all other clients have left. */
export async function idle(world, name) {
  const client = new Client(world, name, websocket);
  await client.connected();
  await world.idle_released;
  client.leave();
}

/** Repeatedly connects, sends a few frames, and loses its connection at a random moment. */
export async function loses_connection(world, name) {
  while (!world.ended) {
    const client = new Client(world, name, { ...websocket, may_disconnect: true });
    const alive = client.connected().then((connected) => connected && client.start()).then((started) => {
      if (started) return client.send_frames(10, world.pause(2000));
    });
    await world.pause(world.random(1500));
    client.abort(world.random(2) < 1);
    client.leave();
    await alive;
  }
}

/** Repeatedly connects, sends a frame, and disconnects properly. */
export async function reconnects(world, name) {
  while (!world.ended) {
    const client = await connect_and_start(world, name, world.random(3) < 1 ? polling : {});
    await client?.expect_ok("initialize", { config: { max_faces: 1 }, client: "soak" });
    await client?.frame();
    client?.leave();
    await world.pause(world.random(500));
  }
}

/** Moves from room to room, as a publisher or a viewer. */
export async function changes_rooms(world, name) {
  const client = await connect_and_start(world, name, websocket);
  while (client && !world.ended) {
    const room = `room ${Math.floor(world.random(3))}`;
    await client.expect_ok("join_room", { room, role: world.random(2) < 1 ? "publisher" : "viewer" });
    for (let i = 0; i < 3; ++i) {
      await client.frame();
      await world.pause(200);
    }
    await client.expect_ok("leave_room", { room });
  }
  client?.leave();
}

/** Starts and stops, often with frames in flight. */
export async function toggles(world, name) {
  const client = await connect_and_start(world, name, websocket);
  while (client && !world.ended) {
    const frames = [client.frame(), client.frame()];
    await world.pause(world.random(30));
    await client.expect_ok("control", { action: "stop" });
    await Promise.all(frames);
    await client.expect_ok("control", { action: "configure", config: { max_faces: Math.floor(world.random(3)) } });
    await client.start();
    await world.pause(world.random(400));
  }
  client?.leave();
}
