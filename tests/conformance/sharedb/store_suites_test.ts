/** @module */
// deno-lint-ignore-file no-console

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hasNode } from "../../../npm-build/consumer.ts";
import { output } from "../../support/process.ts";
import { findRedis } from "../../support/redis/binary.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { ROOT } from "../../support/source.ts";
import { outputInNode } from "./in_node.ts";
import type { SuiteReport } from "./runner.ts";

/** Cases of test/db with queries, and of test/pubsub, in npm `sharedb` 7.0.0. */
const CASES = 347 + 8;
const SUITES = "tests/conformance/sharedb/store_suites.ts";
const LIMIT = { limitMs: 600_000, cwd: ROOT };

function check(where: string, printed: string): void {
  const report: SuiteReport = JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  console.log(`npm sharedb's suites of a database and a pubsub, ${where}: ${report.passed} passed`);
  deepStrictEqual(report.failed, []);
  strictEqual(report.passed, CASES);
}

/** Runs the suites in Node. */
async function inNode(where: string, args: readonly string[]): Promise<void> {
  check(`in Node ${where}`, await outputInNode(SUITES, args, LIMIT));
}

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
