// Rooms: the results of publishers reach every member, on every namespace and path.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { portrait } from "../support/images.mjs";
import { signToken, seconds } from "../support/jwt.mjs";
import { connect, startClient } from "../support/peer.mjs";
import { startServer } from "../support/server.mjs";

describe("rooms", { timeout: 60_000 }, () => {
  let server;
  before(async () => (server = await startServer()));
  after(() => server.stop());

  const member = async (t, account, join, options) => {
    const peer = await connect(t, server, { account, ...options });
    peer.emit("join_room", join);
    const { action, room } = await peer.next("status");
    assert.deepEqual({ action, room }, { action: "join_room", room: join.room ?? join });
    peer.emit("initialize", {});
    peer.session = (await peer.next("initialized")).session_id;
    return peer;
  };

  test("a viewer receives a publisher's results with the publisher's account and session", async (t) => {
    const room = "stage";
    const viewer = await member(t, "bob", { room, role: "viewer" });
    const publisher = await member(t, "alice", { room, role: "publisher" });
    await publisher.start();
    await publisher.frame(1, portrait);
    const own = await publisher.next("detection_result");
    const seen = await viewer.next("detection_result");
    assert.equal(seen.user_id, "alice");
    assert.equal(seen.session_id, publisher.session);
    assert.equal(seen.room, room);
    assert.equal(seen.faces[0].dominant_emotion, "happiness");
    assert.deepEqual(seen, own);
    await publisher.ask("control", { action: "stop" });
    assert.equal(publisher.count("detection_result"), 0, "a publisher gets its result once");
  });

  test("the results of a viewer's own frames reach the viewer only", async (t) => {
    const room = "private";
    const viewer = await member(t, "bob", { room, role: "viewer" });
    const other = await member(t, "alice", { room, role: "publisher" });
    await viewer.start();
    await viewer.frame(1, portrait);
    assert.equal((await viewer.next("detection_result")).user_id, "bob");
    await other.start();
    await other.frame(1, portrait);
    assert.equal((await other.next("detection_result")).user_id, "alice");
    assert.equal(other.count("detection_result"), 0);
  });

  test("publishers receive each other's results across both namespaces and both paths", async (t) => {
    const room = "Phòng họp số 1";
    const a = await member(t, "a", room, { namespace: "/emotion-detection", path: "/ws/socket.io/", transports: ["polling"] });
    const b = await member(t, "b", { room }, { namespace: "/ws/emotion-detection", path: "/socket.io/", transports: ["websocket"] });
    for (const [sender, receiver, account] of [[a, b, "a"], [b, a, "b"]]) {
      await sender.start();
      await sender.frame(account, portrait);
      assert.equal((await sender.next("detection_result")).user_id, account);
      const seen = await receiver.next("detection_result");
      assert.deepEqual([seen.user_id, seen.session_id, seen.frame_id], [account, sender.session, account]);
    }
  });

  test("initialize can join a room", async (t) => {
    const publisher = await connect(t, server);
    publisher.emit("initialize", { room: "early" });
    await publisher.next("initialized");
    const viewer = await member(t, "bob", { room: "early", role: "viewer" });
    await publisher.start();
    await publisher.frame(1, portrait);
    assert.equal((await viewer.next("detection_result")).room, "early");
  });

  test("results reach neither clients that have left nor other rooms", async (t) => {
    const room = "short";
    const leaver = await member(t, "bob", { room, role: "viewer" });
    const elsewhere = await member(t, "carol", { room: "other", role: "viewer" });
    const stays = await member(t, "dave", { room, role: "viewer" });
    const publisher = await member(t, "alice", { room });
    const left = await leaver.ask("leave_room", { room });
    assert.equal(left.ok, true);
    assert.equal((await leaver.next("status")).action, "leave_room");
    await publisher.start();
    await publisher.frame(1, portrait);
    await stays.next("detection_result");
    for (const peer of [leaver, elsewhere]) {
      peer.emit("initialize", {}); // answered after everything that was sent before
      await peer.next("initialized");
      assert.equal(peer.count("detection_result"), 0);
    }
  });

  test("leaving a room without being a member is an error", async (t) => {
    const peer = await connect(t, server);
    const [ack, error] = await Promise.all([peer.ask("leave_room", { room: "never" }), peer.next("error_message")]);
    assert.deepEqual([ack.ok, error.code, error.reason], [false, 400, "not_in_room"]);
  });

  test("a token may restrict an account to certain rooms", async (t) => {
    const token = signToken(server.secret, { sub: "guest", exp: seconds() + 600, rooms: ["lobby"] });
    const peer = startClient(t, server, { token });
    await peer.next("connect");
    assert.equal((await peer.ask("join_room", { room: "lobby", role: "viewer" })).ok, true);
    const [ack, error] = await Promise.all([peer.ask("join_room", "vault"), peer.next("error_message")]);
    assert.deepEqual([ack.ok, error.code, error.reason], [false, 403, "room_not_allowed"]);
  });
});
