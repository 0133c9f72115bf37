// What the console shows: messages, boxes, faces, the room's members. It knows the page and the shape of results,
// and nothing of connections. A plain script, so that the page also works opened from disk.
"use strict";

const $ = (id) => document.getElementById(id);

const view = (() => {
  const messagesKept = 50;
  const memberLifetime = 10_000; // ms without a result until a member is no longer shown
  const pastShown = 60_000; // ms
  const speechPause = 2000; // ms between two announcements to those who hear the page

  const members = new Map(); // session_id → { element, seenAt }
  let past = []; // { at, emotions } of the largest face, the oldest first
  let spoken = { text: "", at: 0 };

  const percent = (p) => `${Math.round(p * 100)}\u00a0%`;
  const signed = (v) => (v < 0 ? "−" : "+") + Math.abs(v).toFixed(2);
  const fromTemplate = (id) => () => $(id).content.firstElementChild.cloneNode(true);

  // ---- Words ----

  /** `kind` is offline, waiting, idle or processing. */
  function status(kind, text) {
    $("status").dataset.state = kind;
    if ($("status").textContent !== text) $("status").textContent = text; // or it would be read out again
  }

  /** Adds a line to the messages; one said again is counted instead. */
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
    while (log.children.length > messagesKept) log.lastElementChild.remove();
  }

  /** Says what went wrong, at the top of the page until settle(). */
  function complain(text) {
    note(text, "error");
    $("alert").textContent = text;
    $("alert").hidden = false;
  }

  function settle() {
    $("alert").hidden = true;
  }

  /** Numbers; null where there is none to show. */
  function meters({ rate = null, roundTrip = null, onServer = null, dropped = null }) {
    const shown = (value, unit, digits) => (value === null ? "–" : `${value.toFixed(digits)}${unit}`);
    $("rate").textContent = shown(rate, " fps", 1);
    $("latency").textContent = shown(roundTrip, " ms", 0);
    $("server-time").textContent = shown(onServer, " ms", 0);
    $("dropped").textContent = shown(dropped, "", 0);
  }

  // ---- The picture ----

  /** Shows the `video`, the `still` or, given neither, the empty stage. */
  function picture(which, width, height) {
    $("video").hidden = which === "still";
    $("still").hidden = which !== "still";
    $("stage-hint").hidden = which === "video" || which === "still";
    if (width && height) $("stage").style.setProperty("--shape", width / height);
  }

  // ---- Faces ----

  /** The label that a face shows most, and it in words with its probability. */
  function reading(face) {
    const label = face.measured === false ? undefined : face.dominant_emotion;
    const probability = face.emotions?.[label];
    if (probability === undefined) return { label: "", text: "not measured" };
    return { label, text: `${label} ${percent(probability)}` };
  }

  /** Makes the list's children those of `items`. A key keeps its element, so that changes glide. */
  function keep(list, items, key, create, update) {
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

  function boxes(list, faces, [width, height], mirrored) {
    const create = () => {
      const box = document.createElement("div");
      box.className = "box";
      box.append(document.createElement("span"));
      return box;
    };
    keep(list, faces, faceId, create, (element, face) => {
      const { label, text } = reading(face);
      const part = face.box.width / width;
      const left = mirrored ? 1 - face.box.x / width - part : face.box.x / width;
      const place = { left, top: face.box.y / height, width: part, height: face.box.height / height };
      for (const [side, fraction] of Object.entries(place)) element.style[side] = `${(fraction * 100).toFixed(2)}%`;
      element.dataset.emotion = label;
      element.classList.toggle("low", place.top < 0.1); // no room for the words above
      element.classList.toggle("rightward", left > 0.6);
      element.firstChild.textContent = text;
    });
  }

  function card(element, face, labels) {
    const { label, text } = reading(face);
    element.dataset.emotion = label;
    element.querySelector(".face-top").textContent = label || text;
    const facts = [`face ${face.face_id}`];
    if (label) facts.push(`valence ${signed(face.valence)}`, `arousal ${signed(face.arousal)}`);
    for (const flag of face.quality?.flags ?? []) facts.push(flag.replaceAll("_", " "));
    element.querySelector(".face-note").textContent = facts.join(" · ");
    const shown = label ? (labels ?? Object.keys(face.emotions)) : [];
    keep(element.querySelector(".bars"), shown, String, fromTemplate("bar-template"), (bar, name) => {
      const probability = face.emotions[name] ?? 0;
      bar.dataset.emotion = name;
      bar.classList.toggle("top", name === label);
      bar.querySelector("dt").textContent = name;
      bar.querySelector("i").style.transform = `scaleX(${probability.toFixed(4)})`;
      bar.querySelector(".value").textContent = percent(probability);
    });
  }

  /** Shows the faces of our own picture. `labels` is the order of the bars. */
  function faces(found, { resolution = [1, 1], mirrored = false, labels } = {}) {
    boxes($("boxes"), found, resolution, mirrored);
    $("faces-empty").hidden = found.length > 0;
    keep($("faces"), found, faceId, fromTemplate("face-template"), (element, face) => card(element, face, labels));
    speak(found);
    if (found.length > 0 || past.length > 0) remember(found, labels);
  }

  /** For those who hear the page: only what changed, and not more often than one can listen. */
  function speak(found) {
    const count = found.length === 1 ? "1 face" : `${found.length} faces`;
    const text = [count, ...found.map((face) => reading(face).label || "not measured")].join(", ");
    if (text === spoken.text || performance.now() - spoken.at < speechPause) return;
    spoken = { text, at: performance.now() };
    $("spoken").textContent = text;
  }

  /** Adds the largest face to the picture of the last minute: a column a result, a label's share of it its height. */
  function remember(found, labels) {
    const now = performance.now();
    const largest = found.length ? found.reduce((a, b) => (b.box.width > a.box.width ? b : a)) : null;
    past = past.filter(({ at }) => now - at < pastShown);
    past.push({ at: now, emotions: largest?.emotions ?? {} });

    const canvas = $("past");
    const pen = canvas.getContext("2d");
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const x = (at) => (1 - (now - at) / pastShown) * canvas.width;
    const bottoms = past.map(() => canvas.height);
    for (const label of labels ?? Object.keys(largest?.emotions ?? {})) {
      pen.fillStyle = hue(label);
      past.forEach(({ at, emotions }, i) => {
        const height = (emotions[label] ?? 0) * canvas.height;
        const until = Math.min(past[i + 1]?.at ?? now, at + 1000); // a longer gap is one
        bottoms[i] -= height;
        pen.fillRect(x(at), bottoms[i], x(until) - x(at) + 1, height);
      });
    }
  }

  const probe = document.createElement("i");

  /** The colour that the style sheet gives a label, in the theme of the moment. */
  function hue(label) {
    probe.dataset.emotion = label;
    if (!probe.isConnected) $("past").after(probe);
    return getComputedStyle(probe).getPropertyValue("--bar");
  }

  // ---- The room ----

  /** `room` is `{ room, role }`, or null outside of one. */
  function room(joined) {
    $("leave").disabled = joined === null;
    $("join").textContent = joined === null ? "Join" : "Change";
    $("room-now").textContent = joined === null ? "" : `You are in ${joined.room} as ${joined.role}.`;
    if (joined === null) forgetMembers(() => true);
  }

  /** Shows a result of somebody else in the room. */
  function member(result) {
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
    const frame = element.querySelector(".boxes");
    frame.style.setProperty("--shape", result.resolution[0] / result.resolution[1]);
    boxes(frame, result.faces, result.resolution, false);
    const create = () => document.createElement("li");
    keep(element.querySelector(".member-faces"), result.faces, faceId, create, (line, face) => {
      const { label, text } = reading(face);
      line.dataset.emotion = label;
      line.textContent = text;
    });
  }

  function forgetMembers(which) {
    for (const [session, known] of members) {
      if (!which(known)) continue;
      known.element.remove();
      members.delete(session);
    }
    $("members-empty").hidden = members.size > 0;
  }

  setInterval(() => forgetMembers(({ seenAt }) => performance.now() - seenAt > memberLifetime), 1000);

  return { status, note, complain, settle, meters, picture, faces, room, member };
})();
