// Displays the status, messages, boxes, faces and the members of the room. It depends on the page and on the format of
// results, not on connections. It is a classic script, not a module, so that the page also works when opened from disk.
"use strict";

const $ = (id) => document.getElementById(id);

const view = (() => {
  const maxMessages = 50;
  const memberLifetime = 10_000; // ms without a result after which a member is removed
  const historyLength = 60_000; // ms
  const announcementInterval = 2000; // minimum ms between two announcements to screen readers

  const members = new Map(); // session_id → { element, seenAt }
  let recent = []; // { at, emotions } of the largest face, oldest first
  let announced = { text: "", at: 0 };

  const percent = (p) => `${Math.round(p * 100)}\u00a0%`;
  const area = ({ box }) => box.width * box.height;
  const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);
  const fromTemplate = (id) => () => $(id).content.firstElementChild.cloneNode(true);

  // ---- Status and messages ----

  /** `kind` is offline, waiting, idle or processing. */
  function showStatus(kind, text) {
    $("status").dataset.state = kind;
    if ($("status").textContent !== text) $("status").textContent = text; // an unchanged text would be announced again
  }

  /** Adds a line to the messages. If it repeats the newest line, that line's counter is incremented instead. */
  function note(text, kind = "info") {
    const log = $("messages");
    const newest = log.firstElementChild;
    if (newest?.dataset.text === text) {
      newest.dataset.times = Number(newest.dataset.times) + 1;
      newest.lastChild.textContent = `${text} (${newest.dataset.times} times)`;
      return;
    }
    const line = document.createElement("li");
    line.className = kind;
    Object.assign(line.dataset, { text, times: 1 });
    const time = document.createElement("time");
    time.textContent = new Date().toLocaleTimeString();
    line.append(time, text);
    log.prepend(line);
    while (log.children.length > maxMessages) log.lastElementChild.remove();
  }

  /** Shows an error at the top of the page until clearError(). */
  function showError(text) {
    note(text, "error");
    $("alert").textContent = text;
    $("alert").hidden = false;
  }

  function clearError() {
    $("alert").hidden = true;
  }

  /** Shows the measurements, with a dash for each that is null. */
  function showMeters({ rate = null, roundTrip = null, onServer = null, dropped = null }) {
    const format = (value, unit, digits) => (value === null ? "–" : `${value.toFixed(digits)}${unit}`);
    $("rate").textContent = format(rate, " fps", 1);
    $("latency").textContent = format(roundTrip, " ms", 0);
    $("server-time").textContent = format(onServer, " ms", 0);
    $("dropped").textContent = format(dropped, "", 0);
  }

  // ---- Picture ----

  /** Shows the "video" or the "still" element, or the empty stage if `which` is undefined. */
  function showPicture(which, width, height) {
    $("video").hidden = which === "still";
    $("still").hidden = which !== "still";
    $("stage-hint").hidden = which === "video" || which === "still";
    if (width && height) $("stage").style.setProperty("--shape", width / height);
  }

  // ---- Faces ----

  /** The dominant label of a face, and a text with its probability. */
  function reading(face) {
    const label = face.measured === false ? undefined : face.dominant_emotion;
    const probability = face.emotions?.[label];
    if (probability === undefined) return { label: "", text: "not classified" };
    return { label, text: `${label} ${percent(probability)}` };
  }

  /** Makes the children of the list match `items`. Elements are reused by key, so that changes are animated. */
  function updateList(list, items, key, create, update) {
    const old = new Map([...list.children].map((element) => [element.dataset.key, element]));
    const now = items.map((item) => {
      const name = String(key(item));
      const element = old.get(name) ?? create();
      element.dataset.key = name;
      update(element, item);
      return element;
    });
    const same = now.length === list.children.length && now.every((element, i) => element === list.children[i]);
    if (!same) list.replaceChildren(...now);
  }

  const faceId = (face) => face.face_id;

  function drawBoxes(list, faces, [width, height], mirrored) {
    const create = () => {
      const box = document.createElement("div");
      box.className = "box";
      box.append(document.createElement("span"));
      return box;
    };
    updateList(list, faces, faceId, create, (element, face) => {
      const { label, text } = reading(face);
      const share = face.box.width / width;
      const left = mirrored ? 1 - face.box.x / width - share : face.box.x / width;
      const position = { left, top: face.box.y / height, width: share, height: face.box.height / height };
      for (const [property, fraction] of Object.entries(position)) element.style[property] = `${(fraction * 100).toFixed(2)}%`;
      element.dataset.emotion = label;
      element.classList.toggle("label-below", position.top < 0.1); // no space for the label above the box
      element.classList.toggle("label-right-aligned", left > 0.6);
      element.firstChild.textContent = text;
    });
  }

  /** Draws the points of the faces that have them. */
  function drawMesh(faces, [width, height]) {
    const canvas = $("mesh");
    Object.assign(canvas, { width, height }); // clears it
    const context = canvas.getContext("2d");
    context.fillStyle = "#fffc";
    for (const { mesh } of faces) {
      for (let i = 0; i < (mesh?.length ?? 0); i += 3) context.fillRect(mesh[i] - 0.5, mesh[i + 1] - 0.5, 1, 1);
    }
  }

  function fillCard(element, face, labels) {
    const { label, text } = reading(face);
    element.dataset.emotion = label;
    element.querySelector(".face-top").textContent = label || text;
    const facts = [`face ${face.face_id}`];
    if (label) facts.push(`valence ${signed(face.valence)}`, `arousal ${signed(face.arousal)}`);
    if (face.eyes) facts.push(face.eyes.blinks === 1 ? "1 blink" : `${face.eyes.blinks} blinks`);
    for (const flag of face.quality?.flags ?? []) facts.push(flag.replaceAll("_", " "));
    element.querySelector(".face-note").textContent = facts.join(" · ");
    const shown = label ? (labels ?? Object.keys(face.emotions)) : [];
    updateList(element.querySelector(".bars"), shown, String, fromTemplate("bar-template"), (bar, name) => {
      const probability = face.emotions[name] ?? 0;
      bar.dataset.emotion = name;
      bar.classList.toggle("top", name === label);
      bar.querySelector("dt").textContent = name;
      bar.querySelector("i").style.transform = `scaleX(${probability.toFixed(4)})`;
      bar.querySelector(".value").textContent = percent(probability);
    });
  }

  /** Shows the faces of this client's own picture, with bars in the order of `labels`. */
  function showFaces(found, { resolution = [1, 1], mirrored = false, labels } = {}) {
    drawBoxes($("boxes"), found, resolution, mirrored);
    drawMesh(found, resolution);
    $("faces-empty").hidden = found.length > 0;
    updateList($("faces"), found, faceId, fromTemplate("face-template"), (element, face) => fillCard(element, face, labels));
    announce(found);
    if (found.length > 0 || recent.length > 0) drawHistory(found, labels);
  }

  /** Announces changes to screen readers, at most once per announcementInterval. */
  function announce(found) {
    const count = found.length === 1 ? "1 face" : `${found.length} faces`;
    const text = [count, ...found.map((face) => reading(face).label || "not classified")].join(", ");
    if (text === announced.text || performance.now() - announced.at < announcementInterval) return;
    announced = { text, at: performance.now() };
    $("spoken").textContent = text;
  }

  /** Adds the largest face to the history and draws it: one column per result, in which each label's segment is as
   *  high as its probability. */
  function drawHistory(found, labels) {
    const now = performance.now();
    const largest = found.length ? found.reduce((a, b) => (area(b) > area(a) ? b : a)) : null;
    recent = recent.filter(({ at }) => now - at < historyLength);
    recent.push({ at: now, emotions: largest?.emotions ?? {} });

    const canvas = $("past");
    const context = canvas.getContext("2d");
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const x = (at) => (1 - (now - at) / historyLength) * canvas.width;
    const bottoms = recent.map(() => canvas.height);
    for (const label of labels ?? Object.keys(largest?.emotions ?? {})) {
      context.fillStyle = colourOf(label);
      recent.forEach(({ at, emotions }, i) => {
        const height = (emotions[label] ?? 0) * canvas.height;
        const until = Math.min(recent[i + 1]?.at ?? now, at + 1000); // a longer gap stays empty
        bottoms[i] -= height;
        context.fillRect(x(at), bottoms[i], x(until) - x(at) + 1, height);
      });
    }
  }

  const colourProbe = document.createElement("i");

  /** The colour of a label in the current theme, from the style sheet. */
  function colourOf(label) {
    colourProbe.dataset.emotion = label;
    if (!colourProbe.isConnected) $("past").after(colourProbe);
    return getComputedStyle(colourProbe).getPropertyValue("--bar");
  }

  // ---- Room ----

  /** Shows the joined room, `{ room, role }`, or null. */
  function showRoom(joined) {
    $("leave").disabled = joined === null;
    $("join").textContent = joined === null ? "Join" : "Change";
    $("room-now").textContent = joined === null ? "" : `You are in ${joined.room} as ${joined.role}.`;
    if (joined === null) removeMembers(() => true);
  }

  /** Shows a result of another member of the room. */
  function showMember(result) {
    let known = members.get(result.session_id);
    if (!known) {
      known = { element: fromTemplate("member-template")() };
      members.set(result.session_id, known);
      $("members").append(known.element);
      $("members-empty").hidden = true;
    }
    known.seenAt = performance.now();
    const { element } = known;
    element.querySelector(".member-name").textContent = `${result.user_id} · ${result.session_id.slice(0, 6)}`;
    const picture = element.querySelector(".boxes");
    picture.style.setProperty("--shape", result.resolution[0] / result.resolution[1]);
    drawBoxes(picture, result.faces, result.resolution, false);
    const create = () => document.createElement("li");
    updateList(element.querySelector(".member-faces"), result.faces, faceId, create, (line, face) => {
      const { label, text } = reading(face);
      line.dataset.emotion = label;
      line.textContent = text;
    });
  }

  function removeMembers(which) {
    for (const [session, known] of members) {
      if (!which(known)) continue;
      known.element.remove();
      members.delete(session);
    }
    $("members-empty").hidden = members.size > 0;
  }

  setInterval(() => removeMembers(({ seenAt }) => performance.now() - seenAt > memberLifetime), 1000);

  return { showStatus, note, showError, clearError, showMeters, showPicture, showFaces, showRoom, showMember };
})();
