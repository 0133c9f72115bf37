// Tests of how the soak test evaluates its measurements.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Ledger } from "../soak/ledger.mjs";
import { growth } from "../soak/resources.mjs";

test("growth is the difference between the medians of the last and the first third", () => {
  assert.equal(growth([80, 81, 82, 83, 84, 85, 86, 87, 88]), 6);
});

test("a single peak is not growth", () => {
  assert.equal(growth([80, 80, 80, 80, 80, 80, 80, 120, 80]), 0);
});

test("a single sample shows no growth", () => {
  assert.equal(growth([80]), 0);
});

test("a ledger counts all failures and keeps the messages of the first ones", () => {
  const ledger = new Ledger();
  for (let i = 0; i < 100; ++i) ledger.fail(`failure ${i}`);
  assert.equal(ledger.failed, 100);
  assert.equal(ledger.failures.length, 20);
});

test("a ledger lists the most frequent events first", () => {
  const ledger = new Ledger();
  ledger.count("replaced");
  ledger.count("results", 12);
  assert.equal(String(ledger), "12 results, 1 replaced");
});
