// Compares the table of metrics in docs/production.md with GET /metrics: names, types, labels and their values.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { codes, readDocument, section, tableOf } from "../support/markdown.mjs";
import { startServer } from "../support/server.mjs";

/** The metrics of a text in Prometheus' format by name, each `{ type, labels: { label: set of values } }`. */
function families(text) {
  const found = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => [name, { type, labels: {} }]));
  for (const [, name, labels] of text.matchAll(/^(\w+)\{(.*)\} \S+$/gm)) {
    const family = found.get(name) ?? found.get(name.replace(/_(bucket|sum|count)$/, ""));
    for (const [, label, value] of labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      if (label !== "le") (family.labels[label] ??= new Set()).add(value);
    }
  }
  return found;
}

const rows = tableOf(section(readDocument("docs/production.md"), "Metrics"), "name").map(([name, type, labels]) => {
  const [label, values] = labels.split(": ");
  const isOpen = values?.startsWith("any");
  return { name: codes(name)[0], type, labels: codes(label), values: values && !isOpen ? codes(values) : null, isOpen };
});

describe("the table of metrics", { timeout: 60_000 }, () => {
  let server;
  let served;
  before(async () => {
    server = await startServer({ EMOSTREAM_SERVER_METRICS: "true" });
    await fetch(`${server.url}/api/v1/analyze`, { method: "POST", body: "no token" }); // the first image_requests_total
    served = families(await (await fetch(`${server.url}/metrics`)).text());
  });
  after(() => server.stop());

  test("has each metric that is served, and no other", () => {
    const always = rows.filter(({ name }) => name !== "emostream_errors_total").map(({ name }) => name);
    assert.deepEqual([...served.keys()].filter((name) => name !== "emostream_errors_total").sort(), always.sort());
  });

  for (const { name, type, labels, values, isOpen } of rows) {
    test(`${name} has the documented type and labels`, () => {
      if (!served.has(name)) return assert.ok(isOpen, "not served");
      assert.equal(served.get(name).type, type);
      assert.deepEqual(Object.keys(served.get(name).labels).sort(), labels.sort());
      if (values) assert.deepEqual([...served.get(name).labels[labels[0]]].sort(), values.sort());
    });
  }
});
