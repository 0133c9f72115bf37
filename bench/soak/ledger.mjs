// Record of a soak test: counts of events, and failures.

const max_messages = 20; // of failures

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
    if (this.failures.length < max_messages) this.failures.push(why);
  }

  /** For example "12 results, 3 replaced": the most frequent first. */
  toString() {
    return [...this.#counts].sort(([, a], [, b]) => b - a).map(([what, times]) => `${times} ${what}`).join(", ");
  }
}
