// The Emostream console: one page that speaks the whole wire contract. It is served at `/` and works opened from
// disk as well, so it is a plain script and takes the Socket.IO client from the server it talks to.
"use strict";

(() => {
  const cameraSide = 640; // the longest of a frame, pixels: enough for faces at a desk
  const photoSide = 1080; // may show a crowd, and must fit a server's limits upright too
  const ackDeadline = 5000; // ms
  const rateWindow = 2000; // ms the frame rate is measured over

  const state = {
    socket: null,
    clientFrom: "", // the server whose Socket.IO client is loaded
    session: null, // what `initialized` said
    source: null, // what is being sent: "camera", "photo" or nothing
    pump: 0, // the number of the loop that may send frames; another number ends it
    frameId: 0,
    targetFps: 10,
    sentAt: new Map(), // frame_id → when, ms
    resultsAt: [], // those of the last rateWindow ms
    dropped: 0,
    room: null, // { room, role } we are in; joined anew after a reconnect
  };

  // ---- Connection ----

  function serverAddress() {
    const typed = $("server").value.trim();
    try {
      const url = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`);
      if (/^https?:$/.test(url.protocol)) return url.origin;
    } catch {
      // Said below, as for any other address that will not do.
    }
    throw new Error(`“${typed}” is not the address of a server. Use one like http://localhost:8000.`);
  }

  /** Loads the Socket.IO client that the server itself serves, so that the two always fit. */
  async function loadClient(server) {
    if (window.io && state.clientFrom === server) return;
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${server}/socket.io/socket.io.js`;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`Nothing answers at ${server}. If a server runs there, use its own page.`));
      document.head.append(script);
    });
    state.clientFrom = server;
  }

  /** Connects with what the form says. False if that failed, and the user has been told. */
  async function connect() {
    disconnect();
    view.settle();
    view.status("waiting", "Connecting…");
    try {
      const server = serverAddress();
      await loadClient(server);
      return await open(server, $("token").value.trim());
    } catch (error) {
      view.status("offline", "Not connected");
      view.complain(error.message);
      return false;
    }
  }

  function open(server, token) {
    const socket = io(`${server}/ws/emotion-detection`, { auth: { token } });
    state.socket = socket;
    $("connect").textContent = "Disconnect";
    socket.on("initialized", onInitialized);
    socket.on("status", onStatus);
    socket.on("detection_result", onResult);
    socket.on("error_message", onErrorMessage);
    socket.on("disconnect", onDisconnect);
    return new Promise((resolve) => {
      socket.on("connect", () => {
        greet();
        resolve(true);
      });
      socket.on("connect_error", (error) => {
        onConnectError(error);
        resolve(false);
      });
    });
  }

  /** After each connect, the first and later ones: back to what we were doing. */
  function greet() {
    view.settle();
    view.status("idle", "Connected");
    state.socket.emit("initialize", { config: settings(), client: "emostream console" });
    if (state.room) state.socket.emit("join_room", state.room);
    if (state.source === "camera") state.socket.emit("control", { action: "start" });
  }

  function disconnect() {
    if (!state.socket) return;
    state.socket.disconnect();
    forgetSocket();
  }

  /** There is no connection and none will come by itself. */
  function forgetSocket() {
    endSource();
    state.socket = null;
    state.session = null;
    setRoom(null);
    view.status("offline", "Not connected");
    $("connect").textContent = "Connect";
    $("connection").classList.remove("done");
    $("connected-to").hidden = true;
  }

  function onConnectError(error) {
    if (state.socket?.active) {
      // The client library tries again by itself.
      view.status("waiting", "Reconnecting…");
      view.complain(`The server at ${state.clientFrom} cannot be reached (${error.message}). Trying again.`);
      return;
    }
    const refusals = {
      AUTH_REQUIRED: "The server wants a token. Paste one into the token field.",
      AUTH_FAILED: "The server refused this token. Is it complete, and was it made with this server's secret?",
      TOKEN_EXPIRED: "This token has expired. Get a fresh one.",
      CONNECTION_LIMIT: `This account has as many connections as it may (${error.data?.limit}). Close one first.`,
    };
    const code = error.data?.code;
    forgetSocket();
    const words = refusals[code] ?? "The server refused the connection.";
    view.complain(`${words} (${code ? `${error.message}, ${code}` : error.message})`);
  }

  function onDisconnect(reason) {
    pausePump();
    if (state.source === "camera") view.faces([]);
    if (reason === "io client disconnect") return view.note("Disconnected.");
    const causes = {
      "io server disconnect": "The server ended the connection.",
      "ping timeout": "The server has gone silent.",
      "transport close": "The connection was lost.",
      "transport error": "The connection broke.",
    };
    const cause = causes[reason] ?? `Disconnected: ${reason}.`;
    if (state.socket?.active) {
      view.status("waiting", "Reconnecting…");
      return view.complain(`${cause} Reconnecting.`);
    }
    forgetSocket();
    // What the server said just before, for example that the token has expired, explains more.
    if ($("alert").hidden) view.complain(cause);
    else view.note(cause, "error");
  }

  // ---- What the server says ----

  function onInitialized(message) {
    state.session = message;
    adopt(message.config);
    adoptRate(message.limits?.max_fps);
    view.status("idle", `Connected as ${message.user_id}`);
    view.note(`Connected as ${message.user_id}. Models: ${message.model?.detector}, ${message.model?.classifier}.`);
    $("connected-to").textContent = new URL(state.clientFrom).host;
    $("connected-to").hidden = false;
    $("connection").classList.add("done");
  }

  function onStatus(message) {
    adopt(message.config);
    adoptRate(message.target_fps);
    const processing = message.state === "processing";
    const who = state.session ? ` as ${state.session.user_id}` : "";
    view.status(message.state, `${processing ? "Processing" : "Connected"}${who}`);
    if (message.action === "configure") {
      const { min_confidence, max_faces } = message.config;
      view.note(`Settings in force: confidence ${min_confidence} and up, ${max_faces || "all"} faces.`);
    }
    if (message.action === "join_room") onJoined(message);
    if (message.action === "leave_room") {
      view.note(`Left room ${message.room}.`);
      if (message.room === state.room?.room) setRoom(null);
    }
    if (!processing && state.source === "camera") pausePump();
    if (processing && message.action === "start" && state.source === "camera") pump();
  }

  /** The service lets one be in many rooms; this page shows one at a time. */
  function onJoined({ room, role }) {
    const before = state.room?.room;
    if (before !== undefined && before !== room) {
      state.socket.emit("leave_room", { room: before });
      setRoom(null); // whose members go
    }
    setRoom({ room, role });
    view.note(`In room ${room} as ${role}.`);
    view.settle();
  }

  function onErrorMessage({ code, message }) {
    const hints = {
      401: " Get a fresh token and connect again.",
      403: " This room is not open to you.",
      413: " The frame is too large for this server.",
      429: " The server asks for fewer frames.",
      503: " The server has too much to do at the moment.",
    };
    view.complain(`${message} (${code}).${hints[code] ?? ""}`);
  }

  function onResult(result) {
    if (result.session_id !== (state.session?.session_id ?? state.socket?.id)) return view.member(result);
    const sent = state.sentAt.get(result.frame_id);
    if (sent === undefined) return; // stopped meanwhile, or something else is shown
    const now = performance.now();
    state.sentAt.delete(result.frame_id);
    state.resultsAt = [...state.resultsAt.filter((at) => now - at < rateWindow), now];
    state.dropped += result.dropped_since_last ?? 0;
    const span = now - state.resultsAt[0];
    view.meters({
      rate: span > 0 ? ((state.resultsAt.length - 1) * 1000) / span : null,
      roundTrip: now - sent,
      onServer: result.latency_ms ?? null,
      dropped: state.dropped,
    });
    view.faces(result.faces, {
      resolution: result.resolution,
      mirrored: isMirrored(),
      labels: state.session?.model?.labels,
    });
    view.settle();
    if (state.source === "photo") state.socket.emit("control", { action: "stop" });
  }

  // ---- Sending ----

  async function startCamera() {
    if (!state.socket?.connected && !(await connect())) return;
    if (state.source) endSource();
    if (!(await camera.open(stop))) return;
    state.source = "camera";
    showSource();
    state.socket?.emit("control", { action: "start" });
  }

  function stop() {
    state.socket?.emit("control", { action: "stop" });
    endSource();
  }

  function endSource() {
    state.source = null;
    pausePump();
    camera.close();
    view.picture();
    view.faces([]);
    showSource();
  }

  function pausePump() {
    state.pump += 1;
    state.sentAt.clear();
    state.resultsAt = [];
    if (state.source !== "photo") view.meters({});
  }

  /** Sends frame after frame: the next one when this one is acknowledged, and not before its time. */
  async function pump() {
    const mine = (state.pump += 1);
    state.dropped = 0;
    const video = $("video");
    while (mine === state.pump) {
      const next = performance.now() + 1000 / state.targetFps;
      const picture = await camera.jpegOf(video, video.videoWidth, video.videoHeight, cameraSide);
      if (mine !== state.pump) return;
      if (picture) await sendFrame(picture, () => mine === state.pump);
      await new Promise((resolve) => setTimeout(resolve, Math.max(picture ? 0 : 50, next - performance.now())));
    }
  }

  async function sendFrame({ data, resolution }, stillWanted = () => true) {
    const frame_id = (state.frameId += 1);
    state.sentAt.set(frame_id, performance.now());
    try {
      const ack = await state.socket
        .timeout(ackDeadline)
        .emitWithAck("video_frame", { frame_id, timestamp: Date.now() / 1000, resolution, data });
      adoptRate(ack?.target_fps);
      if (!ack?.ok) state.sentAt.delete(frame_id);
    } catch {
      if (stillWanted()) view.complain(`No answer for a frame within ${ackDeadline / 1000} seconds.`);
    }
  }

  async function tryPhoto(file) {
    if (!file) return;
    if (!state.socket?.connected && !(await connect())) return;
    let photo;
    try {
      photo = await createImageBitmap(file);
    } catch {
      return view.complain(`${file.name} is not a picture that this browser can read.`);
    }
    endSource();
    const still = $("still");
    const scale = Math.min(1, photoSide / Math.max(photo.width, photo.height));
    still.width = Math.round(photo.width * scale);
    still.height = Math.round(photo.height * scale);
    still.getContext("2d").drawImage(photo, 0, 0, still.width, still.height);
    view.picture("still", still.width, still.height);
    state.source = "photo";
    state.socket.emit("control", { action: "start" });
    await sendFrame(await camera.jpegOf(still, still.width, still.height, photoSide));
  }

  const isMirrored = () => $("mirror").checked && state.source === "camera";

  function showSource() {
    const running = state.source === "camera";
    $("run").textContent = running ? "Stop camera" : "Start camera";
    $("run").classList.toggle("running", running);
    $("stage").classList.toggle("mirrored", isMirrored());
  }

  // ---- Settings and room ----

  const settings = () => ({
    min_confidence: Number($("confidence").value),
    max_faces: Number($("max-faces").value),
  });

  /** Shows the settings in force, as the server tells them. */
  function adopt(config) {
    if (Number.isFinite(config?.min_confidence)) $("confidence").value = config.min_confidence;
    if (Number.isFinite(config?.max_faces)) $("max-faces").value = config.max_faces;
    showConfidence();
  }

  function adoptRate(fps) {
    if (fps > 0) state.targetFps = fps;
  }

  function showConfidence() {
    $("confidence-shown").textContent = Number($("confidence").value).toFixed(2);
  }

  function setRoom(room) {
    state.room = room;
    view.room(room);
  }

  // ---- Wiring ----

  const served = location.protocol.startsWith("http");
  const wish = new URLSearchParams(location.hash.slice(1));
  $("server").value = wish.get("server") ?? (served ? location.origin : "http://localhost:8000");
  $("token").value = wish.get("token") ?? "";
  $("room").value = wish.get("room") ?? "";
  if (wish.get("role") === "viewer") $("role").value = "viewer";
  showConfidence();

  $("connection").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.socket) disconnect();
    else connect();
  });
  $("run").addEventListener("click", () => (state.source === "camera" ? stop() : startCamera()));
  $("camera").addEventListener("change", () => state.source === "camera" && startCamera());
  $("mirror").addEventListener("change", showSource);
  $("video").addEventListener("resize", ({ target }) => view.picture("video", target.videoWidth, target.videoHeight));
  $("photo").addEventListener("click", () => $("photo-file").click());
  $("photo-file").addEventListener("change", ({ target }) => {
    tryPhoto(target.files[0]);
    target.value = ""; // so that the same photo can be chosen again
  });
  $("confidence").addEventListener("input", showConfidence);
  $("settings").addEventListener("submit", (event) => event.preventDefault());
  $("settings").addEventListener("change", () => {
    if (!$("settings").reportValidity() || !state.socket?.connected) return;
    state.socket.emit("control", { action: "configure", config: settings() });
  });
  $("room-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!state.socket?.connected && !(await connect())) return;
    state.socket.emit("join_room", { room: $("room").value.trim(), role: $("role").value });
  });
  $("leave").addEventListener("click", () => state.socket?.emit("leave_room", { room: state.room?.room }));
})();
