// The commands beside `serve`, and what each says of a mistake: it must name the thing that is wrong.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import { portraitFile } from "../support/images.mjs";
import { execute } from "../support/server.mjs";

describe("command line", { timeout: 60_000 }, () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "emostream-cli-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name, content) => {
    writeFileSync(path.join(folder, name), content);
    return path.join(folder, name);
  };
  const secret = { EMOSTREAM_JWT_SECRET: "x".repeat(32) };

  test("nothing keeps a record of us in the user's home, to send it", async () => {
    const home = mkdtempSync(path.join(folder, "home-"));
    const homely = { HOME: home, XDG_CACHE_HOME: "", XDG_DATA_HOME: "", CI: "" }; // CI would hush it as well
    assert.equal((await execute(["analyze", portraitFile], homely)).code, 0);
    assert.deepEqual(readdirSync(home), []);
  });

  const mistakes = {
    "no command": [[], {}, /Usage: emostream/],
    "an unknown command": [["dance"], {}, /dance/],
    "an unknown option": [["serve", "--fast"], {}, /--fast/],
    "a port out of range": [["serve", "--port", "70000"], {}, /--port.*65535/],
    "no secret": [["serve", "--port", "0"], {}, /EMOSTREAM_JWT_SECRET/],
    "a short secret": [["serve", "--port", "0"], { EMOSTREAM_JWT_SECRET: "short" }, /EMOSTREAM_JWT_SECRET.*32 bytes/],
    "a name as address": [["serve", "--port", "0", "--host", "nowhere"], secret, /server\.host .*IP address.*nowhere/],
    "an address of another machine": [["serve", "--port", "0", "--host", "192.0.2.1"], secret, /192\.0\.2\.1.*address/],
    "no such file": [["config", "--config", "missing.toml"], {}, /missing\.toml/],
    "an unknown key": [["config", "--config", file("key.toml", "[server]\nprot = 1")], {}, /key\.toml: unknown key server\.prot/],
    "a wrong type": [["config", "--config", file("type.toml", "server.port = 'x'")], {}, /type\.toml: server\.port must be a whole number/],
    "a syntax error": [["config", "--config", file("syntax.toml", "a = 1\n[server")], {}, /syntax\.toml:2: /],
    "settings that contradict each other": [["config", "--config", file("frames.toml", "frames.max_bytes = 5000000")], {}, /server\.max_payload_bytes/],
    "less memory for frames than one has": [["config"], { EMOSTREAM_FRAMES_MAX_BYTES_IN_FLIGHT: "1000" }, /frames\.max_bytes_in_flight must be at least/],
    "a certificate without its key": [["config"], { EMOSTREAM_SERVER_TLS_CERTIFICATE: "x.pem" }, /server\.tls_key.*the key is missing/],
    "unknown headers of proxies": [["config"], { EMOSTREAM_SERVER_PROXY_HEADERS: "both" }, /server\.proxy_headers must be/],
    "a proxy by name": [["serve", "--port", "0"], { ...secret, EMOSTREAM_SERVER_TRUSTED_PROXIES: "localhost" }, /trusted proxy.*10\.0\.0\.0\/8, not localhost/],
    "an unknown variable": [["config"], { EMOSTREAM_SERVER_PROT: "1" }, /EMOSTREAM_SERVER_PROT/],
    "a variable out of range": [["config"], { EMOSTREAM_FRAMES_RATE: "-1" }, /EMOSTREAM_FRAMES_RATE: frames\.rate must be a number from/],
    "a detector that is not there": [["analyze", portraitFile], { EMOSTREAM_VISION_DETECTOR: "nowhere.onnx" }, /nowhere\.onnx/],
    "nothing to analyze": [["analyze"], {}, /1 option from \[images,--evaluate\]/],
    "more images than a command line holds": [["analyze", ...Array(3000).fill(portraitFile)], {}, /name their folder instead/],
    "images and a folder": [["analyze", portraitFile, "--evaluate", folder], {}, /1 option from \[images,--evaluate\]/],
    "crops without a folder": [["analyze", portraitFile, "--cropped"], {}, /--cropped requires --evaluate/],
    "a score without a folder": [["analyze", portraitFile, "--json"], {}, /--json requires --evaluate/],
    "a folder that is not there": [["analyze", "--evaluate", path.join(folder, "nowhere")], {}, /nowhere/],
    "no account": [["token"], secret, /--sub/],
    "an empty account": [["token", "--sub", ""], secret, /--sub.*empty/],
  };
  for (const [mistake, [args, env, message]] of Object.entries(mistakes)) {
    test(mistake, async () => {
      const { code, stderr } = await execute(args, env);
      assert.ok(code > 0, `${code}`);
      assert.match(stderr, message);
    });
  }

  test("a port in use", async (t) => {
    const other = createServer().listen(0, "127.0.0.1");
    t.after(() => other.close());
    await once(other, "listening");
    const { port } = other.address();
    const { code, stderr } = await execute(["serve", "--port", `${port}`], secret);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`127\\.0\\.0\\.1 port ${port}.*in use`));
  });

  test("config prints a file that it reads back, without the secret", async () => {
    const printed = await execute(["config"], { ...secret, EMOSTREAM_SERVER_METRICS_TOKEN: "s3cret", EMOSTREAM_SERVER_PORT: "1234" });
    assert.match(printed.stdout, /^port = 1234$/m);
    assert.doesNotMatch(printed.stdout, /xxxx|s3cret/);
    const again = await execute(["config", "--config", file("printed.toml", printed.stdout)]);
    assert.equal(again.stdout, printed.stdout);
  });

  test("analyze has a line for each file, whatever it is", async () => {
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

  test("analyze takes a folder for the images in it", async () => {
    const pictures = path.join(folder, "pictures");
    mkdirSync(path.join(pictures, "more"), { recursive: true });
    const copies = [path.join(pictures, "a.jpg"), path.join(pictures, "more", "b.jpg")];
    for (const copy of copies) copyFileSync(portraitFile, copy);
    const { code, stdout } = await execute(["analyze", pictures]);
    assert.equal(code, 0);
    assert.deepEqual(stdout.trim().split("\n").map((line) => JSON.parse(line).file), copies);
  });
});
