// The console page in Chromium, with the portrait as its webcam.
//
// With EMOSTREAM_SCREENSHOTS=FOLDER, screenshots for desktop and phone are written to that folder.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { launchBrowser } from "../support/browser.mjs";
import { pngOfText, portrait, portraitFile } from "../support/images.mjs";
import { signToken, seconds } from "../support/jwt.mjs";
import { documentedServer, snippets } from "../support/snippets.mjs";
import { root, startServer } from "../support/server.mjs";

const pageOnDisk = pathToFileURL(path.join(root, "client_examples/socketio/index.html")).href;
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Runs in the page: returns the texts whose contrast is below 4.5 (WCAG 2.2, 1.4.3). */
function faintTexts() {
  const rgba = (colour) => colour.match(/[\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  };
  const backgroundOf = (element) => {
    const colour = rgba(getComputedStyle(element).backgroundColor);
    return colour[3] === 0 ? backgroundOf(element.parentElement) : colour;
  };
  const faint = [];
  for (const element of document.body.querySelectorAll("*")) {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (text.length === 0 || !element.checkVisibility() || element.disabled) continue;
    if (element.closest("template, option, .stage-hint")) continue; // .stage-hint is drawn on the stage's gradient
    const [light, dark] = [rgba(getComputedStyle(element).color), backgroundOf(element)].map(luminance).sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)}: ${text[0].data.trim()}`);
  }
  return faint;
}

describe("console", { timeout: 240_000 }, () => {
  let server;
  let browser;
  before(async () => {
    server = await startServer();
    browser = await launchBrowser(server);
  });
  after(async () => {
    await browser.close();
    await server.stop();
  });

  const visit = async (t, address, options = {}) => {
    const { browser: other, prepare, ...rest } = options;
    const page = await (other ?? browser).newPage(rest);
    await prepare?.(page);
    page.setDefaultTimeout(20_000);
    page.failures = [];
    page.on("pageerror", (error) => page.failures.push(error));
    await page.goto(address);
    t.after(async () => {
      await page.close();
      assert.deepEqual(page.failures, []);
    });
    return page;
  };
  const fragment = (fields) => `#${new URLSearchParams(fields)}`;
  /** Opens the page with a token of `account`, without connecting. */
  const open = async (t, account = "alice", { fields = {}, ...options } = {}) =>
    visit(t, `${server.url}/${fragment({ token: await server.token(account), ...fields })}`, options);

  const cameraButton = (page) => page.getByRole("button", { name: /^(Start|Stop) camera$/ });
  const status = (page) => page.getByRole("status");
  const waitForText = (locator, text) => locator.filter({ hasText: text }).waitFor();
  const box = (page) => page.locator("#boxes .box");
  const waitForHappiness = (page) => waitForText(box(page), "happiness");
  const text = (page, id) => page.locator(`#${id}`).textContent();

  /** The centre of the only box, relative to the stage. */
  const boxCentre = (page) =>
    page.evaluate(() => {
      const stage = document.getElementById("stage").getBoundingClientRect();
      const { x, y, width, height } = document.querySelector("#boxes .box").getBoundingClientRect();
      return { x: (x + width / 2 - stage.x) / stage.width, y: (y + height / 2 - stage.y) / stage.height };
    });
  const assertNear = (value, wanted) => assert.ok(Math.abs(value - wanted) < 0.07, `${value} is not near ${wanted}`);

  test("shows a box on the face, the dominant emotion, the frame rate and the latency", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await waitForText(status(page), "Connected as alice");
    await cameraButton(page).click();
    await waitForHappiness(page);
    await waitForText(status(page), "Processing as alice");

    const mirrored = await boxCentre(page);
    assertNear(mirrored.x, 1 - 0.44);
    assertNear(mirrored.y, 0.31);
    await page.getByLabel("Mirror").uncheck();
    await page.waitForFunction(() => parseFloat(document.querySelector("#boxes .box").style.left) < 45);
    await page.waitForFunction(() => document.getAnimations().length === 0);
    assertNear((await boxCentre(page)).x, 0.44);

    const card = page.locator("#faces .face");
    assert.equal(await card.count(), 1);
    assert.equal(await card.locator(".face-top").textContent(), "happiness");
    const shown = await card.locator(".prob").evaluateAll((bars) =>
      bars.map((bar) => [bar.querySelector("dt").textContent, parseInt(bar.querySelector(".value").textContent)]),
    );
    assert.equal(shown.length, 8);
    const top = shown.reduce((a, b) => (b[1] > a[1] ? b : a));
    assert.equal(top[0], "happiness");
    await page.waitForFunction(() => parseFloat(document.getElementById("rate").textContent) > 1);
    assert.match(await text(page, "latency"), /^\d+ ms$/);
    assert.match(await text(page, "server-time"), /^\d+ ms$/);
    await waitForText(page.locator("#spoken"), "1 face, happiness");
  });

  test("connects when the camera is started, and stops and starts again", async (t) => {
    const page = await open(t);
    await cameraButton(page).click();
    await waitForHappiness(page);
    await cameraButton(page).click();
    await waitForText(status(page), "Connected as alice");
    assert.equal(await box(page).count(), 0);
    assert.equal(await page.locator("#video").evaluate((video) => video.srcObject), null);
    await cameraButton(page).click();
    await waitForHappiness(page);
    await page.getByRole("button", { name: "Disconnect" }).click();
    await waitForText(status(page), "Not connected");
    assert.equal(await box(page).count(), 0);
  });

  const rejections = {
    "a missing token": [() => "", "The server requires a token"],
    "a wrong token": [() => "wrong", "The server rejected this token"],
    "an expired token": [() => signToken(server.secret, { sub: "late", exp: seconds() - 600 }), "This token has expired"],
  };
  for (const [name, [token, words]] of Object.entries(rejections)) {
    test(`explains ${name}`, async (t) => {
      const page = await visit(t, server.url);
      await page.getByLabel("Token").fill(token());
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await waitForText(page.getByRole("alert"), words);
      await waitForText(status(page), "Not connected");
    });
  }

  test("explains an invalid address, and one at which nothing answers", async (t) => {
    const page = await open(t);
    for (const [address, words] of [["ftp://x", "is not the address of a server"], ["http://127.0.0.1:1", "could not be loaded from"]]) {
      await page.getByLabel("Server").fill(address);
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await waitForText(page.getByRole("alert"), words);
    }
  });

  test("explains that the token has expired while connected", async (t) => {
    const token = signToken(server.secret, { sub: "brief", exp: seconds() - 27 }); // within the leeway of 30 s
    const page = await visit(t, `${server.url}/${fragment({ token })}`);
    await cameraButton(page).click();
    await waitForText(page.getByRole("alert"), "Token expired (401)");
    await waitForText(status(page), "Not connected");
  });

  test("explains that access to the camera was denied, and still accepts a photo", async (t) => {
    const strict = await launchBrowser(server, "denied");
    t.after(() => strict.close());
    const page = await open(t, "alice", { browser: strict });
    await cameraButton(page).click();
    await waitForText(page.getByRole("alert"), "Access to the camera was denied");
    await page.locator("#photo-file").setInputFiles(portraitFile);
    await waitForHappiness(page);
    assertNear((await boxCentre(page)).x, 0.44);
    await page.locator("#photo-file").setInputFiles(path.join(root, "package.json"));
    await waitForText(page.getByRole("alert"), "package.json is not an image");
  });

  /** Collects the page's media tracks in `tracks`. Delays access to the camera until `allow()` is called, and the list of
   *  cameras until `list()` is called. */
  const controlCamera = (page) =>
    page.evaluate(() => {
      const devices = navigator.mediaDevices;
      const getUserMedia = devices.getUserMedia.bind(devices);
      const enumerateDevices = devices.enumerateDevices.bind(devices);
      window.tracks = [];
      const allowed = new Promise((resolve) => (window.allow = resolve));
      const listed = new Promise((resolve) => (window.list = resolve));
      devices.enumerateDevices = () => listed.then(enumerateDevices);
      devices.getUserMedia = async (wanted) => {
        await allowed;
        const stream = await getUserMedia(wanted);
        window.tracks.push(...stream.getTracks());
        return stream;
      };
    });
  const waitForTracks = (page, states) =>
    page.waitForFunction((wanted) => window.tracks.map((track) => track.readyState).sort().join() === wanted, states.join());

  test("keeps only one camera open after repeated clicks, and closes it on stop", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await waitForText(status(page), "Connected as alice");
    await controlCamera(page);
    await cameraButton(page).click();
    await cameraButton(page).click();
    await page.evaluate(() => window.allow());
    await waitForTracks(page, ["ended", "live"]);
    await cameraButton(page).click();
    await waitForTracks(page, ["ended", "ended", "live"]);
    await page.evaluate(() => window.list());
    await waitForHappiness(page);
    await cameraButton(page).click();
    await waitForTracks(page, ["ended", "ended", "ended"]);
  });

  test("keeps the camera off if access is granted after disconnecting", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "Connect", exact: true }).click();
    await waitForText(status(page), "Connected as alice");
    await controlCamera(page);
    await cameraButton(page).click();
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.evaluate(() => window.allow());
    await waitForTracks(page, ["ended"]);
    await waitForText(status(page), "Not connected");
    assert.equal(await page.locator("#video").evaluate((video) => video.srcObject), null);
  });

  test("ignores results of the camera that arrive after a photo was chosen", async (t) => {
    const lenient = await startServer({ EMOSTREAM_FRAMES_DEADLINE_MS: "10000" });
    t.after(() => lenient.stop());
    let holding = false;
    const held = []; // messages with results that are not passed on yet
    let arrived = () => {};
    const prepare = (page) =>
      page.routeWebSocket(/transport=websocket/, (toPage) => {
        toPage.connectToServer().onMessage((message) => {
          if (!holding || !message.includes("detection_result")) return toPage.send(message);
          held.push({ message, release: () => toPage.send(message) });
          arrived();
        });
      });
    const holdUntil = async (words) => {
      holding = true;
      while (!held.some(({ message }) => message.includes(words))) await new Promise((resolve) => (arrived = resolve));
    };
    const page = await visit(t, `${lenient.url}/${fragment({ token: await lenient.token("alice") })}`, { prepare });
    await cameraButton(page).click();
    await waitForHappiness(page);
    await holdUntil('"happiness"');
    const photo = { name: "dark.png", mimeType: "image/png", buffer: pngOfText(320, 20_000) };
    await page.locator("#photo-file").setInputFiles(photo);
    await holdUntil('"faces":[]');
    const ofPhoto = held.pop();
    for (const { release } of held) release();
    assert.equal(await box(page).count(), 0);
    ofPhoto.release();
    await waitForText(status(page), "Connected as alice");
    assert.equal(await box(page).count(), 0);
  });

  test("does not load scripts from another server that a link names", async (t) => {
    const other = await startServer();
    t.after(() => other.stop());
    const page = await open(t, "alice", { fields: { server: other.url } });
    await cameraButton(page).click();
    await waitForText(page.getByRole("alert"), `could not be loaded from ${other.url}`);
    assert.equal(await page.evaluate(() => window.io), undefined);
  });

  test("works when opened from disk", async (t) => {
    const page = await visit(t, pageOnDisk + fragment({ token: await server.token("alice") }));
    assert.equal(await page.getByLabel("Server").inputValue(), documentedServer);
    await cameraButton(page).click();
    await waitForHappiness(page);
  });

  test("sends settings and shows those in effect", async (t) => {
    const page = await open(t);
    await cameraButton(page).click();
    await waitForHappiness(page);
    await page.getByLabel("Maximum number of faces").fill("3");
    await page.getByLabel("Maximum number of faces").blur();
    await waitForText(page.getByRole("log"), "minimum confidence 0.5, at most 3 faces");
    await page.getByLabel("Minimum confidence").fill("0.8");
    await waitForText(page.getByRole("log"), "minimum confidence 0.8, at most 3 faces");
    await page.getByLabel("Maximum number of faces").fill("101");
    await page.getByLabel("Maximum number of faces").blur();
    assert.equal(await page.getByLabel("Maximum number of faces").evaluate((input) => input.validity.valid), false);
  });

  test("shows the mesh and counts blinks if that is chosen", async (t) => {
    const page = await open(t);
    await cameraButton(page).click();
    await waitForHappiness(page);
    const points = () =>
      page.evaluate(() => {
        const canvas = document.getElementById("mesh");
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.reduce((sum, value, i) => sum + (i % 4 === 3 && value > 0 ? 1 : 0), 0);
      });
    assert.equal(await points(), 0);
    await page.getByLabel("Show the mesh").check();
    await waitForText(page.locator("#faces .face-note"), "0 blinks");
    assert.ok((await points()) > 400);
  });

  test("shows a viewer the results of a publisher", async (t) => {
    const room = "stage";
    const publisher = await open(t, "alice", { fields: { room } });
    const viewer = await open(t, "bob", { fields: { room, role: "viewer" } });
    for (const page of [publisher, viewer]) {
      await page.getByRole("button", { name: "Join" }).click();
      await waitForText(page.getByRole("log"), `In room ${room}`);
    }
    await cameraButton(publisher).click();
    await waitForHappiness(publisher);
    const member = viewer.locator("#members .member");
    await waitForText(member, "alice");
    await waitForText(member, "happiness");
    assert.equal(await publisher.locator("#members .member").count(), 0);
    await viewer.getByRole("button", { name: "Leave" }).click();
    await waitForText(viewer.getByRole("log"), `Left room ${room}`);
    assert.equal(await member.count(), 0);
  });

  test("can be used by keyboard, with a visible focus", async (t) => {
    const page = await visit(t, server.url);
    const tabTo = async (id) => {
      for (let i = 0; i < 30; ++i) {
        const at = await page.evaluate(() => {
          const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
          return { id: document.activeElement.id, outline: outlineStyle === "none" ? 0 : parseFloat(outlineWidth) };
        });
        if (at.id !== "") assert.ok(at.outline >= 2, `the focus on ${at.id} is not visible`);
        if (at.id === id) return;
        await page.keyboard.press("Tab");
      }
      assert.fail(`Tab does not lead to ${id}`);
    };
    await tabTo("token");
    await page.keyboard.type(await server.token("alice"));
    await tabTo("connect");
    await page.keyboard.press("Enter");
    await waitForText(status(page), "Connected as alice");
    await tabTo("run");
    await page.keyboard.press("Enter");
    await waitForHappiness(page);
    await page.keyboard.press("Space");
    await waitForText(status(page), "Connected as alice");
    await tabTo("room");
    await page.keyboard.type("keys");
    await page.keyboard.press("Enter");
    await waitForText(page.getByRole("log"), "In room keys as publisher");
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`fits the screen of a phone and has large controls, with ${colorScheme} colours`, async (t) => {
      const page = await open(t, "alice", { ...phone, colorScheme });
      const assertFits = async () => {
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(width <= phone.viewport.width, `${width} px wide`);
      };
      await assertFits();
      await cameraButton(page).tap();
      await waitForHappiness(page);
      await assertFits();
      const small = await page.locator("button, input:not([type=checkbox], [type=range]), select").evaluateAll((all) =>
        all.filter((target) => target.offsetParent && target.offsetHeight < 44).map((target) => target.id),
      );
      assert.deepEqual(small, []);
    });

    test(`has sufficient contrast, with ${colorScheme} colours`, async (t) => {
      const page = await open(t, "alice", { colorScheme });
      assert.deepEqual(await page.evaluate(faintTexts), []);
      await cameraButton(page).click();
      await waitForHappiness(page);
      assert.deepEqual(await page.evaluate(faintTexts), []);
      await page.getByRole("button", { name: "Disconnect" }).click();
      await page.getByLabel("Token").fill("wrong");
      await page.getByRole("button", { name: "Connect", exact: true }).click();
      await page.getByRole("alert").waitFor();
      assert.deepEqual(await page.evaluate(faintTexts), []);
    });
  }

  for (const [file, snippet] of Object.entries(snippets)) {
    test(`runs the snippet of ${file}`, async (t) => {
      const page = await visit(t, server.url, { bypassCSP: true }); // like a page from another server
      await page.addScriptTag({ url: `${documentedServer}/socket.io/socket.io.js` });
      const logged = page.waitForEvent("console");
      const given = { snippet, token: await server.token("reader"), image: portrait.toString("base64") };
      await page.evaluate(async ({ snippet, token, image }) => {
        const jpeg = await (await fetch(`data:image/jpeg;base64,${image}`)).blob();
        new Function("token", "jpeg", snippet)(token, jpeg);
      }, given);
      const message = await logged;
      assert.equal(message.type(), "log", message.text());
      const [faces] = await Promise.all(message.args().map((arg) => arg.jsonValue()));
      assert.equal(faces[0].dominant_emotion, "happiness");
    });
  }

  test("continues after a restart of the server", async (t) => {
    const first = await startServer();
    const page = await visit(t, `${first.url}/${fragment({ token: await first.token("alice") })}`);
    await cameraButton(page).click();
    await waitForHappiness(page);
    await first.stop();
    await waitForText(page.getByRole("alert"), /Reconnecting|Trying again/);
    assert.equal(await box(page).count(), 0);
    const settings = { EMOSTREAM_JWT_SECRET: first.secret };
    const second = await startServer(settings, ["--port", new URL(first.url).port]);
    t.after(() => second.stop());
    await waitForHappiness(page);
    await waitForText(status(page), "Processing as alice");
    assert.equal(await page.getByRole("alert").isVisible(), false);
  });

  test("shows the labels of another model in its order, each in its own colour", async (t) => {
    const other = await startServer({ EMOSTREAM_VISION_CLASSIFIER: path.join(root, "tests/models/colours") });
    t.after(() => other.stop());
    const page = await visit(t, `${other.url}/${fragment({ token: await other.token("alice") })}`);
    await cameraButton(page).click();
    const bars = page.locator("#faces .face .prob");
    await bars.first().waitFor();
    const labels = ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised"];
    assert.deepEqual(await bars.locator("dt").allTextContents(), labels);
    assert.ok(labels.includes(await page.locator("#faces .face .face-top").textContent()));
    const colours = await bars.evaluateAll((all) => all.map((bar) => getComputedStyle(bar).getPropertyValue("--bar")));
    assert.equal(new Set(colours).size, labels.length, colours.join(" "));
  });

  const screenshots = process.env.EMOSTREAM_SCREENSHOTS;
  test("takes screenshots", { skip: !screenshots && "EMOSTREAM_SCREENSHOTS is not set" }, async (t) => {
    for (const [name, options] of Object.entries({
      "console": { viewport: { width: 1200, height: 780 }, colorScheme: "light" },
      "console-dark": { viewport: { width: 1200, height: 780 }, colorScheme: "dark" },
      "console-phone": { ...phone, colorScheme: "light" },
    })) {
      const page = await open(t, "alice", options);
      await cameraButton(page).click();
      await waitForHappiness(page);
      await page.waitForFunction(() => parseFloat(document.getElementById("rate").textContent) > 5);
      await page.screenshot({ path: path.join(screenshots, `${name}.png`) });
    }
  });
});
