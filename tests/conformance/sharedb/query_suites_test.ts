/** @module */
// deno-lint-ignore-file no-console

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { hasNode } from "../../../npm-build/consumer.ts";
import { output } from "../../support/process.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { ROOT } from "../../support/source.ts";
import { outputInNode } from "./in_node.ts";
import type { SuiteReport } from "./runner.ts";

/** Cases of query, query-subscribe and projections in npm `sharedb` 7.0.0, and how many of them are left out. */
const CASES = 13 + 106 + 38;
const EXCLUDED = 24;
const SUITES = "tests/conformance/sharedb/query_suites.ts";
const LIMIT = { limitMs: 600_000, cwd: ROOT };

/** Two more cases, in each of their four settings, race on a store that takes requests. */
const RACES = 8;

function check(where: string, printed: string, left = EXCLUDED): void {
  const report: SuiteReport = JSON.parse(printed.trim().split("\n").at(-1) ?? "");
  const { passed, excluded } = report;
  console.log(
    `npm sharedb's suites of queries and projections, ${where}: ${passed} passed, ${excluded.length} excluded`,
  );
  deepStrictEqual(report.failed, []);
  deepStrictEqual(report.unknown, []);
  strictEqual(excluded.length, left);
  strictEqual(passed + excluded.length, CASES);
}

Deno.test("conformance: npm sharedb's suites of queries and projections pass in memory, in Deno", async () => {
  check("in Deno", await output(Deno.execPath(), ["run", "-A", "--no-check", SUITES], LIMIT));
});

redisTest(
  "conformance: npm sharedb's suites of queries and projections pass on Redis, in Deno",
  async () => {
    await using redis = await startRedis();
    await using gateway = await startGateway(redis, { isStrict: true });
    const args = ["run", "-A", "--no-check", SUITES, gateway.url, gateway.token];
    const printed = await output(Deno.execPath(), args, LIMIT);
    check("in Deno on Redis", printed, EXCLUDED + RACES);
  },
);

Deno.test({
  name: "conformance: npm sharedb's suites of queries and projections pass in Node",
  ignore: !await hasNode(),
  // The bundler's process ends a little later than it says: so this is the last test of its file.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => check("in Node", await outputInNode(SUITES, [], LIMIT)),
});
