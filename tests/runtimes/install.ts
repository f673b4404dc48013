/**
 * How the runtimes come onto a machine.
 *
 * They come from npm into the ignored folder `.runtimes`, apart from the project's own packages: half a gigabyte that
 * only these tests use. Chromium comes from the system's own packages. What cannot be had on a machine has a reason.
 *
 * @module
 */

import { join } from "node:path";
import {
  type Findings,
  findRuntimes,
  isFile,
  missingOf,
  RUNTIMES_FOLDER,
  VERSIONS,
} from "./find.ts";
import { output, printedVersion } from "./process.ts";

const INSTALL_MS_MAX = 10 * 60_000;
const APT = "/usr/bin/apt-get";

/** Installs what is missing and can be had, and says so. Quick and silent where everything is there. */
export async function ensureRuntimes(): Promise<void> {
  const missing = missingOf(await findRuntimes());
  if (missing.length === 0) return;
  say(`Installing what the runtimes' tests run on: ${missing.map(([name]) => name).join(", ")}`);
  for (const [name, { reason }] of missingOf(await installRuntimes())) {
    say(`  ${name} is not to be had: ${reason}`);
  }
}

/** Installs what is missing and can be had. What is missing afterwards has the reason why. */
async function installRuntimes(): Promise<Findings> {
  const missing = missingOf(await findRuntimes()).map(([name]) => name);
  const isFromNpm = missing.some((name) => name !== "chromium");
  const npmReason = isFromNpm ? await installFromNpm() : "";
  const chromiumReason = missing.includes("chromium") ? await installChromium() : "";
  return new Map(
    [...await findRuntimes()].map(([name, finding]) => {
      const reason = name === "chromium" ? chromiumReason : npmReason;
      return [name, finding.kind === "missing" ? { kind: "missing", reason } : finding];
    }),
  );
}

/** Installs by npm. Returns why what is missing afterwards is missing. */
async function installFromNpm(): Promise<string> {
  if (await printedVersion("npm") === undefined) return "needs npm";
  await Deno.mkdir(RUNTIMES_FOLDER, { recursive: true });
  const wanted = { private: true, optionalDependencies: await npmPackages() };
  await Deno.writeTextFile(
    join(RUNTIMES_FOLDER, "package.json"),
    JSON.stringify(wanted, undefined, 2),
  );
  const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
  const args = ["install", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", ...quiet];
  try {
    await output("npm", args, { cwd: RUNTIMES_FOLDER, limitMs: INSTALL_MS_MAX });
    // npm leaves out, without a word, an optional package that it cannot reach or that is not for this machine.
    return "npm could not get it for this machine";
  } catch (error) {
    // No network, no space, …: npm's own words are the reason.
    return `npm cannot install it: ${wordsOf(error)}`;
  }
}

/** Node by its platform's package: the one called `node` downloads it in a script that may be switched off. */
async function npmPackages(): Promise<Record<string, string>> {
  const os = Deno.build.os === "windows" ? "win" : Deno.build.os;
  const node = `npm:node-${os}-${Deno.build.arch === "aarch64" ? "arm64" : "x64"}`;
  const hasNode20 = (await printedVersion("node"))?.startsWith("v20.") ?? false;
  return {
    ...(hasNode20 ? {} : { node20: `${node}@${VERSIONS.node20}` }),
    node22: `${node}@${VERSIONS.node22}`,
    node24: `${node}@${VERSIONS.node24}`,
    bun: VERSIONS.bun,
    workerd: VERSIONS.workerd,
    "edge-runtime": VERSIONS["edge-runtime"],
  };
}

/** Installs a Chromium without a window from Debian's packages. Returns why there is none if none is there afterwards. */
async function installChromium(): Promise<string> {
  const isRoot = Deno.build.os === "linux" && Deno.uid() === 0;
  if (!isRoot || !await isFile(APT)) {
    return "no Chromium on PATH, and only root on Debian can install one";
  }
  const install = ["install", "-y", "--no-install-recommends", "chromium-headless-shell"];
  try {
    await output(APT, ["update"], { limitMs: INSTALL_MS_MAX });
    await output(APT, install, { limitMs: INSTALL_MS_MAX });
    return "the Chromium that apt installed does not run";
  } catch (error) {
    // No network, no such package, …: apt's own words are the reason.
    return `apt cannot install chromium-headless-shell: ${wordsOf(error)}`;
  }
}

/** What a program said when it failed, or why it could not be started, on one line. */
function wordsOf(error: unknown): string {
  const lines = String(error).split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return (lines.length > 1 ? lines.slice(1) : lines).join("; ").slice(0, 200);
}

function say(text: string): void {
  // deno-lint-ignore no-console -- an installation is worth a line to who waits for it
  console.log(text);
}

if (import.meta.main) {
  await ensureRuntimes();
  for (const [name, finding] of await findRuntimes()) {
    say(`${name.padEnd(14)}${finding.kind === "found" ? finding.version : finding.reason}`);
  }
}
