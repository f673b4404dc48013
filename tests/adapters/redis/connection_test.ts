import { deepStrictEqual, doesNotMatch, match, strictEqual, throws } from "node:assert/strict";
import { connectRedis, type ConnectRedisOptions } from "../../../adapters/redis/connection.ts";
import { redis } from "../../../adapters/redis/mod.ts";

const URL = "https://redis.example";
const refused = { code: "ERR_INVALID_OPTION" };

Deno.test("connectRedis() refuses what is no URL or no token before anything is sent, and quotes neither", () => {
  let sent = 0;
  const fetch = () => {
    sent++;
    return Promise.reject(new Error("must not be called"));
  };
  const wrong: readonly [string, unknown][] = [
    ["url", { token: "t0ken" }],
    ["url", { url: "", token: "t0ken" }],
    ["url", { url: "redis.secret", token: "t0ken" }],
    ["url", { url: "redis://secret:6379", token: "t0ken" }],
    ["url", { url: "https://user:secret@redis.example", token: "t0ken" }],
    ["url", { url: "https://:secret@redis.example", token: "t0ken" }],
    ["url", { url: "https://redis.example/?_token=secret", token: "t0ken" }],
    ["url", { url: "https://redis.example/#secret", token: "t0ken" }],
    ["url", { url: 7, token: "t0ken" }],
    ["token", { url: URL }],
    ["token", { url: URL, token: "" }],
    ["token", { url: URL, token: "sec ret" }],
    ["token", { url: URL, token: "secret\r\nx: y" }],
    ["token", { url: URL, token: "sécret" }],
    ["token", { url: URL, token: 7 }],
  ];
  for (const [option, options] of wrong) {
    // Wrong on purpose, as a user without types would have it.
    const all = { ...options as ConnectRedisOptions, fetch };
    throws(() => connectRedis(all), (error: Error) => {
      match(error.message, new RegExp(`as ${option} must be`));
      doesNotMatch(error.message, /secret|t0ken/);
      strictEqual("code" in error && error.code, "ERR_INVALID_OPTION");
      return true;
    });
  }
  strictEqual(sent, 0);
});

Deno.test("connectRedis() refuses options that are unknown or of no use", () => {
  const good = { url: URL, token: "t0ken" };
  const requester = { request: () => Promise.reject(new Error("must not be called")) };
  const wrong: readonly unknown[] = [
    { ...good, retries: 3 },
    { ...good, namespace: "a b" },
    { ...good, namespace: "a*" },
    { ...good, namespace: "" },
    { ...good, deadline: "10" },
    { ...good, attemptTimeout: -1 },
    { ...good, isolation: "none" },
    { ...good, durability: "forever" },
    { ...good, requester },
    { requester: {} },
    { requester: null },
    undefined,
    "https://redis.example",
  ];
  // Wrong on purpose, as a user without types would have it.
  for (const options of wrong) throws(() => connectRedis(options as ConnectRedisOptions), refused);
});

Deno.test("connectRedis() says what durability it can promise", () => {
  const of = (options: ConnectRedisOptions) => connectRedis(options).durability;
  const token = "t0ken";
  deepStrictEqual(
    [
      of({ url: "https://eu1-x.upstash.io", token }),
      of({ url: "https://upstash.io.evil.example", token }),
      of({ url: "http://127.0.0.1:8080", token }),
      of({ url: "http://127.0.0.1:8080", token, durability: "fsync" }),
    ],
    ["replicated-async", "process", "process", "fsync"],
  );
});

Deno.test("connectRedis() sends to the URL's own path", async () => {
  const urls: string[] = [];
  const fetch = (url: string) => {
    urls.push(url);
    return Promise.resolve(Response.json({ result: "PONG" }));
  };
  for (const url of [URL, `${URL}/`, `${URL}/redis/`, `${URL}/redis`]) {
    await connectRedis({ url, token: "t", fetch }).client.command(["PING"], { effect: "read" });
  }
  deepStrictEqual(urls, [URL, URL, `${URL}/redis`, `${URL}/redis`]);
});

Deno.test("connectRedis() needs no permission, and no more than the network for a request", async () => {
  const module = new globalThis.URL("../../../adapters/redis/mod.ts", import.meta.url).href;
  const closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${closed.addr.port}`;
  closed.close();
  const source = `
    const { redis } = await import(${JSON.stringify(module)});
    const backend = redis({ url: "http://${host}", token: "t", deadline: 500 });
    const error = await backend.client.command(["PING"], { effect: "read" }).catch((error) => error);
    console.log(error.code, error.message);
  `;
  const root = new globalThis.URL("../../../", import.meta.url).pathname;
  const run = async (...permissions: string[]) => {
    const file = await Deno.makeTempFile({ suffix: ".js" });
    await Deno.writeTextFile(file, source);
    const args = ["run", "--no-prompt", `--allow-read=${root}`, ...permissions];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [...args, `--config=${root}deno.json`, file],
      cwd: root,
      env: { NO_COLOR: "1" },
    }).output();
    await Deno.remove(file);
    const decoder = new TextDecoder();
    return `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trim();
  };
  strictEqual(
    await run(),
    "ERR_UNAVAILABLE Cannot ask Redis as the permission to use the network is missing",
  );
  strictEqual(
    await run(`--allow-net=${host}`),
    "ERR_UNAVAILABLE Cannot ask Redis as it cannot be reached",
  );
});

Deno.test("redis() sends nothing by being made", () => {
  const backend = redis({ url: URL, token: "t0ken" });
  deepStrictEqual(backend.client.counters, { requests: 0, commands: 0 });
  strictEqual(backend.client.serverTime(), undefined);
});
