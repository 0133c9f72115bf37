// What happened in a soak: counts of what may happen, and failures, which must not.

const kept = 20; // failures told in words

export class Ledger {
  #counts = new Map();
  failures = [];
  failed = 0;

  count(what, times = 1) {
    this.#counts.set(what, this.of(what) + times);
  }

  of(what) {
    return this.#counts.get(what) ?? 0;
  }

  fail(why) {
    ++this.failed;
    if (this.failures.length < kept) this.failures.push(why);
  }

  /** As in "12 results, 3 replaced", the most frequent first. */
  toString() {
    return [...this.#counts].sort(([, a], [, b]) => b - a).map(([what, times]) => `${times} ${what}`).join(", ");
  }
}
