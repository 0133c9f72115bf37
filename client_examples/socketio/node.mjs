// Sends one image and prints the result.
// usage: node node.mjs http://localhost:8000 TOKEN image.jpg
import { readFile } from "node:fs/promises";
import { io } from "socket.io-client";

const [server, token, file] = process.argv.slice(2);
if (!file) {
  console.error("usage: node node.mjs http://localhost:8000 TOKEN image.jpg");
  process.exit(2);
}
const data = await readFile(file);
const socket = io(`${server}/ws/emotion-detection`, { auth: { token } });

function finish(text, failed) {
  (failed ? console.error : console.log)(text);
  process.exitCode = failed ? 1 : 0;
  socket.disconnect();
}

socket.on("connect", () => {
  socket.emit("initialize", { client: "node.mjs" });
  socket.emit("control", { action: "start" });
  socket.emit("video_frame", { frame_id: 1, data });
});
socket.on("detection_result", (result) => finish(JSON.stringify(result, null, 2)));
socket.on("error_message", ({ code, message }) => finish(`${message} (${code})`, true));
socket.on("connect_error", (error) => finish(`${error.message} ${error.data?.code ?? ""}`, true));
