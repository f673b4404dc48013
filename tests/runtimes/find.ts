/**
 * The runtimes that the suite runs on: which versions, and where they are found.
 *
 * @module
 */

import { join } from "node:path";
import { printedVersion } from "./process.ts";

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

/** The exact versions that npm installs into {@linkcode RUNTIMES_FOLDER}. */
export const VERSIONS = {
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
const CHROMIUM_PROGRAMS = ["chromium-headless-shell", "chromium", "chromium-browser"];

/** Finds every runtime, without installing any. */
export async function findRuntimes(): Promise<Findings> {
  const findings = new Map<RuntimeName, Finding>();
  for (const name of RUNTIME_NAMES) findings.set(name, await find(name));
  return findings;
}

/** What is missing, with the reasons. */
export function missingOf(findings: Findings): readonly (readonly [RuntimeName, Missing])[] {
  return [...findings].flatMap(([name, finding]) =>
    finding.kind === "missing" ? [[name, finding] as const] : []
  );
}

/**
 * The name of a test that needs a runtime, and whether it is skipped: where the runtime is missing, with the reason,
 * unless this is CI, where everything is required.
 */
export function needing(
  name: string,
  finding: Finding | undefined,
): { readonly name: string; readonly ignore: boolean } {
  const ignore = finding?.kind !== "found" && Deno.env.get("CI") !== "true";
  return { name: ignore ? `${name} (${finding?.reason})` : name, ignore };
}

/**
 * The runtime that a test needs.
 *
 * @throws {Error} with the reason, if it is missing all the same.
 */
export function required(finding: Finding | undefined): Found {
  if (finding?.kind === "found") return finding;
  throw new Error(`The runtime is required: ${finding?.reason}`);
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

/** Whether a path is a file. */
export async function isFile(path: string): Promise<boolean> {
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
