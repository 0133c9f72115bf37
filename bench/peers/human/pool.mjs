// A pool of worker threads that analyze images, each with its own models. Images wait for the first free worker.
import { once } from "node:events";
import { Worker } from "node:worker_threads";

export class Pool {
  #workers;
  #free = [];
  #waiting = [];

  constructor(size) {
    this.#workers = Array.from({ length: size }, () => new Worker(new URL("analyzer.mjs", import.meta.url)));
  }

  async ready() {
    await Promise.all(this.#workers.map((worker) => once(worker, "message")));
    for (const worker of this.#workers) this.#serve(worker);
  }

  /** Returns the result of analyzer.mjs for an encoded image. */
  analyze(image) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ image, resolve, reject });
      const worker = this.#free.pop();
      if (worker) this.#serve(worker);
    });
  }

  #serve(worker) {
    const job = this.#waiting.shift();
    if (!job) return this.#free.push(worker);
    worker.once("message", ({ error, ...answer }) => {
      if (error) job.reject(error);
      else job.resolve(answer);
      this.#serve(worker);
    });
    worker.postMessage(job.image);
  }
}
