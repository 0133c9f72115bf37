// A Socket.IO client that checks the server's contract: each event is acknowledged in time, and the result of a processed frame
// arrives before its acknowledgement.
import { io } from "socket.io-client";

const namespace = "/emotion-detection";
const path = "/ws/socket.io/";

export class Client {
  #results = new Set();
  #frames = 0;
  #pending = new Set();
  #leaving = false;
  #leave;
  #left = new Promise((resolve) => (this.#leave = resolve));

  /** If `may_disconnect` is true, neither a connection error nor losing the connection is a failure. */
  constructor(world, name, { may_disconnect = false, token = world.token(name), ...options } = {}) {
    this.world = world;
    this.name = name;
    this.may_disconnect = may_disconnect;
    this.socket = io(world.url + namespace, { path, forceNew: true, reconnection: false, auth: { token }, ...options });
    this.socket.on("detection_result", ({ session_id, frame_id }) => {
      if (session_id === this.socket.id) this.#results.add(frame_id);
      else this.world.ledger.count("results of other clients");
    });
    this.socket.on("disconnect", (reason) => {
      if (!this.#leaving && !this.may_disconnect && !world.ending) world.ledger.fail(`${name} was disconnected: ${reason}`);
    });
  }

  /**
   * Resolves to whether the client has connected. Records a failure if that takes too long, unless the client left; and for an
   * error for which the server gave no reason, unless the client may disconnect or the server is stopping.
   */
  async connected() {
    const { ledger, timeout } = this.world;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        ledger.fail(`${this.name} did not connect within ${timeout} ms`);
        resolve(false);
      }, timeout);
      this.#left.then(() => settle(false));
      const settle = (connected) => {
        clearTimeout(timer);
        if (connected || !this.#leaving) ledger.count(connected ? "connections" : "connections rejected");
        resolve(connected);
      };
      this.socket.on("connect", () => settle(true));
      this.socket.on("connect_error", (error) => {
        if (!error.data && !this.may_disconnect && !this.world.ending) ledger.fail(`${this.name}: ${error.message}`);
        settle(false);
      });
    });
  }

  /** Emits an event; returns its acknowledgement, or undefined if the connection is lost or the timeout passes. */
  async ask(event, ...payload) {
    const { ledger, timeout } = this.world;
    try {
      const ack = await this.socket.timeout(timeout).emitWithAck(event, ...payload);
      ledger.count("acknowledgements");
      return ack;
    } catch (error) {
      if (/timed out/.test(error.message) && this.socket.connected)
        ledger.fail(`${this.name}: no acknowledgement of ${event} within ${timeout} ms`);
      return undefined;
    }
  }

  /** Emits an event that must be acknowledged with ok. */
  async expect_ok(event, payload) {
    const ack = await this.ask(event, payload);
    if (ack && !ack.ok) this.world.ledger.fail(`${this.name}: ${event} was rejected: ${JSON.stringify(ack)}`);
    return ack;
  }

  async start() {
    return this.expect_ok("control", { action: "start" });
  }

  /** Sends a frame and checks its acknowledgement and result. */
  async frame(data = this.world.picture()) {
    const frame_id = ++this.#frames;
    const ack = await this.ask("video_frame", { frame_id, data });
    if (!ack) return undefined;
    const { ledger } = this.world;
    if (ack.frame_id !== frame_id) ledger.fail(`${this.name}: frame ${frame_id} was acknowledged as ${ack.frame_id}`);
    if (ack.ok && !this.#results.delete(frame_id)) ledger.fail(`${this.name}: frame ${frame_id} was acknowledged without a result`);
    ledger.count(ack.ok ? "results" : ack.reason);
    return ack;
  }

  /** Sends `fps` frames per second until `end` resolves, without waiting for results. */
  async send_frames(fps, end) {
    const timer = setInterval(() => {
      if (!this.socket.connected) return;
      const frame = this.frame().finally(() => this.#pending.delete(frame));
      this.#pending.add(frame);
    }, 1000 / fps);
    await end;
    clearInterval(timer);
    await Promise.all(this.#pending);
  }

  /** Simulates a lost connection: closes the TCP connection, or resets it, without closing the session. */
  abort(reset) {
    this.may_disconnect = true;
    const tcp = this.socket.io.engine?.transport?.ws?._socket;
    if (reset) tcp?.resetAndDestroy();
    else tcp?.destroy();
  }

  /** Disconnects properly. */
  leave() {
    this.#leaving = true;
    this.#leave();
    this.socket.disconnect();
  }
}
