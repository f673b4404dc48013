import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isAllowed, readOrigins } from "../../npm-build/provenance.ts";
import { NODE_DOORS } from "../../npm-build/build.ts";
import { readLibrary } from "../../npm-build/modules.ts";
import { readProject, ROOT } from "../../npm-build/project.ts";

const project = await readProject();
const origins = await readOrigins(project);

Deno.test("provenance: every package has a licence that lets anybody use it", () => {
  const bad = origins.filter(({ licence }) => !isAllowed(licence));
  deepStrictEqual(bad.map(({ name, version, licence }) => `${name} ${version}: ${licence}`), []);
});

Deno.test("provenance: every package is held against a hash, and most say where their source is", () => {
  ok(origins.length > 50, `${origins.length}`);
  for (const { name, integrity } of origins) match(integrity, /^sha512-/, name);
  for (const { name, use, source } of origins) ok(use === "development" || source, name);
});

Deno.test("provenance: SECURITY.md names what users get beside the library, by its true licence", async () => {
  const text = await Deno.readTextFile(`${ROOT}/.github/SECURITY.md`);
  const named = [...text.matchAll(/^\| `([^`]+)` +\| ([\w.-]+) /gm)]
    .map(([, name = "", licence = ""]) => [name, licence] as const);
  const licences = new Map(origins.map(({ name, licence }) => [name, licence]));
  deepStrictEqual(named, named.map(([name]) => [name, licences.get(name)]));
  const packages = [...(await readLibrary(project, NODE_DOORS)).packages.keys()];
  deepStrictEqual(packages.filter((name) => !named.some(([known]) => known === name)), []);
});

Deno.test("isAllowed() reads choices and lists of licences", () => {
  const table: [string | undefined, boolean][] = [
    ["MIT", true],
    ["(MIT OR GPL-3.0)", true],
    ["MIT AND ISC", true],
    ["MIT AND GPL-3.0", false],
    ["GPL-3.0", false],
    ["SEE LICENSE IN LICENSE", false],
    ["", false],
    [undefined, false],
  ];
  for (const [licence, expected] of table) strictEqual(isAllowed(licence), expected, licence);
});
