// What GET /metrics says, read strictly by the text format's rules.
import assert from "node:assert/strict";

const sample = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/;
const suffixes = { histogram: /_(bucket|sum|count)$/, counter: /$^/, gauge: /$^/ };

/** Samples by their text, such as `a_total{reason="x"}`. */
export function parse(text) {
  assert.ok(text.endsWith("\n"));
  const families = new Map();
  const samples = new Map();
  for (const line of text.trimEnd().split("\n")) {
    const comment = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line);
    if (comment) {
      const family = families.get(comment[2]) ?? {};
      assert.ok(!(comment[1] in family), `told twice: ${line}`);
      families.set(comment[2], { ...family, [comment[1]]: comment[3] });
      continue;
    }
    const [, name, labels, value] = sample.exec(line) ?? assert.fail(`no sample: ${line}`);
    const family = families.get(name) ?? families.get(name.replace(suffixes.histogram, ""));
    assert.ok(family?.HELP && family.TYPE, `neither help nor type: ${line}`);
    if (family.TYPE === "counter") assert.match(name, /_total$/);
    const key = labels ? `${name}{${labels}}` : name;
    assert.ok(!samples.has(key), `told twice: ${line}`);
    assert.ok(!Number.isNaN(Number(value.replace("+Inf", "Infinity"))), line);
    samples.set(key, Number(value));
  }
  return samples;
}

export async function read(server, headers = {}) {
  const answer = await fetch(`${server.url}/metrics`, { headers });
  assert.equal(answer.status, 200);
  assert.match(answer.headers.get("content-type"), /^text\/plain; version=0\.0\.4/);
  return parse(await answer.text());
}

/** Reads until the samples are as `wanted` says: what a client has heard of may be counted a moment later. */
export async function until(server, wanted, patience = 10_000) {
  const end = Date.now() + patience;
  for (;;) {
    const samples = await read(server);
    if (wanted(samples)) return samples;
    if (Date.now() > end) assert.fail(`not so within ${patience} ms:\n${[...samples].map((s) => s.join(" ")).join("\n")}`);
  }
}
