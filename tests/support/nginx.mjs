// nginx in front of a test server, configured as in docs/production.md.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import net from "node:net";
import path from "node:path";
import { root } from "./server.mjs";

async function freePort() {
  const probe = net.createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}

/** The documented configuration with this test's addresses and files. */
function documented(replacements) {
  const text = readFileSync(path.join(root, "docs/production.md"), "utf8");
  let conf = /^```nginx\n(.*?)^```$/ms.exec(text)[1];
  for (const [name, value] of Object.entries(replacements)) {
    assert.ok(conf.includes(name), `docs/production.md does not contain ${name}`);
    conf = conf.replaceAll(name, value);
  }
  return conf;
}

/** Starts nginx with `certificate` in front of `server`; it is stopped when the test `t` ends. Returns its address. */
export async function startNginx(t, server, certificate) {
  const port = await freePort();
  const { folder } = certificate;
  const site = documented({
    "127.0.0.1:8000": new URL(server.url).host,
    "listen 443": `listen 127.0.0.1:${port}`,
    "/etc/nginx/fullchain.pem": certificate.file,
    "/etc/nginx/privkey.pem": certificate.key,
  });
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((of) => `${of}_temp_path ${folder}/${of};`);
  const file = path.join(folder, "nginx.conf");
  writeFileSync(
    file,
    `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
     events {} http { access_log off; ${temporary.join(" ")}\n${site} }`,
  );
  const nginx = spawn(process.env.NGINX ?? "/usr/sbin/nginx", ["-c", file, "-p", folder]);
  let log = "";
  nginx.stderr.on("data", (text) => (log += text));
  const exited = once(nginx, "exit");
  t.after(() => (nginx.kill("SIGKILL"), exited));
  for (;;) {
    assert.equal(nginx.exitCode, null, log);
    const socket = net.connect(port, "127.0.0.1");
    const connected = await Promise.race([once(socket, "connect").then(() => true, () => false), exited.then(() => false)]);
    socket.destroy();
    if (connected) return `https://127.0.0.1:${port}`;
  }
}
