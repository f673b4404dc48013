import { deepStrictEqual, match, strictEqual, throws } from "node:assert/strict";
import { parseCommandLine } from "../../../adapters/gateway/command_line.ts";
import { createGateway, type GatewayOptions } from "../../../adapters/gateway/mod.ts";
import { redisTest } from "../../support/redis/register.ts";
import { freePort, startRedis } from "../../support/redis/server.ts";
import { command } from "./rest.ts";

const MAIN = new URL("../../../adapters/gateway/main.ts", import.meta.url).pathname;
const PERMISSIONS = ["--allow-net", "--allow-env", "--allow-sys"];

function program(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...PERMISSIONS, MAIN, ...args],
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

async function failure(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await program(args).output();
  strictEqual(code, 1);
  strictEqual(new TextDecoder().decode(stdout), "");
  return new TextDecoder().decode(stderr);
}

redisTest("gateway program prints the two variables, serves, and stops on a signal", async () => {
  await using redis = await startRedis();
  const child = program(["--redis", redis.url, "--port", "0"]).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  while (!printed.includes("TOKEN=")) printed += (await reader.read()).value ?? "";
  const url = /^UPSTASH_REDIS_REST_URL=(http:\/\/127\.0\.0\.1:\d+)$/m.exec(printed)?.[1] ?? "";
  const token = /^UPSTASH_REDIS_REST_TOKEN=([\w-]{32})$/m.exec(printed)?.[1] ?? "";
  deepStrictEqual(await command({ url, token }, "SET", "k", "v"), { result: "OK" });
  child.kill("SIGTERM");
  await reader.cancel();
  await child.stderr.cancel();
  strictEqual((await child.status).code, 0);
});

redisTest("gateway program says in one line that its port is taken", async () => {
  await using redis = await startRedis();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const port = String(listener.addr.port);
  strictEqual(
    await failure(["--redis", redis.url, "--port", port, "--token", "a-long-secret"]),
    `Cannot listen on port ${port} as it is taken or not allowed\n`,
  );
});

Deno.test("gateway program says in one line that there is no Redis, without its address", async () => {
  const url = `redis://user:secret@127.0.0.1:${freePort()}`;
  strictEqual(
    await failure(["--redis", url, "--connect-ms", "300"]),
    "Cannot start the gateway as Redis is not reachable\n",
  );
});

Deno.test("gateway program says in one line what is wrong with its command line", async () => {
  strictEqual(await failure([]), "Cannot start the gateway without --redis URL\n");
  strictEqual(
    await failure(["--redis", "http://secret"]),
    "Cannot create a gateway as redis must be an address like redis://host:6379\n",
  );
});

Deno.test("parseCommandLine() reads every flag", () => {
  const args = "--redis redis://h --cluster --connections 4 --host :: --port 0 --token abcdefgh " +
    "--read-only-token hgfedcba --refuse FLUSHALL,CONFIG|GET --strict --no-publish-in-scripts";
  deepStrictEqual(parseCommandLine(args.split(" "), {}), {
    gateway: {
      redis: "redis://h",
      token: "abcdefgh",
      readOnlyToken: "hgfedcba",
      isCluster: true,
      replica: undefined,
      connections: 4,
      refuse: ["FLUSHALL", "CONFIG|GET"],
      isStrict: true,
      mayScriptsPublish: false,
      connectMs: 5_000,
    },
    serve: { hostname: "::", port: 0 },
  });
  strictEqual(parseCommandLine(["--help"], {}), undefined);
});

Deno.test("parseCommandLine() takes tokens from the environment, where nobody sees them", () => {
  const env = { GATEWAY_TOKEN: "abcdefgh", GATEWAY_READ_ONLY_TOKEN: "hgfedcba" };
  const { gateway } = parseCommandLine(["--redis", "redis://h"], env) ?? {};
  deepStrictEqual([gateway?.token, gateway?.readOnlyToken], ["abcdefgh", "hgfedcba"]);
});

Deno.test("parseCommandLine() refuses what no gateway knows", () => {
  const lines = ["--nonsense", "--redis", "--redis redis://h extra", "--redis redis://h --port x"];
  for (const line of [...lines, "--redis redis://h --port 70000"]) {
    throws(() => parseCommandLine(line.split(" "), {}), { code: "ERR_INVALID_OPTION" }, line);
  }
});

Deno.test("createGateway() checks its options before anything is sent", () => {
  const good: GatewayOptions = { redis: "redis://secret-host", token: "secret-token" };
  const bad: [Record<string, unknown>, RegExp][] = [
    [{ redis: undefined }, /redis must be an address/],
    [{ redis: "secret" }, /redis must be an address/],
    [{ redis: "redis://" }, /redis must be an address/],
    [{ redis: "http://secret" }, /redis must be an address/],
    [{ replica: "secret" }, /replica must be an address/],
    [{ token: "" }, /token must be at least 8 visible characters/],
    [{ token: "with spaces in it" }, /token must be/],
    [{ readOnlyToken: "short" }, /readOnlyToken must be/],
    [{ readOnlyToken: "secret-token" }, /readOnlyToken must differ/],
    [{ isCluster: true, replica: "redis://secret" }, /replica cannot be given with isCluster/],
    [{ mayScriptsPublish: false }, /mayScriptsPublish can be false only with isStrict/],
    [{ connections: 0 }, /connections must be a whole number from 1 to 1000: current value is 0/],
    [{ connections: 1.5 }, /connections must be/],
    [{ connections: NaN }, /connections must be/],
    [{ limits: { bodyBytesMax: -1 } }, /bodyBytesMax must be/],
    [{ limits: { nonsense: 1 } }, /"nonsense" is not an option/],
    [{ nonsense: 1 }, /"nonsense" is not an option/],
  ];
  for (const [change, message] of bad) {
    const options = { ...good, ...change } as GatewayOptions; // On purpose none.
    throws(() => createGateway(options), (error: Error) => {
      match(error.message, message);
      strictEqual(/secret/.test(error.message), false, error.message);
      strictEqual(Reflect.get(error, "code"), "ERR_INVALID_OPTION");
      return true;
    });
  }
});
