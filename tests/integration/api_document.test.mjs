// Compares docs/api.md with the server: every event, field, reason and limit of one must be in the other.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { codes, differences, readDocument, section, shapes, shapesOf, tableOf, tables, unseen } from "../support/markdown.mjs";
import { read } from "../support/metrics.mjs";
import { openapi } from "../support/openapi.mjs";
import { resolve } from "../support/schema.mjs";
import { connect } from "../support/peer.mjs";
import { execute, root, startServer } from "../support/server.mjs";

const api = readDocument("docs/api.md");
const fromClient = section(api, "Client to server");
const fromServer = section(api, "Server to client");
const sorted = (words) => [...new Set(words)].sort();
const assertSame = (actual, documented, what) => assert.deepEqual(sorted(documented), sorted(actual), what);

/** The text of all sources and headers of these folders of src/. */
function sources(...folders) {
  const files = folders.flatMap((folder) =>
    readdirSync(path.join(root, "src", folder), { recursive: true }).map((file) => path.join(root, "src", folder, file)),
  );
  return files.filter((file) => /\.[ch]pp$/.test(file)).map((file) => readFileSync(file, "utf8")).join("\n");
}

/** The constants of the namespaces `reason` in these folders: a map from their names to their values. */
function reasons(...folders) {
  const blocks = [...sources(...folders).matchAll(/namespace reason \{\n([^}]*)\}/g)];
  const constants = blocks.flatMap(([, block]) => [...block.matchAll(/constexpr std::string_view (\w+) = "(\w+)"/g)]);
  assert.ok(constants.length > 0, "no constants found");
  return new Map(constants.map(([, name, word]) => [name, word]));
}

/** The values of the `reason` label of a counter, which has all of them from the start. */
const labelled = (samples, name) =>
  [...samples.keys()].filter((key) => key.startsWith(`${name}{`)).map((key) => /reason="(\w+)"/.exec(key)[1]);

describe("docs/api.md", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer({ EMOSTREAM_SERVER_METRICS: "true" })));
  after(() => server.stop());

  test("has every event that clients may send", async (t) => {
    const peer = await connect(t, server);
    const { reason, message } = await peer.ask("no_such_event", {});
    assert.equal(reason, "unknown_event");
    const accepted = /this service takes (.*)/.exec(message)[1].split(/, | and /);
    const rows = tableOf(fromClient, "event");
    assertSame(accepted, rows.map(([event]) => codes(event)[0]));
    for (const [event] of rows) assert.notEqual((await peer.ask(codes(event)[0], {})).reason, "unknown_event", event);
  });

  test("has every action and role", async (t) => {
    const peer = await connect(t, server);
    const words = (text) => [...text.matchAll(/"(\w+)"/g)].map(([, word]) => word);
    const payload = (event) => tableOf(fromClient, "event").find(([name]) => codes(name)[0] === event)[1];
    assertSame(words((await peer.ask("control", {})).message), words(payload("control")));
    assertSame(words((await peer.ask("join_room", { room: "a", role: "owner" })).message), words(payload("join_room")));
  });

  test("has every field that the server reads from a payload", () => {
    const parsing = sources("service");
    const read = [...parsing.matchAll(/(?:member\(\*?\w+, |if_contains\()"(\w+)"/g)].map(([, name]) => name);
    assert.ok(read.includes("frame_id") && read.includes("role"));
    const payloads = tableOf(fromClient, "event").flatMap(([, payload]) => shapes(codes(payload)[0]));
    const documented = payloads.flatMap((fields) => [...fields.keys()]).filter((name) => name !== "client");
    assertSame(read.filter((name) => name !== "token"), documented);
  });

  test("has every key of the configuration", async (t) => {
    const peer = await connect(t, server);
    const { config } = await peer.ask("initialize", {});
    assertSame(Object.keys(config), tableOf(fromClient, "key").map(([key]) => codes(key)[0]));
    const { ignored_config: ignored } = await peer.ask("initialize", { config: { ...config, colour: "red" } });
    assert.deepEqual(ignored, ["colour"]);
  });

  test("has every event and field that the server sends", async (t) => {
    const [peer, member] = [await connect(t, server), await connect(t, server, { account: "bob" })];
    const received = [];
    for (const { socket } of [peer, member]) socket.onAny((event, payload) => received.push([event, payload]));
    await member.ask("join_room", { room: "stage", role: "viewer" });
    await peer.ask("initialize", { config: { raw_emotions: true, mesh: true, eyes: true, colour: "red" }, room: "stage" });
    await peer.ask("control", { action: "configure", config: { colour: "red" } });
    await peer.ask("control", { action: "start" });
    await peer.ask("leave_room", {});
    const acks = [await peer.frame(1, portrait), await peer.frame(2, Buffer.from("no image"))];
    const burst = [3, 4, 5, 6].map((id) => peer.frame(id, portrait));
    acks.push((await Promise.all(burst)).find(({ dropped }) => dropped));
    await member.next("detection_result");

    const documented = [...fromServer.matchAll(/^### `(\w+)`$/gm)].map(([, event]) => event);
    assertSame(received.map(([event]) => event), documented);
    assertSame([...sources("service").matchAll(/\bemit\(\s*"(\w+)"/g)].map(([, event]) => event).concat(documented), documented);
    for (const event of documented) {
      const [fields] = shapesOf(section(fromServer, `\`${event}\``));
      const seen = new Set();
      for (const [, payload] of received.filter(([name]) => name === event)) {
        assert.deepEqual(differences(fields, payload, seen), [], `${event}: ${JSON.stringify(payload)}`);
      }
      assert.deepEqual(unseen(fields, seen), [], `${event}: documented, but never sent`);
    }
    const outcomes = shapesOf(section(fromClient, "Frames"));
    assert.equal(outcomes.length, acks.length);
    acks.sort((a, b) => Boolean(b.dropped ?? b.ok) - Boolean(a.dropped ?? a.ok) || b.ok - a.ok);
    for (const [i, ack] of acks.entries()) assert.deepEqual(differences(outcomes[i], ack), [], JSON.stringify(ack));
  });

  test("has every action of a status", () => {
    const [, actions] = /^ +action: (.*),$/m.exec(section(fromServer, "`status`"));
    const documented = [...actions.matchAll(/"(\w+)"/g)].map(([, word]) => word);
    const text = sources("service");
    const [, values] = /enum class action \{([^}]*)\}/.exec(text);
    const literals = [...text.matchAll(/\.action = "(\w+)"/g)].map(([, word]) => word);
    assertSame([...values.matchAll(/\w+/g)].map(([word]) => word).concat(literals), documented);
  });

  test("has every reason of error_message with its code", () => {
    const rows = tableOf(section(fromServer, "`error_message`"), "code");
    const documented = rows.flatMap(([code, words]) => codes(words).map((word) => `${code} ${word}`));
    const words = reasons("service");
    assertSame(words.values(), documented.map((pair) => pair.split(" ")[1]));
    const pairs = [...sources("service").matchAll(/\b([45]\d\d),\s*(?:\w+::)*reason::(\w+)/g)];
    assert.ok(pairs.length >= words.size / 2);
    for (const [, code, name] of pairs) assert.ok(documented.includes(`${code} ${words.get(name)}`), `${code} ${name}`);
  });

  test("has every reason of a dropped frame and every code of CONNECT_ERROR", async () => {
    const samples = await read(server);
    const dropped = labelled(samples, "emostream_frames_dropped_total").filter((reason) => reason !== "not_started"); // an error
    assertSame(dropped, tableOf(fromClient, "`reason` of a dropped frame").flatMap(([reason]) => codes(reason)));
    const refused = tableOf(section(api, "Connecting"), "CONNECT_ERROR message");
    assertSame(labelled(samples, "emostream_sessions_refused_total"), refused.map(([, code]) => codes(code)[0].toLowerCase()));
    for (const [message] of refused) assert.ok(sources("service").includes(`"${codes(message)[0]}"`), message);
  });

  test("has every status and reason of the HTTP API", () => {
    const { responses } = openapi.paths["/api/v1/analyze"].post;
    const described = Object.entries(responses).filter(([status]) => status !== "200").flatMap(([status, response]) =>
      [...resolve(openapi, response).description.matchAll(/`(\w+)`:/g)].map(([, reason]) => `${status} ${reason}`),
    );
    const documented = tableOf(section(api, "HTTP"), "status").flatMap(([status, words]) => codes(words).map((word) => `${status} ${word}`));
    assertSame(described, documented);
    assertSame(openapi.components.schemas.Error.properties.reason.enum, documented.map((pair) => pair.split(" ")[1]));
    for (const reason of reasons("api").values()) assert.ok(documented.some((pair) => pair.endsWith(` ${reason}`)), reason);
  });

  test("has every field of the HTTP API's result", () => {
    const [fields] = shapesOf(section(api, "HTTP").split("```sh").at(-1).split("```").slice(1).join("```"));
    assertSame(Object.keys(openapi.components.schemas.Result.properties), fields.keys());
  });

  test("has every limit with its default", async (t) => {
    const number = (text) => Number(text.replaceAll(",", ""));
    const peer = await connect(t, server);
    const { limits } = await peer.ask("initialize", {});
    const rows = tableOf(section(api, "Limits"), "field of `limits`");
    assert.deepEqual(Object.fromEntries(rows.map(([field, , value]) => [codes(field)[0], number(value)])), limits);

    const { stdout } = await execute(["config"]);
    const defaults = new Map();
    let group = "";
    for (const line of stdout.split("\n")) {
      group = /^\[(\w+)\]/.exec(line)?.[1] ?? group;
      const [, key, value] = /^(\w+) = ([\d.]+)/.exec(line) ?? [];
      if (key) defaults.set(`${group}.${key}`, Number(value));
    }
    const settings = [...rows, ...tableOf(section(api, "Limits"), "setting").map((row) => ["", ...row])];
    for (const [, names, value] of settings.filter(([, names]) => names !== "fixed")) {
      assert.equal(codes(names).reduce((product, name) => product * defaults.get(name), 1), number(value), names);
    }
    assert.ok(settings.length > 12);
  });

  test("has the fixed limits of payloads", async (t) => {
    const peer = await connect(t, server);
    const limits = tableOf(section(api, "Limits"), "fixed limit").map(([what, value]) => [codes(what)[0], Number(value)]);
    const attempts = {
      frame_id: (n) => peer.frame("x".repeat(n), portrait),
      room: (n) => peer.ask("join_room", { room: "x".repeat(n) }),
      config: (n) => peer.ask("initialize", { config: Object.fromEntries(Array.from({ length: n }, (_, i) => [`key${i}`, 1])) }),
    };
    await peer.start();
    assert.ok(limits.length >= 3);
    for (const [what, limit] of limits) {
      const attempt = attempts[what];
      assert.equal((await attempt(limit)).ok, true, what);
      assert.equal((await attempt(limit + 1)).reason, "invalid_payload", what);
    }
  });

  test("has tables whose rows are as long as their headers", () => {
    for (const { header, rows } of tables(api)) {
      for (const row of rows) assert.equal(row.length, header.length, row.join(" | "));
    }
  });
});
