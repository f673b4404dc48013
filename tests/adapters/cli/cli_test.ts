import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { parseCommandLine } from "../../../adapters/cli/command_line.ts";
import { runCommandLine, USAGE } from "../../../adapters/cli/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { connectNode } from "../../../src/raft/mod.ts";
import { freePort, run } from "../../support/process.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const MAIN = new URL("../../../adapters/cli/main.ts", import.meta.url).pathname;
const ARGS = ["run", "-A", "--no-check", "--quiet", MAIN];

/** A run within this process. */
async function ran(args: readonly string[], env = {}, signal = new AbortController().signal) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCommandLine(args, {
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    signal,
    env,
  });
  return { code, printed, complained };
}

/** A node that runs in this process until it is stopped. */
async function running(args: readonly string[] = [], env = {}) {
  const url = `tcp://127.0.0.1:${freePort()}`;
  const stop = new AbortController();
  const printed: string[] = [];
  const complained: string[] = [];
  const ending = runCommandLine(["start", "--url", url, "--http", "127.0.0.1:0", ...args], {
    print: (line) => void printed.push(line),
    complain: (line) => void complained.push(line),
    signal: stop.signal,
    env,
  });
  await eventually("the node is ready", () => printed.length > 1 || complained.length > 0);
  const at = printed[0]?.replace("listening ", "") ?? "";
  return {
    url,
    at,
    printed,
    complained,
    ended: ending,
    stop: async () => (stop.abort(), await ending),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ending;
    },
  };
}

Deno.test("holdfast starts nodes, joins, shows, hands over and lets go", async () => {
  await using first = await running();
  await using second = await running(["--standby"]);
  deepStrictEqual(first.printed.slice(1), [`ready ${first.url}`]);
  const at = ["--at", first.at];
  deepStrictEqual(await ran(["join", second.url, ...at]), {
    code: 0,
    printed: [`joined ${second.url}`],
    complained: [],
  });
  const status = await ran(["status", ...at]);
  const lines = status.printed.join("\n");
  ok(status.printed.includes(`${"role".padEnd(14)} leader`), lines);
  ok(status.printed.includes(`${"voter".padEnd(14)} ${first.url}`), lines);
  match(lines, new RegExp(`voter +${second.url} replicate to \\d+$`, "m"));
  match(first.complained.join("\n"), /^its log is in memory: .*--standby/);
  const all = JSON.parse((await ran(["status", "--json", ...at])).printed[0] ?? "");
  strictEqual(all.leader, first.url);
  strictEqual((await ran(["transfer", second.url, ...at])).code, 0);
  // The first node knows by now where the second is served, and sends there.
  await eventually(
    "the first is let go",
    async () => (await ran(["leave", first.url, ...at, "--at", second.at])).code === 0,
  );
  strictEqual(await second.stop(), 0);
});

redisTest("holdfast ends with what ends its node, and says how to come back", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  await using node = await running(["--redis-url", gateway.url, "--redis-token", gateway.token]);
  deepStrictEqual([node.printed.length, node.complained], [2, []]);
  await redis.command("FLUSHALL");
  // Whatever writes finds out.
  await ran(["join", "tcp://127.0.0.1:1", "--at", node.at]);
  const proposing = connectNode([node.at], { attemptsMax: 1 });
  await proposing.propose({ kind: "batch", changes: [] }).catch(() => {});
  strictEqual(await node.ended, 1);
  match(node.complained[0] ?? "", /standby.*\(ERR_STORE_REGRESSED\)$/);
});

Deno.test("holdfast takes an address alone for where start serves a node, and tells what a watcher reads", async () => {
  await using node = await running();
  await using other = await running(["--standby"]);
  const address = new URL(node.at).origin;
  strictEqual((await ran(["status", "--at", `${address}/`])).code, 0);
  const stop = new AbortController();
  const printed: string[] = [];
  const watching = runCommandLine(["watch", "--at", address], {
    print: (line) => void printed.push(line),
    complain: (line) => void printed.push(line),
    signal: stop.signal,
    env: {},
  });
  await eventually("the change was seen", async () => {
    await ran(["join", other.url, "--at", address]);
    await ran(["leave", other.url, "--at", address]);
    return printed.some((line) => line === `left url=${other.url}`);
  });
  stop.abort();
  strictEqual(await watching, 0);
  ok(
    printed.some((line) => line.startsWith(`membership voters=${node.url} outgoing=none`)),
    printed.join("\n"),
  );
});

Deno.test("holdfast watches what happens until its signal", async () => {
  await using node = await running();
  const stop = new AbortController();
  const printed: string[] = [];
  const watching = runCommandLine(["watch", "--json", "--at", node.at], {
    print: (line) => void printed.push(line),
    complain: (line) => void printed.push(line),
    signal: stop.signal,
    env: {},
  });
  await using other = await running(["--standby"]);
  // The stream begins a little after the call, so something happens until it was seen.
  await eventually("an event was seen", async () => {
    await ran(["join", other.url, "--at", node.at]);
    await ran(["leave", other.url, "--at", node.at]);
    return printed.length > 0;
  });
  stop.abort();
  strictEqual(await watching, 0);
  ok(printed.every((line) => typeof JSON.parse(line).name === "string"));
});

Deno.test("holdfast asks for its token, and takes it from the environment", async () => {
  await using node = await running([], { HOLDFAST_TOKEN: "a-long-secret" });
  const refused = await ran(["status", "--at", node.at]);
  deepStrictEqual([refused.code, refused.printed], [1, []]);
  match(refused.complained[0] ?? "", /\(ERR_UNAUTHORIZED\)$/);
  strictEqual((await ran(["status", "--at", node.at, "--token", "wrong"])).code, 1);
  strictEqual(
    (await ran(["status", "--at", node.at], { HOLDFAST_TOKEN: "a-long-secret" })).code,
    0,
  );
});

Deno.test("holdfast says in one line what failed, with exit code 1", async () => {
  await using node = await running();
  const url = new URL(node.url);
  const cases: [string[], RegExp][] = [
    [["start", "--url", node.url, "--http", "127.0.0.1:0"], /\(ERR_ADDRESS_IN_USE\)$/],
    [["start", "--url", "ftp://x", "--http", "127.0.0.1:0"], /\(ERR_UNSUPPORTED_PROTOCOL\)$/],
    [
      ["start", "--url", `tcp://127.0.0.1:${freePort()}`, "--http", `127.0.0.1:${url.port}`],
      /\(ERR_UNAVAILABLE\)$/,
    ],
    [
      ["leave", node.url, "--at", node.at],
      /^Cannot leave as it is the last that can lead \(ERR_LAST_MEMBER\)$/,
    ],
    [["leave", "tcp://127.0.0.1:1", "--at", node.at], /\(ERR_NOT_MEMBER\)$/],
    [["join", node.url, "--at", node.at], /\(ERR_ALREADY_MEMBER\)$/],
    [["status", "--at", `http://127.0.0.1:${freePort()}/node`], /\(ERR_UNAVAILABLE\)$/],
    [["status", "--at", "nowhere"], /\(ERR_INVALID_OPTION\)$/],
    [["status", "--at", `${node.at}s`], /no node is served there.*\(ERR_NOT_FOUND\)$/],
    [["join", "no-url", "--at", node.at], /the URL must be .*\(ERR_INVALID_ARGUMENT\)$/],
    [["join", "ftp://x", "--at", node.at], /protocol.*\(ERR_UNSUPPORTED_PROTOCOL\)$/],
    [["transfer", "tcp://127.0.0.1:1", "--at", node.at], /\(ERR_INVALID_ARGUMENT\)$/],
    [
      ["start", "--url", "tcp://127.0.0.1", "--http", "127.0.0.1:0"],
      /\(ERR_UNSUPPORTED_PROTOCOL\)$/,
    ],
  ];
  for (const [args, message] of cases) {
    const { code, complained } = await ran(args);
    strictEqual(code, 1, args.join(" "));
    strictEqual(complained.length, 1);
    match(complained[0] ?? "", message);
  }
});

Deno.test("holdfast says in one line what it did not understand, with exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [["fly"], /must be one of start, join/],
    [["__proto__"], /must be one of/],
    [["start"], /--url/],
    [["start", "--url", "tcp://x:1", "more"], /no more words/],
    [["start", "--url", "tcp://x:1", "--http", "here"], /--http/],
    [["start", "--url", "tcp://x:1", "--heartbeat", "soon"], /--heartbeat/],
    [["start", "--url", "tcp://x:1", "--redis-url", "http://x"], /together/],
    [["join"], /URL of a node/],
    [["join", "tcp://x:1", "--meta", "secret"], /--meta must be a JSON object$/],
    [["status", "--standby"], /takes no --standby/],
    [["status", "tcp://x:1"], /no more words/],
    [["status", "--jsn"], /--jsn/],
  ];
  for (const [args, message] of cases) {
    const { code, complained } = await ran(args);
    strictEqual(code, 2, args.join(" "));
    match(complained.join("\n"), message);
    ok(!complained.join("").includes("secret") && !complained.join("").includes("\n"));
  }
  deepStrictEqual((await ran(["--help"])).printed, [USAGE.trimEnd()]);
  deepStrictEqual((await ran([])).code, 0);
});

Deno.test("parseCommandLine() reads secrets and the store from the environment", () => {
  const env = {
    HOLDFAST_TOKEN: "t",
    HOLDFAST_SECRET: "s",
    UPSTASH_REDIS_REST_URL: "https://x",
    UPSTASH_REDIS_REST_TOKEN: "r",
  };
  deepStrictEqual(
    parseCommandLine([
      "start",
      "--url",
      "tcp://a:1",
      "--cluster",
      "tcp://a:1=http://a/node,tcp://b:1",
    ], env),
    {
      kind: "start",
      url: "tcp://a:1",
      http: { hostname: "127.0.0.1", port: 9081 },
      token: "t",
      cluster: [{ url: "tcp://a:1", meta: { http: "http://a/node" } }, "tcp://b:1"],
      isStandby: false,
      namespace: "raft",
      secret: "s",
      heartbeatMs: 100,
      redis: { url: "https://x", token: "r" },
    },
  );
});

Deno.test("holdfast runs as a program, and ends with its code and on a signal", async () => {
  const usage = await run(Deno.execPath(), [...ARGS, "fly"]);
  deepStrictEqual([usage.code, usage.stdout], [2, ""]);
  match(usage.stderr, /^Cannot read the command line: [^\n]+\n$/);
  const url = `tcp://127.0.0.1:${freePort()}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...ARGS, "start", "--url", url, "--http", "127.0.0.1:0"],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("ready")) {
    const { value, done } = await reader.read();
    if (done) break;
    printed += value;
  }
  match(printed, new RegExp(`^listening http://127.0.0.1:\\d+/node\nready ${url}\n$`));
  child.kill("SIGTERM");
  await reader.cancel();
  strictEqual((await child.status).code, 0);
});
