// Those events of docs/api.md that the benchmark uses, on @vladmandic/human: this thread handles Socket.IO, and one worker
// per core analyzes images.
// usage: node server.mjs PORT      JWT_SECRET in the environment
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { Server } from "socket.io";
import { Pool } from "./pool.mjs";

/** Returns the claims of an HS256 token; undefined if verification fails. */
function verify(token, secret) {
  const [head, body, signature] = String(token).split(".");
  const expected = createHmac("sha256", secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature ?? "", "base64url");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
  if (JSON.parse(Buffer.from(head, "base64url")).alg !== "HS256") return undefined;
  const claims = JSON.parse(Buffer.from(body, "base64url"));
  return claims.exp > Date.now() / 1000 - 30 ? claims : undefined;
}

const pool = new Pool(availableParallelism());
await pool.ready();
const http = createServer();
const io = new Server(http, { path: "/ws/socket.io/", serveClient: false, maxHttpBufferSize: 2e6 });
const service = io.of("/emotion-detection");

service.use((socket, next) => {
  const { token } = socket.handshake.auth;
  if (!token) return next(new Error("Authentication required"));
  const claims = verify(token, process.env.JWT_SECRET);
  if (!claims) return next(new Error("Authentication failed"));
  socket.data.user = claims.sub;
  next();
});

service.on("connection", (socket) => {
  let processing = false;
  let busy = false;
  const answer = (event, what, ack) => {
    socket.emit(event, what);
    ack?.({ ok: event !== "error_message", ...what });
  };
  const reject = (code, message, reason, frame_id, ack) =>
    answer("error_message", { code, message, reason, frame_id, timestamp: Date.now() / 1000 }, ack);

  socket.on("initialize", (_, ack) =>
    answer("initialized", { session_id: socket.id, user_id: socket.data.user, server_time: Date.now() / 1000 }, ack));
  socket.on("control", ({ action }, ack) => {
    processing = action === "start";
    answer("status", { state: processing ? "processing" : "idle", action, timestamp: Date.now() / 1000 }, ack);
  });
  socket.on("video_frame", async ({ frame_id, timestamp = Date.now() / 1000, data }, ack) => {
    if (!processing) return reject(400, "Processing not started", "not_started", frame_id, ack);
    // one frame per client at a time, so that frames do not wait long
    if (busy) return ack?.({ ok: false, frame_id, dropped: true, reason: "busy" });
    busy = true;
    try {
      const { resolution, faces } = await pool.analyze(data);
      socket.emit("detection_result", {
        session_id: socket.id, user_id: socket.data.user, frame_id, timestamp, processed_at: Date.now() / 1000,
        resolution, face_count: faces.length, faces,
      });
      ack?.({ ok: true, frame_id });
    } catch (error) {
      reject(500, `Error processing frame: ${error}`, "undecodable_image", frame_id, ack);
    } finally {
      busy = false;
    }
  });
});

http.listen(Number(process.argv[2]), "127.0.0.1");
