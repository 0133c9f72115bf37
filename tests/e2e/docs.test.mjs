// The page at /docs in Chromium, on a desktop and on a phone. It must load resources from this server only and must not
// violate its content security policy.
//
// With EMOSTREAM_SCREENSHOTS=FOLDER, screenshots are written to that folder.
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { launchBrowser } from "../support/browser.mjs";
import { portraitFile } from "../support/images.mjs";
import { codes, readDocument, tables } from "../support/markdown.mjs";
import { startServer } from "../support/server.mjs";

const desktop = { viewport: { width: 1280, height: 900 } };
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

  /** Opens the page. Errors, warnings and requests to other servers fail the test. */
  const open = async (t, options = desktop, fragment = "") => {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(20_000);
    const problems = [];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => ["error", "warning"].includes(message.type()) && problems.push(message.text()));
    page.on("request", (request) => {
      if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== server.url) problems.push(request.url());
    });
    await page.goto(`${server.url}/docs${fragment}`);
    await page.locator("#events h1").waitFor();
    t.after(async () => {
      await page.close();
      assert.deepEqual(problems, []);
    });
    return page;
  };
  const operation = (page) => page.locator(".opblock-post", { hasText: "/api/v1/analyze" });
  const expand = async (page) => {
    await operation(page).locator(".opblock-summary-control").click();
    await operation(page).locator(".responses-table").waitFor();
  };
  const screenshot = async (page, name) => {
    const folder = process.env.EMOSTREAM_SCREENSHOTS;
    if (folder) await page.screenshot({ path: path.join(folder, `docs-${name}.png`) });
  };

  test("shows the HTTP API and the events", async (t) => {
    const page = await open(t);
    await screenshot(page, "desktop");
    await page.getByText("Detect the faces of an image").waitFor();
    for (const event of ["video_frame", "detection_result", "join_room"]) {
      await page.locator("#events code", { hasText: event }).first().waitFor();
    }
    assert.ok((await page.locator("#events table").count()) >= 4);
    for (const href of await page.locator("#events a").evaluateAll((all) => all.map((a) => a.href))) {
      assert.match(href, /^https?:/, "a link into the source tree");
    }
  });

  test("shows each table of docs/api.md with its columns and code", async (t) => {
    const page = await open(t);
    const shown = await page.locator("#events table").evaluateAll((all) =>
      all.map((table) => [...table.rows].map((row) => [...row.cells].map((cell) => [...cell.querySelectorAll("code")].map((code) => code.textContent)))),
    );
    const written = tables(readDocument("docs/api.md")).map(({ header, rows }) => [header, ...rows].map((row) => row.map(codes)));
    assert.ok(written.flat(3).some((code) => code.includes("|")), "no code with a pipe");
    assert.deepEqual(shown, written);
    assert.doesNotMatch(await page.locator("#events").textContent(), /\uE000/);
  });

  test("sends an image with a token and shows the response", async (t) => {
    const page = await open(t);
    await page.getByRole("button", { name: "Authorize" }).first().click();
    const form = page.locator(".modal-ux form", { hasText: "token (http, Bearer)" }).first();
    await form.locator("input").fill(await server.token("reader"));
    await form.getByRole("button", { name: /^Apply/ }).click();
    await form.getByRole("button", { name: "Close" }).click();
    await expand(page);
    await operation(page).getByRole("button", { name: "Try it out" }).click();
    await operation(page).locator("input[type=file]").setInputFiles(portraitFile);
    await operation(page).getByRole("button", { name: "Execute" }).click();
    const answer = operation(page).locator(".live-responses-table");
    await answer.locator(".response-col_status", { hasText: "200" }).waitFor();
    await answer.locator("pre", { hasText: '"happiness"' }).first().waitFor();
  });

  test("scrolls to the section in the fragment of the address", async (t) => {
    const page = await open(t, desktop, "#events");
    await page.waitForFunction(() => Math.abs(document.getElementById("events").getBoundingClientRect().top) < 150);
  });

  for (const colorScheme of ["light", "dark"]) {
    test(`fits the screen of a phone, with ${colorScheme} colours`, async (t) => {
      const page = await open(t, { ...phone, colorScheme });
      const width = () => page.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(await width(), 360);
      await screenshot(page, `phone-${colorScheme}`);
      await expand(page);
      assert.equal(await width(), 360);
      const background = await page.evaluate(() => getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number));
      assert.equal(background[0] < 128, colorScheme === "dark");
    });
  }
});
