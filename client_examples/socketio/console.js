// The Emostream console: a page that uses every event of the API. It is served at `/` and also works when opened from
// disk, so it is a classic script, not a module, and loads the Socket.IO client from the server to which it connects.
"use strict";

(() => {
  const cameraSide = 640; // maximum side of a frame in pixels: enough for faces at a desk
  const photoSide = 1080; // a photo may show a crowd; 1080×1080 is within the default limits of the server
  const ackTimeout = 5000; // ms
  const rateWindow = 2000; // ms over which the frame rate is measured

  const state = {
    socket: null,
    clientOrigin: "", // the server from which the Socket.IO client was loaded
    session: null, // the payload of `initialized`
    source: null, // the source of the frames: "camera", "photo" or null
    sendLoop: 0, // id of the loop that sends frames; a loop ends when this is no longer its id
    frameId: 0,
    targetFps: 10,
    sentAt: new Map(), // frame_id → time in ms
    resultsAt: [], // times of the results of the last rateWindow ms
    dropped: 0,
    room: null, // the joined { room, role }; joined again after a reconnect
  };

  // ---- Connection ----

  function serverAddress() {
    const typed = $("server").value.trim();
    try {
      const url = new URL(/^[a-z]+:\/\//i.test(typed) ? typed : `http://${typed}`);
      if (/^https?:$/.test(url.protocol)) return url.origin;
    } catch {
      // Reported below, like any other invalid address.
    }
    throw new Error(`“${typed}” is not the address of a server. Use an address like http://localhost:8000.`);
  }

  /** Loads the Socket.IO client from the server itself, so that their versions match. */
  async function loadClient(server) {
    if (window.io && state.clientOrigin === server) return;
    await new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${server}/socket.io/socket.io.js`;
      script.onload = resolve;
      script.onerror = () => reject(new Error(`The Socket.IO client could not be loaded from ${server}. If a server is running there, open the console at that address.`));
      document.head.append(script);
    });
    state.clientOrigin = server;
  }

  /** Connects with the values of the form. Returns false on failure, after showing the error. */
  async function connect() {
    disconnect();
    view.clearError();
    view.showStatus("waiting", "Connecting…");
    try {
      const server = serverAddress();
      await loadClient(server);
      return await open(server, $("token").value.trim());
    } catch (error) {
      view.showStatus("offline", "Not connected");
      view.showError(error.message);
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
        onConnect();
        resolve(true);
      });
      socket.on("connect_error", (error) => {
        onConnectError(error);
        resolve(false);
      });
    });
  }

  /** After each connect and reconnect: restores settings, room and processing. */
  function onConnect() {
    view.clearError();
    view.showStatus("idle", "Connected");
    state.socket.emit("initialize", { config: settings(), client: "emostream console" });
    if (state.room) state.socket.emit("join_room", state.room);
    if (state.source === "camera") state.socket.emit("control", { action: "start" });
  }

  function disconnect() {
    if (!state.socket) return;
    state.socket.disconnect();
    resetConnection();
  }

  /** Resets the page after a connection that will not be re-established automatically. */
  function resetConnection() {
    endSource();
    state.socket = null;
    state.session = null;
    setRoom(null);
    view.showStatus("offline", "Not connected");
    $("connect").textContent = "Connect";
    $("connection").classList.remove("done");
    $("connected-to").hidden = true;
  }

  function onConnectError(error) {
    if (state.socket?.active) {
      // The client library retries automatically.
      view.showStatus("waiting", "Reconnecting…");
      view.showError(`The server at ${state.clientOrigin} cannot be reached (${error.message}). Trying again.`);
      return;
    }
    const explanations = {
      AUTH_REQUIRED: "The server requires a token. Paste one into the token field.",
      AUTH_FAILED: "The server rejected this token. Check that it is complete and was created with this server's secret.",
      TOKEN_EXPIRED: "This token has expired. Get a new one.",
      RATE_LIMITED: "This account connects too often. Wait a little.",
      CONNECTION_LIMIT: `This account has reached its limit of connections (${error.data?.limit}). Close one first.`,
    };
    const code = error.data?.code;
    resetConnection();
    const text = explanations[code] ?? "The server rejected the connection.";
    view.showError(`${text} (${code ? `${error.message}, ${code}` : error.message})`);
  }

  function onDisconnect(reason) {
    stopSending();
    if (state.source === "camera") view.showFaces([]);
    if (reason === "io client disconnect") return view.note("Disconnected.");
    const causes = {
      "io server disconnect": "The server closed the connection.",
      "ping timeout": "The server stopped responding.",
      "transport close": "The connection was lost.",
      "transport error": "The connection failed.",
    };
    const cause = causes[reason] ?? `Disconnected: ${reason}.`;
    if (state.socket?.active) {
      view.showStatus("waiting", "Reconnecting…");
      return view.showError(`${cause} Reconnecting.`);
    }
    resetConnection();
    // An earlier error from the server, such as an expired token, is more informative.
    if ($("alert").hidden) view.showError(cause);
    else view.note(cause, "error");
  }

  // ---- Messages from the server ----

  function onInitialized(message) {
    state.session = message;
    showSettings(message.config);
    setTargetFps(message.limits?.max_fps);
    view.showStatus("idle", `Connected as ${message.user_id}`);
    view.note(`Connected as ${message.user_id}. Models: ${message.model?.detector}, ${message.model?.classifier}.`);
    $("connected-to").textContent = new URL(state.clientOrigin).host;
    $("connected-to").hidden = false;
    $("connection").classList.add("done");
  }

  function onStatus(message) {
    showSettings(message.config);
    setTargetFps(message.target_fps);
    const processing = message.state === "processing";
    const account = state.session ? ` as ${state.session.user_id}` : "";
    view.showStatus(message.state, `${processing ? "Processing" : "Connected"}${account}`);
    if (message.action === "configure") {
      const { min_confidence, max_faces } = message.config;
      view.note(`Settings in effect: minimum confidence ${min_confidence}, ${max_faces ? `at most ${max_faces}` : "all"} faces.`);
    }
    if (message.action === "join_room") onJoined(message);
    if (message.action === "leave_room") {
      view.note(`Left room ${message.room}.`);
      if (message.room === state.room?.room) setRoom(null);
    }
    if (!processing && state.source === "camera") stopSending();
    if (processing && message.action === "start" && state.source === "camera") sendFrames();
  }

  /** The service allows several rooms per client; this page uses one at a time. */
  function onJoined({ room, role }) {
    const before = state.room?.room;
    if (before !== undefined && before !== room) {
      state.socket.emit("leave_room", { room: before });
      setRoom(null); // removes its members from the page
    }
    setRoom({ room, role });
    view.note(`In room ${room} as ${role}.`);
    view.clearError();
  }

  function onErrorMessage({ code, message, reason }) {
    const hints = {
      token_expired: " Get a new token and connect again.",
      room_not_allowed: " Your token must allow this room and role.",
      frame_too_large: " The frame is too large for this server.",
      overloaded: " The server is overloaded at the moment.",
    };
    view.showError(`${message} (${code}).${hints[reason] ?? ""}`);
  }

  function onResult(result) {
    if (result.session_id !== (state.session?.session_id ?? state.socket?.id)) return view.showMember(result);
    const sent = state.sentAt.get(result.frame_id);
    if (sent === undefined) return; // processing was stopped or the source changed in the meantime
    const now = performance.now();
    state.sentAt.delete(result.frame_id);
    state.resultsAt = [...state.resultsAt.filter((at) => now - at < rateWindow), now];
    state.dropped += result.dropped_since_last ?? 0;
    const span = now - state.resultsAt[0];
    view.showMeters({
      rate: span > 0 ? ((state.resultsAt.length - 1) * 1000) / span : null,
      roundTrip: now - sent,
      onServer: result.latency_ms ?? null,
      dropped: state.dropped,
    });
    view.showFaces(result.faces, {
      resolution: result.resolution,
      mirrored: isMirrored(),
      labels: state.session?.model?.labels,
    });
    view.clearError();
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
    stopSending();
    camera.close();
    view.showPicture();
    view.showFaces([]);
    showSource();
  }

  function stopSending() {
    state.sendLoop += 1;
    state.sentAt.clear();
    state.resultsAt = [];
    if (state.source !== "photo") view.showMeters({});
  }

  /** Sends frames in a loop: each one when the previous one was acknowledged or ackTimeout has passed, at most
   *  targetFps per second. */
  async function sendFrames() {
    const loop = (state.sendLoop += 1);
    state.dropped = 0;
    const video = $("video");
    while (loop === state.sendLoop) {
      const next = performance.now() + 1000 / state.targetFps;
      const image = await camera.jpegOf(video, video.videoWidth, video.videoHeight, cameraSide);
      if (loop !== state.sendLoop) return;
      if (image) await sendFrame(image, () => loop === state.sendLoop);
      await new Promise((resolve) => setTimeout(resolve, Math.max(image ? 0 : 50, next - performance.now())));
    }
  }

  async function sendFrame({ data, resolution }, isWanted = () => true) {
    const frame_id = (state.frameId += 1);
    state.sentAt.set(frame_id, performance.now());
    try {
      const ack = await state.socket
        .timeout(ackTimeout)
        .emitWithAck("video_frame", { frame_id, timestamp: Date.now() / 1000, resolution, data });
      setTargetFps(ack?.target_fps);
      if (!ack?.ok) state.sentAt.delete(frame_id);
    } catch {
      if (isWanted()) view.showError(`A frame was not acknowledged within ${ackTimeout / 1000} seconds.`);
    }
  }

  async function sendPhoto(file) {
    if (!file) return;
    if (!state.socket?.connected && !(await connect())) return;
    let photo;
    try {
      photo = await createImageBitmap(file);
    } catch {
      return view.showError(`${file.name} is not an image that this browser can read.`);
    }
    endSource();
    const still = $("still");
    const scale = Math.min(1, photoSide / Math.max(photo.width, photo.height));
    still.width = Math.round(photo.width * scale);
    still.height = Math.round(photo.height * scale);
    still.getContext("2d").drawImage(photo, 0, 0, still.width, still.height);
    view.showPicture("still", still.width, still.height);
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
    mesh: $("details").checked,
    eyes: $("details").checked,
  });

  /** Shows the settings that the server reports. */
  function showSettings(config) {
    if (Number.isFinite(config?.min_confidence)) $("confidence").value = config.min_confidence;
    if (Number.isFinite(config?.max_faces)) $("max-faces").value = config.max_faces;
    if (config) $("details").checked = config.eyes;
    showConfidence();
  }

  function setTargetFps(fps) {
    if (fps > 0) state.targetFps = fps;
  }

  function showConfidence() {
    $("confidence-shown").textContent = Number($("confidence").value).toFixed(2);
  }

  function setRoom(room) {
    state.room = room;
    view.showRoom(room);
  }

  // ---- Page ----

  const served = location.protocol.startsWith("http");
  const fragment = new URLSearchParams(location.hash.slice(1));
  $("server").value = fragment.get("server") ?? (served ? location.origin : "http://localhost:8000");
  $("token").value = fragment.get("token") ?? "";
  $("room").value = fragment.get("room") ?? "";
  if (fragment.get("role") === "viewer") $("role").value = "viewer";
  showConfidence();

  $("connection").addEventListener("submit", (event) => {
    event.preventDefault();
    if (state.socket) disconnect();
    else connect();
  });
  $("run").addEventListener("click", () => (state.source === "camera" ? stop() : startCamera()));
  $("camera").addEventListener("change", () => state.source === "camera" && startCamera());
  $("mirror").addEventListener("change", showSource);
  $("video").addEventListener("resize", ({ target }) => view.showPicture("video", target.videoWidth, target.videoHeight));
  $("photo").addEventListener("click", () => $("photo-file").click());
  $("photo-file").addEventListener("change", ({ target }) => {
    sendPhoto(target.files[0]);
    target.value = ""; // allows choosing the same photo again
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
