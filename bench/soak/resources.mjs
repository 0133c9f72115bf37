// Resources of a server: memory and sockets of its process, and sessions as reported by its metrics.
import { readdir, readFile, readlink } from "node:fs/promises";
import http from "node:http";

const megabyte = 1 << 20;

/** Resident memory in MB. */
export async function resident(pid) {
  const rollup = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  return (Number(/^Rss:\s+(\d+) kB$/m.exec(rollup)[1]) * 1024) / megabyte;
}

/** Number of open sockets, including listening ones. */
export async function sockets(pid) {
  const folder = `/proc/${pid}/fd`;
  const targets = await Promise.all((await readdir(folder)).map((fd) => readlink(`${folder}/${fd}`).catch(() => "")));
  return targets.filter((target) => target.startsWith("socket:")).length;
}

/** The values of the session gauges in /metrics; empty if there are none or /metrics is not available. */
export async function sessionGauges(url) {
  const text = await new Promise((resolve, reject) => {
    const request = http.get(`${url}/metrics`, { agent: false, timeout: 10_000 }, async (response) => {
      const chunks = await response.toArray();
      resolve(response.statusCode === 200 ? Buffer.concat(chunks).toString() : "");
    });
    request.on("error", reject).on("timeout", () => request.destroy(new Error("/metrics did not answer")));
  });
  return [...text.matchAll(/^emostream_(?:engineio_sessions_open|sessions)(?:\{.*\})? (\d+)$/gm)].map(([, value]) => Number(value));
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the last third of the samples minus that of the first; medians, so that single peaks do not count. */
export function growth(samples) {
  const third = Math.max(1, Math.floor(samples.length / 3));
  return median(samples.slice(-third)) - median(samples.slice(0, third));
}
