// Regenerates package-lock.json from package.json: node packaging/lock.mjs (npm 10 or newer).
//
// The BlazeFace package depends on two Unity packages that are not in the npm registry and that its ONNX files do not
// need. npm 10 can override dependencies while it resolves, but npm 9 of Debian 12 cannot read the resulting lock file.
// Therefore the lock file is generated with the unwanted packages overridden by a stand-in, which is then removed:
// `npm ci` of any version installs exactly what the lock file lists. Swagger UI's only dependency, which reports
// installations to a company, is removed likewise.

import { execFileSync } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const unwanted = ["com.unity.barracuda", "jp.keijiro.klak.nnutils", "@scarf/scarf"];

const folder = mkdtempSync(join(tmpdir(), "lock-"));
try {
  const manifest = JSON.parse(readFileSync("package.json", "utf8"));
  manifest.overrides = Object.fromEntries(unwanted.map((name) => [name, "npm:ms@2.1.3"]));
  writeFileSync(join(folder, "package.json"), JSON.stringify(manifest));
  copyFileSync(".npmrc", join(folder, ".npmrc"));
  execFileSync("npm", ["install", "--package-lock-only", "--ignore-scripts"], { cwd: folder, stdio: "inherit" });

  const lock = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
  for (const name of unwanted) delete lock.packages[`node_modules/${name}`];
  for (const entry of Object.values(lock.packages)) {
    for (const name of unwanted) delete entry.dependencies?.[name];
    if (entry.dependencies && Object.keys(entry.dependencies).length === 0) delete entry.dependencies;
  }
  writeFileSync("package-lock.json", JSON.stringify(lock, null, 2) + "\n");
} finally {
  rmSync(folder, { recursive: true });
}
