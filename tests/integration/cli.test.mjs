// The commands other than `serve`, and the error messages of all commands, which must name the mistake.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { makeImage, portraitFile } from "../support/images.mjs";
import { execute, root } from "../support/server.mjs";

describe("command line", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "emostream-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name, content) => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const secret = { EMOSTREAM_JWT_SECRET: "x".repeat(32) };

  test("analyze writes nothing, such as telemetry, to the user's home directory", async () => {
    const home = mkdtempSync(path.join(folder, "home-"));
    const environment = { HOME: home, XDG_CACHE_HOME: "", XDG_DATA_HOME: "", CI: "" }; // CI would disable telemetry, too
    assert.equal((await execute(["analyze", portraitFile], environment)).code, 0);
    assert.deepEqual(readdirSync(home), []);
  });

  const rejected = {
    "a missing command": [[], {}, /Usage: emostream/],
    "an unknown command": [["dance"], {}, /dance/],
    "an unknown option": [["serve", "--fast"], {}, /--fast/],
    "a port out of range": [["serve", "--port", "70000"], {}, /--port.*65535/],
    "a missing secret": [["serve", "--port", "0"], {}, /EMOSTREAM_JWT_SECRET/],
    "a short secret": [["serve", "--port", "0"], { EMOSTREAM_JWT_SECRET: "short" }, /EMOSTREAM_JWT_SECRET.*32 bytes/],
    "a host name that cannot be resolved": [["serve", "--port", "0", "--host", "no..name"], secret, /cannot listen on no\.\.name/],
    "no host name": [["serve", "--port", "0", "--host", ""], secret, /server\.host .*IP address.*''/],
    "an IP address of another machine": [["serve", "--port", "0", "--host", "192.0.2.1"], secret, /192\.0\.2\.1.*address/],
    "a missing configuration file": [["config", "--config", "missing.toml"], {}, /missing\.toml/],
    "an unknown key": [["config", "--config", file("key.toml", "[server]\nprot = 1")], {}, /key\.toml: unknown key server\.prot/],
    "a value of the wrong type": [["config", "--config", file("type.toml", "server.port = 'x'")], {}, /type\.toml: server\.port must be a whole number/],
    "a syntax error": [["config", "--config", file("syntax.toml", "a = 1\n[server")], {}, /syntax\.toml:2: /],
    "settings that contradict each other": [["config", "--config", file("frames.toml", "frames.max_bytes = 5000000")], {}, /server\.max_payload_bytes/],
    "a frame budget smaller than one message": [["config"], { EMOSTREAM_FRAMES_MAX_BYTES_IN_FLIGHT: "1000" }, /frames\.max_bytes_in_flight must be at least/],
    "a memory limit smaller than one message": [["config"], { EMOSTREAM_SERVER_MAX_BUFFERED_BYTES: "1000000" }, /server\.max_buffered_bytes must be at least/],
    "a certificate without its key": [["config"], { EMOSTREAM_SERVER_TLS_CERTIFICATE: "x.pem" }, /server\.tls_key.*the key is missing/],
    "unknown proxy headers": [["config"], { EMOSTREAM_SERVER_PROXY_HEADERS: "both" }, /server\.proxy_headers must be/],
    "a proxy given by host name": [["serve", "--port", "0"], { ...secret, EMOSTREAM_SERVER_TRUSTED_PROXIES: "localhost" }, /trusted proxy.*10\.0\.0\.0\/8, not localhost/],
    "an unknown variable": [["config"], { EMOSTREAM_SERVER_PROT: "1" }, /EMOSTREAM_SERVER_PROT/],
    "a variable out of range": [["config"], { EMOSTREAM_FRAMES_RATE: "-1" }, /EMOSTREAM_FRAMES_RATE: frames\.rate must be a number from/],
    "a missing detector": [["analyze", portraitFile], { EMOSTREAM_VISION_DETECTOR: "nowhere.onnx" }, /nowhere\.onnx/],
    "analyze without images": [["analyze"], {}, /1 option from \[images,--evaluate\]/],
    "a command line that is too long": [["analyze", ...Array(3000).fill(portraitFile)], {}, /name their folder instead/],
    "both images and an evaluation folder": [["analyze", portraitFile, "--evaluate", folder], {}, /1 option from \[images,--evaluate\]/],
    "--cropped without a folder": [["analyze", portraitFile, "--cropped"], {}, /--cropped requires --evaluate/],
    "--json without a folder": [["analyze", portraitFile, "--json"], {}, /--json requires --evaluate/],
    "a missing folder": [["analyze", "--evaluate", path.join(folder, "nowhere")], {}, /nowhere/],
    "a missing account": [["token"], secret, /--sub/],
    "an empty account": [["token", "--sub", ""], secret, /--sub.*empty/],
  };
  for (const [name, [args, env, message]] of Object.entries(rejected)) {
    test(`rejects ${name}`, async () => {
      const { code, stderr } = await execute(args, env);
      assert.ok(code > 0, `${code}`);
      assert.match(stderr, message);
    });
  }

  test("rejects a port in use", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.after(() => other.close());
    await once(other, "listening");
    const { port } = other.address();
    const { code, stderr } = await execute(["serve", "--port", `${port}`], secret);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`127\\.0\\.0\\.1 port ${port}.*in use`));
  });

  test("config --markdown prints docs/settings.md, regardless of the configuration", async () => {
    const { code, stdout } = await execute(["config", "--markdown"], { EMOSTREAM_SERVER_PORT: "1234" });
    assert.equal(code, 0);
    assert.equal(stdout, readFileSync(path.join(root, "docs/settings.md"), "utf8"));
  });

  test("config prints a file that it reads back, without the secrets", async () => {
    const printed = await execute(["config"], { ...secret, EMOSTREAM_SERVER_METRICS_TOKEN: "s3cret", EMOSTREAM_SERVER_PORT: "1234" });
    assert.match(printed.stdout, /^port = 1234$/m);
    assert.doesNotMatch(printed.stdout, /xxxx|s3cret/);
    const again = await execute(["config", "--config", file("printed.toml", printed.stdout)]);
    assert.equal(again.stdout, printed.stdout);
  });

  test("analyze prints a line for each file, even if it cannot be read", async () => {
    const files = [portraitFile, path.join(folder, "missing.jpg"), file("empty.jpg", ""), file("text.jpg", "text")];
    const { code, stdout } = await execute(["analyze", ...files]);
    assert.equal(code, 1);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    assert.deepEqual(lines.map((line) => line.file), files);
    assert.equal(lines[0].faces[0].dominant_emotion, "happiness");
    for (const line of lines.slice(1)) assert.equal(typeof line.error, "string");
    assert.match(lines[1].error, /cannot read/);
    assert.match(lines[2].error, /empty/);
  });

  test("analyze turns images upright as their EXIF orientation says", async () => {
    const values = ["1", "2", "3", "4", "5", "6", "7", "8"];
    const { code, stdout } = await execute(["analyze", ...values.map((value) => file(`${value}.jpg`, makeImage("turned", "JPEG", value)))]);
    assert.equal(code, 0);
    const lines = stdout.trim().split("\n").map((line) => JSON.parse(line));
    for (const [i, { resolution, faces }] of lines.entries()) {
      assert.deepEqual([resolution, faces.length], [[640, 512], 1], values[i]);
      const [{ box, landmarks }] = faces;
      assert.ok(Math.abs(box.x + box.width / 2 - 225) < 12 && Math.abs(box.y + box.height / 2 - 127) < 12, values[i]);
      assert.ok(Math.abs(landmarks[0][0] - 203) < 8 && Math.abs(landmarks[0][1] - 103) < 8, values[i]);
    }
  });

  test("analyze accepts a folder of images", async () => {
    const pictures = path.join(folder, "pictures");
    mkdirSync(path.join(pictures, "more"), { recursive: true });
    const copies = [path.join(pictures, "a.jpg"), path.join(pictures, "more", "b.jpg")];
    for (const copy of copies) copyFileSync(portraitFile, copy);
    const { code, stdout } = await execute(["analyze", pictures]);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line).file), copies);
  });
});
