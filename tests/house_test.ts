/**
 * The house rules that a machine can hold: arrows, shells, purity, doors. The table is `house.ts`.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import denoJson from "../deno.json" with { type: "json" };
import { BASE_SHELLS, DRIVERS, HOST_FILES, ROOMS } from "./house.ts";
import { type ImportEdge, parse, readSources, type SourceFile } from "./support/source.ts";

const LINES_MAX = 300;

const shipped = await readSources(["mod.ts", "src", "adapters", "tests/contracts"]);
const all = [...shipped, ...await readSources(["tests", "npm-build", "bench", "examples"])];
const doors: readonly string[] = Object.values(denoJson.exports).map((path) => path.slice(2));

Deno.test(`house: no file is longer than ${LINES_MAX} lines`, () => {
  deepStrictEqual(
    all.filter(({ text }) => text.split("\n").length > LINES_MAX + 1).map(({ path }) => path),
    [],
  );
});

Deno.test("house: every shipped file opens with its module comment", () => {
  const bad = shipped.filter(({ text }) =>
    !/^(#!.*\n)?\/\*\*[\s\S]*?@module\b[\s\S]*?\*\//.test(text)
  );
  deepStrictEqual(bad.map(({ path }) => path), []);
});

Deno.test("house: no shipped file has a default export", () => {
  deepStrictEqual(
    shipped.filter(({ code }) => /\bexport\s+default\b/.test(code)).map(({ path }) => path),
    [],
  );
});

Deno.test("house: every arrow of the shipped code points the allowed way", () => {
  const bad = shipped.flatMap((file) =>
    file.imports.filter((edge) => !isAllowed(file.path, edge)).map(({ target }) =>
      `${file.path} → ${target}`
    )
  );
  deepStrictEqual(bad, []);
});

Deno.test("house: no imports go in a circle", () => {
  deepStrictEqual(circles(shipped), []);
});

Deno.test("house: only shells wait", () => {
  const bad = shipped.filter(({ path, code }) =>
    path.startsWith("src/") && !isShell(path) &&
    /\b(async|await)\b|\bnew Promise\b|\bPromise\s*\.|\.then\(|^(export )?let\b/m.test(code)
  );
  deepStrictEqual(bad.map(({ path }) => path), []);
});

Deno.test("house: only the clock and the dice touch the host's", () => {
  const host =
    /\bDate\.now|\bnew Date\(\)|\bMath\.random|\bset(Timeout|Interval|Immediate)\b|\bperformance\.|\bcrypto\.|\bAbortSignal\.timeout/;
  const bad = shipped.filter(({ path, code }) =>
    (path.startsWith("src/") || path.startsWith("adapters/memory/")) &&
    !HOST_FILES.includes(path) && host.test(code)
  );
  deepStrictEqual(bad.map(({ path }) => path), []);
});

Deno.test("house: the core names no host", () => {
  const bad = shipped.filter(({ path, code }) =>
    path.startsWith("src/") && /\bDeno\.|\bBun\.|\bprocess\.|\bBuffer\b|\brequire\(/.test(code)
  );
  deepStrictEqual(bad.map(({ path }) => path), []);
});

Deno.test("house: every room and driver of the tree stands in the table, and the other way round", () => {
  const folders = (top: string) =>
    [
      ...new Set(
        shipped.map(({ path }) => path.split("/")).filter((parts) =>
          parts[0] === top && parts.length > 2
        ),
      ),
    ]
      .map((parts) => parts[1] ?? "");
  deepStrictEqual([...new Set(folders("src"))].sort(), Object.keys(ROOMS).sort());
  deepStrictEqual([...new Set(folders("adapters"))].sort(), Object.keys(DRIVERS).sort());
  const paths = new Set(shipped.map(({ path }) => path));
  const shells = [
    ...BASE_SHELLS.map((file) => `src/${file}`),
    ...Object.entries(ROOMS).flatMap(([room, { shells }]) =>
      shells.map((file) => `src/${room}/${file}`)
    ),
  ];
  deepStrictEqual([...shells, ...doors].filter((path) => !paths.has(path)), []);
});

Deno.test("house: the map of the rooms shows every one of them", async () => {
  const map = await Deno.readTextFile(new URL("../src/README.md", import.meta.url));
  const shown = [...map.matchAll(/^\| `(\w+)` /gm)].map(([, room = ""]) => room);
  deepStrictEqual(shown.sort(), Object.keys(ROOMS).sort());
});

Deno.test("house: the rules catch what they forbid", () => {
  const edges = (path: string, text: string) =>
    parse(path, text).imports.map((edge) => isAllowed(path, edge));
  deepStrictEqual(edges("src/cache/key.ts", `import { x } from "../../adapters/memory/mod.ts";`), [
    false,
  ]);
  deepStrictEqual(edges("src/http/problem.ts", `import { createHandler } from "./handler.ts";`), [
    false,
  ]);
  deepStrictEqual(
    edges("src/http/serve_cache.ts", `import type { Cache } from "../cache/mod.ts";`),
    [true],
  );
  deepStrictEqual(
    edges("src/http/serve_cache.ts", `import { createCache } from "../cache/mod.ts";`),
    [false],
  );
  deepStrictEqual(
    edges("adapters/memory/cache.ts", `import { createHandler } from "../../src/http/handler.ts";`),
    [false],
  );
  deepStrictEqual(edges("src/errors.ts", `import { createCache } from "./cache/mod.ts";`), [false]);
  deepStrictEqual(edges("src/cache/key.ts", `export * from "npm:zod@4";`), [false]);
});

/** The room of a path in `src/`, if it lies in one. */
function roomOf(path: string): string | undefined {
  return /^src\/(\w+)\//.exec(path)?.[1];
}

function isShell(path: string): boolean {
  const room = roomOf(path);
  if (room === undefined) return BASE_SHELLS.includes(path.slice("src/".length));
  return ROOMS[room]?.shells.includes(path.slice(`src/${room}/`.length)) ?? false;
}

/** How far a file of a room is from the base: a file imports nothing of a higher rank than its own. */
function rank(path: string): number {
  if (path.endsWith("/mod.ts")) return 3;
  if (isShell(path)) return 2;
  return path.endsWith("/port.ts") ? 0 : 1;
}

function isAllowed(from: string, edge: ImportEdge): boolean {
  const top = from.split("/")[0];
  if (top === "src") {
    return roomOf(from) === undefined ? isBase(edge.target) : mayImportInRoom(from, edge);
  }
  if (top === "adapters") return mayImportInDriver(from, edge.target);
  if (top === "tests") return edge.target.startsWith("tests/contracts/") || isCore(edge.target);
  return edge.target.startsWith("src/") || /^adapters\/(memory|redis)\//.test(edge.target);
}

function isBase(target: string): boolean {
  return /^src\/\w+\.ts$/.test(target);
}

/** Base files, ports and pure files: what drivers and contract suites may build on. */
function isCore(target: string): boolean {
  return isBase(target) || (target.startsWith("src/") && rank(target) <= 1);
}

function mayImportInRoom(from: string, { target, isTypeOnly }: ImportEdge): boolean {
  const room = roomOf(from) ?? "";
  const rules = ROOMS[room];
  if (rules === undefined) return false;
  if (isBase(target)) return true;
  if (!target.startsWith("src/")) return rules.packages.some((name) => isPackage(target, name));
  const other = roomOf(target) ?? "";
  if (other === room) return rank(target) <= rank(from) || isTypeOnly;
  const isOpen = /\/(mod|port|tail|presence)\.ts$/.test(target);
  return isOpen && (rules.rooms.includes(other) || (isTypeOnly && rules.typesOf.includes(other)));
}

function mayImportInDriver(from: string, target: string): boolean {
  const folder = from.split("/")[1] ?? "";
  const rules = DRIVERS[folder];
  if (rules === undefined) return false;
  if (target.startsWith(`adapters/${folder}/`) || isCore(target)) return true;
  if (rules.packages.some((name) => isPackage(target, name))) return true;
  if (rules.shells?.includes(target)) return true;
  return rules.isProgram &&
    (doors.includes(target) || /^adapters\/(memory|redis|tcp)\//.test(target));
}

/** Whether a specifier names this package: `zod`, `npm:zod@^4/mini`; `node:` stands for all of the host's modules. */
function isPackage(specifier: string, name: string): boolean {
  if (name === "node:") return specifier.startsWith("node:");
  const bare = specifier.replace(/^npm:/, "");
  return bare === name || bare.startsWith(`${name}@`) || bare.startsWith(`${name}/`);
}

function circles(files: readonly SourceFile[]): string[] {
  const targets = new Map(
    files.map(({ path, imports }) => [path, imports.map(({ target }) => target)]),
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
      return;
    }
    if (done.has(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const { path } of files) visit(path, []);
  return found;
}
