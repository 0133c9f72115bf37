// A Socket.IO client for tests that queues the events it receives.
import { io } from "socket.io-client";

const timeout = 10_000; // ms

export class Peer {
  #inbox = [];
  #waiting = [];

  constructor(socket) {
    this.socket = socket;
    socket.onAny((event, ...args) => this.#arrived(event, args[0]));
    for (const event of ["connect", "connect_error", "disconnect"]) socket.on(event, (what) => this.#arrived(event, what));
  }

  #arrived(event, payload) {
    const i = this.#waiting.findIndex((waiter) => waiter.wants(event, payload));
    if (i >= 0) this.#waiting.splice(i, 1)[0].resolve(payload);
    else this.#inbox.push({ event, payload });
  }

  /** Removes and returns the payload of the oldest matching event; waits for one if there is none. */
  next(event, matches = () => true) {
    const wants = (name, payload) => name === event && matches(payload);
    const i = this.#inbox.findIndex((kept) => wants(kept.event, kept.payload));
    if (i >= 0) return Promise.resolve(this.#inbox.splice(i, 1)[0].payload);
    return new Promise((resolve, reject) => {
      const waiter = { wants, resolve: (payload) => (clearTimeout(timer), resolve(payload)) };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        const instead = this.#inbox.map((kept) => `${kept.event} ${JSON.stringify(kept.payload)}`).join("\n");
        reject(new Error(`no ${event} within ${timeout} ms, but:\n${instead}`));
      }, timeout);
      this.#waiting.push(waiter);
    });
  }

  /** The number of queued events of that name. */
  count(event) {
    return this.#inbox.filter((kept) => kept.event === event).length;
  }

  emit(event, ...args) {
    this.socket.emit(event, ...args);
  }

  /** Emits an event and returns its acknowledgement. */
  ask(event, ...args) {
    return this.socket.timeout(timeout).emitWithAck(event, ...args);
  }

  /** Sends a frame and returns its acknowledgement. */
  frame(frame_id, data, more = {}) {
    return this.ask("video_frame", { frame_id, data, ...more });
  }

  async start() {
    this.emit("control", { action: "start" });
    return this.next("status", ({ action }) => action === "start");
  }
}

/** A client that starts to connect; it is disconnected when the test `t` ends. */
export function startClient(t, server, { token, namespace = "/ws/emotion-detection", path = "/socket.io/", ...options } = {}) {
  const socket = io(server.url + namespace, {
    path,
    forceNew: true,
    reconnection: false,
    ...(token !== undefined && { auth: { token } }),
    ...options,
  });
  t.after(() => socket.disconnect());
  return new Peer(socket);
}

/** A connected client with a token of the account. */
export async function connect(t, server, { account = "alice", ...options } = {}) {
  const peer = startClient(t, server, { token: await server.token(account), ...options });
  await peer.next("connect");
  return peer;
}
