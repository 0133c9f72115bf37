// The page at /docs in Chromium: from this server alone, with nothing that its policy forbids, on a desk and a phone.
//
// EMOSTREAM_SCREENSHOTS=FOLDER also writes what the page looks like.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launchBrowser } from "../support/browser.mjs";
import { portraitFile } from "../support/images.mjs";
import { startServer } from "../support/server.mjs";

const desk = { viewport: { width: 1280, height: 900 } };
const phone = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

describe("docs", { timeout: 120_000 }, () => {
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

  /** The page, drawn; whatever the browser complains of fails the test. */
  const open = async (t, options = desk, fragment = "") => {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(20_000);
    const complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && complaints.push(message.text()));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== server.url) complaints.push(request.url());
    });
    await page.goto(`${server.url}/docs${fragment}`);
    await page.locator("#events h1").waitFor();
    t.after(async () => {
      await page.close();
      assert.deepEqual(complaints, []);
    });
    return page;
  };
  const operation = (page) => page.locator(".opblock-post", { hasText: "/api/v1/analyze" });
  const unfold = async (page) => {
    await operation(page).locator(".opblock-summary-control").click();
    await operation(page).locator(".responses-table").waitFor();
  };
  const picture = async (page, name) => {
    const folder = process.env.EMOSTREAM_SCREENSHOTS;
    if (folder) await page.screenshot({ path: path.join(folder, `docs-${name}.png`) });
  };

  test("the HTTP API, and the events", async (t) => {
    const page = await open(t);
    await picture(page, "desk");
    await page.getByText("Find the faces of a picture").waitFor();
    for (const event of ["video_frame", "detection_result", "join_room"]) {
      await page.locator("#events code", { hasText: event }).first().waitFor();
    }
    assert.ok((await page.locator("#events table").count()) >= 4);
    for (const href of await page.locator("#events a").evaluateAll((all) => all.map((a) => a.href))) {
      assert.match(href, /^https?:/, "a link into the source tree");
    }
  });

  test("tried out with a token and a picture, it answers", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "Authorize" }).first().click();
    const form = page.locator(".modal-ux form", { hasText: "token (http, Bearer)" }).first();
    await form.locator("input").fill(await server.token("reader"));
    await form.getByRole("button", { name: /^Apply/ }).click();
    await form.getByRole("button", { name: "Close" }).click();
    await unfold(page);
    await operation(page).getByRole("button", { name: "Try it out" }).click();
    await operation(page).locator("input[type=file]").setInputFiles(portraitFile);
    await operation(page).getByRole("button", { name: "Execute" }).click();
    const answer = operation(page).locator(".live-responses-table");
    await answer.locator(".response-col_status", { hasText: "200" }).waitFor();
    await answer.locator("pre", { hasText: '"happiness"' }).first().waitFor();
  });

  test("a fragment leads to its part", async (t) => {
    const page = await open(t, desk, "#events");
    await page.waitForFunction(() => Math.abs(document.getElementById("events").getBoundingClientRect().top) < 150);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`on a phone, ${colorScheme}: nothing beside the screen`, async (t) => {
      const page = await open(t, { ...phone, colorScheme });
      const width = () => page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(await width(), 360);
      await picture(page, `phone-${colorScheme}`);
      await unfold(page);
      assert.equal(await width(), 360);
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(ground[0] < 128, colorScheme === "dark");
    });
  }
});
