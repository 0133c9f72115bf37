// How clients behave, broken and rude ones among them. Each runs until `world.over` and may come again as often as it
// likes; hostile ones are in hostile.mjs.
import { Visitor } from "./visitor.mjs";

const websocket = { transports: ["websocket"] };
const polling = { transports: ["polling"] };

/** A visitor that is in, and has started; undefined if it did not come so far. */
async function begin(world, name, options) {
  const visitor = new Visitor(world, name, options);
  if ((await visitor.connected()) && (await visitor.start())) return visitor;
  visitor.leave();
  return undefined;
}

async function films(world, name, fps, options) {
  const visitor = await begin(world, name, options);
  if (!visitor) return;
  await visitor.film(fps, world.over);
  visitor.leave();
}

export const steady = (world, name) => films(world, name, 10, websocket);
export const upgrading = (world, name) => films(world, name, 5, {});
export const polls = (world, name) => films(world, name, 2, polling);
export const greedy = (world, name) => films(world, name, 60, websocket);

/** Connects, says nothing, and stays, also when all others have gone. */
export async function silent(world, name) {
  const visitor = new Visitor(world, name, websocket);
  await visitor.connected();
  await world.leave_taking;
  visitor.leave();
}

/** Comes, sends a few frames, and is cut off somewhere; again and again. */
export async function cut_off(world, name) {
  while (!world.is_over) {
    const visitor = new Visitor(world, name, { ...websocket, may_end: true });
    const alive = visitor.connected().then((came) => came && visitor.start()).then((started) => {
      if (started) return visitor.film(10, world.pause(2000));
    });
    await world.pause(world.random(1500));
    visitor.cut(world.random(2) < 1);
    visitor.leave();
    await alive;
  }
}

/** Comes, looks, and goes as one should; again and again. */
export async function passer_by(world, name) {
  while (!world.is_over) {
    const visitor = await begin(world, name, world.random(3) < 1 ? polling : {});
    await visitor?.must("initialize", { config: { max_faces: 1 }, client: "soak" });
    await visitor?.frame();
    visitor?.leave();
    await world.pause(world.random(500));
  }
}

/** Goes from room to room, now showing its frames, now watching. */
export async function roams(world, name) {
  const visitor = await begin(world, name, websocket);
  while (visitor && !world.is_over) {
    const room = `room ${Math.floor(world.random(3))}`;
    await visitor.must("join_room", { room, role: world.random(2) < 1 ? "publisher" : "viewer" });
    for (let i = 0; i < 3; ++i) {
      await visitor.frame();
      await world.pause(200);
    }
    await visitor.must("leave_room", { room });
  }
  visitor?.leave();
}

/** Starts and stops, often with frames on their way. */
export async function toggles(world, name) {
  const visitor = await begin(world, name, websocket);
  while (visitor && !world.is_over) {
    const frames = [visitor.frame(), visitor.frame()];
    await world.pause(world.random(30));
    await visitor.must("control", { action: "stop" });
    await Promise.all(frames);
    await visitor.must("control", { action: "configure", config: { max_faces: Math.floor(world.random(3)) } });
    await visitor.start();
    await world.pause(world.random(400));
  }
  visitor?.leave();
}
