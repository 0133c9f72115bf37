// Self-signed certificates for tests.
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";

/** A self-signed certificate for 127.0.0.1 and its key, in files that are deleted when the test `t` ends. */
export class Certificate {
  constructor(t) {
    this.folder = mkdtempSync(path.join(os.tmpdir(), "emostream-tls-"));
    t.after(() => rmSync(this.folder, { recursive: true, force: true }));
    this.file = path.join(this.folder, "certificate.pem");
    this.key = path.join(this.folder, "key.pem");
    this.renew();
  }

  /** Writes a new certificate and key to the same files. */
  renew() {
    const kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    const name = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", ...kind, ...name, "-keyout", this.key, "-out", this.file], { stdio: "pipe" });
  }

  get pem() {
    return readFileSync(this.file);
  }

  get fingerprint() {
    return new X509Certificate(this.pem).fingerprint256;
  }

  /** The settings of a server that uses it. */
  get settings() {
    return { EMOSTREAM_SERVER_TLS_CERTIFICATE: this.file, EMOSTREAM_SERVER_TLS_KEY: this.key };
  }
}
