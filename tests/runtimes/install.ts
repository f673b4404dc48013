/**
 * The runtimes that the suite runs on: which versions, where they are found, how they are installed.
 *
 * They come from npm into the ignored folder `.runtimes`, apart from the project's own packages: half a gigabyte that
 * only these tests use. Chromium comes from the system's own packages. What cannot be had on a machine has a reason.
 *
 * @module
 */

import { join } from "node:path";
import { output, printedVersion } from "./process.ts";

/** The runtimes, in the order of the table. */
export const RUNTIME_NAMES = [
  "deno",
  "node20",
  "node22",
  "node24",
  "bun",
  "workerd",
  "workerd+node",
  "edge-runtime",
  "chromium",
] as const;

/** A runtime's name. */
export type RuntimeName = typeof RUNTIME_NAMES[number];

/** What there is of every runtime, in the order of the table. */
export type Findings = ReadonlyMap<RuntimeName, Finding>;

/** A runtime that is there, or why it is not. */
export type Finding = Found | Missing;

/** Why a runtime is not there. */
export interface Missing {
  readonly kind: "missing";
  readonly reason: string;
}

/** A runtime that is there: its program, and for one that is a script of Node's, Node and the script. */
export interface Found {
  readonly kind: "found";
  readonly command: readonly [program: string, ...args: string[]];
  readonly version: string;
}

/** The exact versions that npm installs. */
const VERSIONS = {
  node20: "20.20.2",
  node22: "22.23.3",
  node24: "24.21.0",
  bun: "1.4.5",
  workerd: "1.20261117.1",
  "edge-runtime": "4.0.1",
} as const;

const ROOT = join(import.meta.dirname ?? ".", "..", "..");

/** The folder that npm installs into. */
export const RUNTIMES_FOLDER: string = join(ROOT, ".runtimes");

const PACKAGES_FOLDER = join(RUNTIMES_FOLDER, "node_modules");
const INSTALL_MS_MAX = 10 * 60_000;
const APT = "/usr/bin/apt-get";
const CHROMIUM_PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser"];

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

/** Finds every runtime, without installing any. */
export async function findRuntimes(): Promise<Findings> {
  const findings = new Map<RuntimeName, Finding>();
  for (const name of RUNTIME_NAMES) findings.set(name, await find(name));
  return findings;
}

function missingOf(findings: Findings): readonly (readonly [RuntimeName, Missing])[] {
  return [...findings].flatMap(([name, finding]) =>
    finding.kind === "missing" ? [[name, finding] as const] : []
  );
}

function find(name: RuntimeName): Finding | Promise<Finding> {
  switch (name) {
    case "deno":
      return { kind: "found", command: [Deno.execPath()], version: Deno.version.deno };
    case "node20":
      return findNode20();
    case "node22":
    case "node24":
      return findProgram(join(PACKAGES_FOLDER, name, "bin", executable("node")), VERSIONS[name]);
    case "bun":
      return findProgram(join(PACKAGES_FOLDER, ".bin", executable("bun")), VERSIONS.bun);
    case "workerd":
    case "workerd+node":
      return findProgram(join(PACKAGES_FOLDER, ".bin", executable("workerd")), VERSIONS.workerd);
    case "edge-runtime":
      return findEdgeRuntime();
    case "chromium":
      return findChromium();
  }
}

/** Where only Deno is, the program `node` may be Deno itself: it is Node if it prints Node's version. */
async function findNode20(): Promise<Finding> {
  const version = await printedVersion("node");
  if (version?.startsWith("v20.")) {
    return { kind: "found", command: ["node"], version: version.slice(1) };
  }
  const program = join(PACKAGES_FOLDER, "node20", "bin", executable("node"));
  return await findProgram(program, VERSIONS.node20);
}

async function findProgram(program: string, wanted: string): Promise<Finding> {
  const version = await printedVersion(program);
  if (version === undefined) return await notInstalled();
  // workerd prints "workerd 2026-11-17" for 1.20261117.1, the others their version itself.
  const isWanted = version.replaceAll("-", "").includes(wanted.replace(/^1\.(\d{8})\.\d+$/, "$1"));
  return isWanted ? { kind: "found", command: [program], version: wanted } : await notInstalled();
}

/** edge-runtime is a program for Node, so there is one where a Node runs it. */
async function findEdgeRuntime(): Promise<Finding> {
  const node = await findNode20();
  if (node.kind === "missing") return node;
  const folder = join(PACKAGES_FOLDER, "edge-runtime");
  try {
    const { version } = JSON.parse(await Deno.readTextFile(join(folder, "package.json")));
    if (version !== VERSIONS["edge-runtime"]) return await notInstalled();
    const cli = join(folder, "dist", "cli", "index.js");
    return { kind: "found", command: [...node.command, cli], version };
  } catch {
    // There is no such file, or half of one.
    return await notInstalled();
  }
}

async function findChromium(): Promise<Finding> {
  for (const program of CHROMIUM_PROGRAMS) {
    for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
      const path = join(folder, program);
      const printed = await isFile(path) ? await printedVersion(path) : undefined;
      const version = /\d+(\.\d+)+/.exec(printed ?? "")?.[0];
      if (version !== undefined) return { kind: "found", command: [path], version };
    }
  }
  return { kind: "missing", reason: "no Chromium on PATH" };
}

async function notInstalled(): Promise<Finding> {
  const hasNpm = await printedVersion("npm") !== undefined;
  const reason = hasNpm ? "not installed; run deno task runtimes:install" : "needs npm";
  return { kind: "missing", reason };
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

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch {
    // Not there.
    return false;
  }
}

function executable(name: string): string {
  return Deno.build.os === "windows" ? `${name}.exe` : name;
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
