import { match, strictEqual } from "node:assert/strict";
import { ensureRedis, findRedis } from "./binary.ts";
import { redisTest } from "./register.ts";

/** Runs this folder's first test file as on a machine without a redis-server. */
async function testsWithoutRedis(required: string): Promise<{ code: number; output: string }> {
  const file = new URL("./server_test.ts", import.meta.url).pathname;
  const { code, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", file],
    env: { PATH: "/nonexistent", REQUIRE_REDIS: required, NO_COLOR: "1" },
    stdin: "null",
    stderr: "null",
  }).output();
  return { code, output: new TextDecoder().decode(stdout) };
}

Deno.test("redisTest() counts tests as skipped where no redis-server is", async () => {
  const { code, output } = await testsWithoutRedis("0");
  strictEqual(code, 0);
  match(output, /ok \| 0 passed \| 0 failed \| 5 ignored/);
});

Deno.test("redisTest() fails instead where a redis-server is required", async () => {
  const { code, output } = await testsWithoutRedis("1");
  strictEqual(code, 1);
  match(output, /FAILED \| 0 passed \| 5 failed/);
  match(output, /no redis-server found: install redis-server 7/);
});

redisTest("ensureRedis() says nothing and installs nothing where a redis-server is", async () => {
  const lines: string[] = [];
  strictEqual(await ensureRedis((line) => lines.push(line)), findRedis());
  strictEqual(lines.length, 0);
});
