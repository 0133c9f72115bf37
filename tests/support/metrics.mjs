// Reads GET /metrics and checks rules of the Prometheus text format: the syntax of samples, HELP and TYPE for each, no
// duplicates, and names of counters that end in _total.
import assert from "node:assert/strict";

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/;
const histogramSuffix = /_(bucket|sum|count)$/;

/** Returns a map from a series, such as `a_total{reason="x"}`, to its value. */
export function parse(text) {
  assert.ok(text.endsWith("\n"));
  const families = new Map();
  const samples = new Map();
  for (const line of text.trimEnd().split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const family = families.get(comment[2]) ?? {};
      assert.ok(!(comment[1] in family), `duplicate: ${line}`);
      families.set(comment[2], { ...family, [comment[1]]: comment[3] });
      continue;
    }
    const [, name, labels, value] = sample.exec(line) ?? assert.fail(`not a sample: ${line}`);
    const family = families.get(name) ?? families.get(name.replace(histogramSuffix, ""));
    assert.ok(family?.HELP && family.TYPE, `without HELP or TYPE: ${line}`);
    if (family.TYPE === "counter") assert.match(name, /_total$/);
    const series = labels ? `${name}{${labels}}` : name;
    assert.ok(!samples.has(series), `duplicate: ${line}`);
    assert.ok(!Number.isNaN(Number(value.replace("+Inf", "Infinity"))), line);
    samples.set(series, Number(value));
  }
  return samples;
}

export async function read(server, headers = {}) {
  const answer = await fetch(`${server.url}/metrics`, { headers });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  return parse(await answer.text());
}

/** Reads until `wanted` accepts the samples, because an event may be counted shortly after its client has the answer. */
export async function until(server, wanted, timeout = 10_000) {
  const end = Date.now() + timeout;
  for (;;) {
    const samples = await read(server);
    if (wanted(samples)) return samples;
    if (Date.now() > end) assert.fail(`not reached within ${timeout} ms:\n${[...samples].map((s) => s.join(" ")).join("\n")}`);
  }
}
