// How a soak judges what it saw.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../soak/ledger.mjs";
import { growth } from "../soak/watch.mjs";

test("growth is what the last third has over the first", () => {
  assert.equal(growth([80, 81, 82, 83, 84, 85, 86, 87, 88]), 6);
});

test("a peak is no growth", () => {
  assert.equal(growth([80, 80, 80, 80, 80, 80, 80, 120, 80]), 0);
});

test("of one look there is none", () => {
  assert.equal(growth([80]), 0);
});

test("a ledger counts all failures and keeps the first ones' words", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 100; ++i) ledger.fail(`failure ${i}`);
  assert.equal(ledger.failed, 100);
  assert.equal(ledger.failures.length, 20);
});

test("a ledger tells the most frequent first", () => {
  const ledger = new Ledger();
  ledger.count("replaced");
  ledger.count("results", 12);
  assert.equal(String(ledger), "12 results, 1 replaced");
});
