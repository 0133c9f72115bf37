// npm's Socket.IO server with the handlers that all servers in the benchmark have.
import { Server } from "socket.io";
import { createServer } from "node:http";

const http = createServer();
const io = new Server(http, { serveClient: false });

io.on("connection", (socket) => {
  socket.on("echo", (value) => socket.emit("echo", value));
  socket.on("broadcast", (value) => io.emit("broadcast", value));
});

http.listen(Number(process.argv[2]), "127.0.0.1");
