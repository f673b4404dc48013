/** @module */
// deno-lint-ignore-file no-console

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import * as esbuild from "esbuild";
import { join } from "node:path";
import { hasNode } from "../../../npm-build/consumer.ts";
import { output } from "../../support/process.ts";
import { findRedis } from "../../support/redis/binary.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { ROOT } from "../../support/source.ts";
import type { SuiteReport } from "./runner.ts";

/** Cases of test/db with queries, and of test/pubsub, in npm `sharedb` 7.0.0. */
const CASES = 347 + 8;
const SUITES = "tests/conformance/sharedb/store_suites.ts";
const LIMIT = { limitMs: 180_000, cwd: ROOT };

function check(where: string, printed: string): void {
  const report: SuiteReport = JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  console.log(`npm sharedb's suites of a database and a pubsub, ${where}: ${report.passed} passed`);
  deepStrictEqual(report.failed, []);
  strictEqual(report.passed, CASES);
}

/** Runs the suites in Node, as a bundle that lies where packages are found. */
async function inNode(where: string, args: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: join(ROOT, "node_modules") });
  try {
    const file = join(folder, "suites.mjs");
    await esbuild.build({
      absWorkingDir: ROOT,
      entryPoints: [SUITES],
      outfile: file,
      bundle: true,
      format: "esm",
      platform: "node",
      packages: "external",
      plugins: [namedNpm],
      target: "node20",
      logLevel: "error",
    });
    check(`in Node ${where}`, await output("node", [file, ...args], LIMIT));
  } finally {
    await esbuild.stop();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Inline `npm:` specifiers, as the drivers use them, by the package's name. */
const namedNpm: esbuild.Plugin = {
  name: "named-npm",
  setup: (build) => {
    build.onResolve({ filter: /^npm:/ }, ({ path }) => ({
      path: path.replace(/^npm:\/?((?:@[^/]+\/)?[^/@]+)(?:@[^/]+)?/, "$1"),
      external: true,
    }));
  },
};

Deno.test("conformance: npm sharedb's database and pubsub suites pass in memory, in Deno", async () => {
  check("in Deno", await output(Deno.execPath(), ["run", "-A", "--no-check", SUITES], LIMIT));
});

redisTest(
  "conformance: npm sharedb's database and pubsub suites pass on Redis, in Deno",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis, { isStrict: true });
    const args = ["run", "-A", "--no-check", SUITES, gateway.url, gateway.token];
    check("in Deno on Redis", await output(Deno.execPath(), args, LIMIT));
  },
);

Deno.test({
  name:
    "conformance: npm sharedb's database and pubsub suites pass in Node, in memory and on Redis",
  ignore: !await hasNode(),
  // esbuild's service is a process of its own, which the build ends and the runner takes for a leak: so this is the
  // last test of its file.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await inNode("in memory", []);
    if (findRedis() === undefined) return;
    await using redis = await startRedis();
    await using gateway = await startGateway(redis, { isStrict: true });
    await inNode("on Redis", [gateway.url, gateway.token]);
  },
});
