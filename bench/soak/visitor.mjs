// A Socket.IO client that holds the server to its word: each event is acknowledged in time, and each frame that is
// acknowledged as done had its result before.
import { io } from "socket.io-client";

const namespace = "/emotion-detection";
const path = "/ws/socket.io/";

export class Visitor {
  #results = new Set();
  #frames = 0;
  #work = new Set();
  #leaving = false;
  #leave;
  #left = new Promise((resolve) => (this.#leave = resolve));

  /** `may_end`: whether the server, or a cut, may end the connection. */
  constructor(world, name, { may_end = false, token = world.token(name), ...options } = {}) {
    this.world = world;
    this.name = name;
    this.may_end = may_end;
    this.socket = io(world.url + namespace, { path, forceNew: true, reconnection: false, auth: { token }, ...options });
    this.socket.on("detection_result", ({ session_id, frame_id }) => {
      if (session_id === this.socket.id) this.#results.add(frame_id);
      else this.world.ledger.count("results of others");
    });
    this.socket.on("disconnect", (reason) => {
      if (!this.#leaving && !this.may_end && !world.ending) world.ledger.fail(`${name} was disconnected: ${reason}`);
    });
  }

  /** Whether it got in; that it does not is a failure, unless it is told why it may not or left itself. */
  async connected() {
    const { ledger, patience } = this.world;
    return new Promise((resolve) => {
      const late = setTimeout(() => {
        ledger.fail(`${this.name} did not connect within ${patience} ms`);
        resolve(false);
      }, patience);
      this.#left.then(() => settle(false));
      const settle = (came) => {
        clearTimeout(late);
        if (came || !this.#leaving) ledger.count(came ? "connections" : "connections refused");
        resolve(came);
      };
      this.socket.on("connect", () => settle(true));
      this.socket.on("connect_error", (error) => {
        if (!error.data && !this.may_end && !this.world.ending) ledger.fail(`${this.name}: ${error.message}`);
        settle(false);
      });
    });
  }

  /** The acknowledgement; undefined if the connection ended before. */
  async ask(event, ...payload) {
    const { ledger, patience } = this.world;
    try {
      const ack = await this.socket.timeout(patience).emitWithAck(event, ...payload);
      ledger.count("acknowledgements");
      return ack;
    } catch (error) {
      if (/timed out/.test(error.message) && this.socket.connected)
        ledger.fail(`${this.name}: no acknowledgement of ${event} within ${patience} ms`);
      return undefined;
    }
  }

  /** Asks what must be answered with ok. */
  async must(event, payload) {
    const ack = await this.ask(event, payload);
    if (ack && !ack.ok) this.world.ledger.fail(`${this.name}: ${event} was refused: ${JSON.stringify(ack)}`);
    return ack;
  }

  async start() {
    return this.must("control", { action: "start" });
  }

  /** Sends a frame and checks what becomes of it. */
  async frame(data = this.world.picture()) {
    const frame_id = ++this.#frames;
    const ack = await this.ask("video_frame", { frame_id, data });
    if (!ack) return undefined;
    const { ledger } = this.world;
    if (ack.frame_id !== frame_id) ledger.fail(`${this.name}: frame ${frame_id} was acknowledged as ${ack.frame_id}`);
    if (ack.ok && !this.#results.delete(frame_id)) ledger.fail(`${this.name}: frame ${frame_id} was done without a result`);
    ledger.count(ack.ok ? "results" : ack.reason);
    return ack;
  }

  /** Sends so many frames a second until `end` resolves, whatever becomes of them. */
  async film(fps, end) {
    const timer = setInterval(() => {
      if (!this.socket.connected) return;
      const frame = this.frame().finally(() => this.#work.delete(frame));
      this.#work.add(frame);
    }, 1000 / fps);
    await end;
    clearInterval(timer);
    await Promise.all(this.#work);
  }

  /** As Wi-Fi that is gone: the connection ends without a word. */
  cut(reset) {
    this.may_end = true;
    const tcp = this.socket.io.engine?.transport?.ws?._socket;
    if (reset) tcp?.resetAndDestroy();
    else tcp?.destroy();
  }

  leave() {
    this.#leaving = true;
    this.#leave();
    this.socket.disconnect();
  }
}
