/** @module */
// deno-lint-ignore-file no-console

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as esbuild from "esbuild";
import { join } from "node:path";
import { output } from "../../support/process.ts";
import { ROOT } from "../../support/source.ts";
import { hasNode } from "../../../npm-build/consumer.ts";
import type { SuiteReport } from "./runner.ts";

/** Suites of npm `sharedb` 7.0.0, and how many cases they have. */
const SUITES = [
  { name: "submit, submit-json1 and subscribe", file: "client_suites", cases: 140 },
  { name: "presence and doc-presence", file: "presence_suites", cases: 88 },
];
const FOLDER = "tests/conformance/sharedb";
const LIMIT = { limitMs: 600_000, cwd: ROOT };

function check(what: string, cases: number, printed: string): void {
  const report: SuiteReport = JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  const { passed, excluded } = report;
  console.log(`npm sharedb's ${what}: ${passed} passed, ${excluded.length} excluded`);
  deepStrictEqual(report.failed, []);
  deepStrictEqual(report.unknown, []);
  strictEqual(passed + excluded.length, cases);
}

for (const { name, file, cases } of SUITES) {
  Deno.test(`conformance: npm sharedb's ${name} pass over our server, in Deno`, async () => {
    const path = `${FOLDER}/${file}.ts`;
    const printed = await output(Deno.execPath(), ["run", "-A", "--no-check", path], LIMIT);
    check(`${name}, in Deno`, cases, printed);
  });
}

// The last of the file: the bundler's process ends a little later than it says.
Deno.test({
  name: "conformance: npm sharedb's client suites pass over our server, in Node",
  ignore: !await hasNode(),
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    // Packages are found from where the bundles lie.
    const folder = await Deno.makeTempDir({ dir: join(ROOT, "node_modules") });
    try {
      await esbuild.build({
        absWorkingDir: ROOT,
        entryPoints: SUITES.map(({ file }) => `${FOLDER}/${file}.ts`),
        outdir: folder,
        outExtension: { ".js": ".mjs" },
        bundle: true,
        format: "esm",
        platform: "node",
        packages: "external",
        target: "node20",
        logLevel: "error",
      });
      for (const { name, file, cases } of SUITES) {
        check(
          `${name}, in Node`,
          cases,
          await output("node", [join(folder, `${file}.mjs`)], LIMIT),
        );
      }
    } finally {
      await esbuild.stop();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
