/**
 * The example application as a newcomer meets it: started as a process of its own, looked at in a real browser.
 *
 * @module
 */

import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import denoJson from "../../deno.json" with { type: "json" };
import { createApp } from "../../examples/atlas/app.ts";
import { findRuntimes } from "../runtimes/find.ts";
import { launchChromium } from "../support/browser.ts";
import { runDeno, startDeno } from "../support/process.ts";
import { GATEWAY_TOKEN, startGateway } from "../support/redis/gateway.ts";
import { redisTest } from "../support/redis/register.ts";
import { startRedis } from "../support/redis/server.ts";

const START = [
  "run",
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-run",
  "examples/start.ts",
];
const URL_IN = /http:\/\/127\.0\.0\.1:\d+/;

async function startAtlas(env: Readonly<Record<string, string>> = {}, port = "0") {
  const atlas = await startDeno([...START, "--port", port], URL_IN, env);
  return { ...atlas, url: URL_IN.exec(atlas.printed())?.[0] ?? "" };
}

async function get(
  url: string,
): Promise<{ status: number; cacheStatus: string | null; text: string }> {
  const response = await fetch(url);
  return {
    status: response.status,
    cacheStatus: response.headers.get("cache-status"),
    text: await response.text(),
  };
}

Deno.test("atlas: the task starts what these tests start", () => {
  strictEqual(denoJson.tasks.start.command, ["deno", ...START].join(" "));
});

Deno.test("atlas: a page is made once and then served from the cache", async () => {
  await using atlas = await startAtlas();
  const first = await get(`${atlas.url}/countries/AT`);
  const again = await get(`${atlas.url}/countries/AT`);
  strictEqual(first.cacheStatus, "holdfast; fwd=miss; stored");
  strictEqual(again.cacheStatus, "holdfast; hit");
  strictEqual(again.text, first.text);
  match(first.text, /Österreich/);
  const front = await get(`${atlas.url}/atlas`);
  match(front.text, /<td>\/countries\/AT<\/td>\s*<td>hit<\/td>/);
});

Deno.test("atlas: every kind of page is served, and nothing else", async () => {
  const app = createApp({});
  const statusOf = async (path: string, init?: RequestInit) =>
    (await app(new Request(`http://localhost${path}`, init))).status;
  const served = [
    "/",
    "/continents/EU",
    "/countries/CI",
    "/languages/de",
    "/languages/eo",
    "/countries/AQ",
  ];
  for (const path of served) strictEqual(await statusOf(path), 200, path);
  const absent = [
    "/countries/XX",
    "/countries/at",
    "/countries/",
    "/languages/__proto__",
    "/x",
    "/continents/toString",
  ];
  for (const path of absent) strictEqual(await statusOf(path), 404, path);
  strictEqual(await statusOf("/", { method: "DELETE" }), 404);
});

Deno.test("atlas: 1,000 callers of a cold page cause one creation", async () => {
  const app = createApp({});
  const moved = await app(new Request("http://localhost/stampede", { method: "POST" }));
  strictEqual(moved.status, 303);
  const front = await (await app(new Request("http://localhost/"))).text();
  match(front, /1000 callers, 1 creation, \d+\.\d ms/);
});

Deno.test("atlas: a port that is taken is one clear line and exit code 1", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stdout, stderr } = await runDeno([...START, "--port", String(taken.addr.port)]);
  strictEqual(code, 1);
  strictEqual(stdout, "");
  deepStrictEqual(stderr.trim().split("\n"), [
    `Cannot listen as port ${taken.addr.port} is taken: try --port 0`,
  ]);
});

Deno.test("atlas: a store that is not there is one clear line after the deadline and exit code 1", async () => {
  const { code, stderr } = await runDeno([...START, "--port", "0"], {
    UPSTASH_REDIS_REST_URL: "http://127.0.0.1:9",
    UPSTASH_REDIS_REST_TOKEN: "hunter2",
  });
  strictEqual(code, 1);
  match(stderr, /^Cannot [^\n]+\n$/);
  strictEqual(/127\.0\.0\.1|hunter2/.test(stderr), false, stderr);
});

redisTest("atlas: on a real Redis the next process serves what the one before made", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const env = { UPSTASH_REDIS_REST_URL: gateway.url, UPSTASH_REDIS_REST_TOKEN: GATEWAY_TOKEN };
  const first = await startAtlas(env);
  strictEqual((await get(`${first.url}/countries/AT`)).cacheStatus, "holdfast; fwd=miss; stored");
  await first[Symbol.asyncDispose]();
  await using next = await startAtlas(env, new URL(first.url).port);
  strictEqual((await get(`${next.url}/countries/AT`)).cacheStatus, "holdfast; hit");
});

Deno.test("atlas: bad arguments and half an environment are one clear line and exit code 1", async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [["--port", "eighty"], {}, /--port must be a whole number/],
    [["--port", "70000"], {}, /--port must be a whole number/],
    [["--prot", "1"], {}, /--prot/],
    [[], { UPSTASH_REDIS_REST_URL: "https://x.example" }, /UPSTASH_REDIS_REST_TOKEN must be set/],
  ];
  for (const [args, env, message] of cases) {
    const { code, stderr } = await runDeno([...START, ...args], env);
    strictEqual(code, 1, stderr);
    match(stderr, message);
    strictEqual(stderr.trim().split("\n").length, 1, stderr);
  }
});

const chromium = (await findRuntimes()).get("chromium");

Deno.test({
  name: "atlas: a browser shows what the cache did" +
    (chromium?.kind === "missing" ? ` (${chromium.reason})` : ""),
  ignore: chromium?.kind !== "found" && Deno.env.get("CI") !== "true",
  // The browser is a process with sockets of its own, which outlive a step of the test.
  sanitizeOps: false,
  sanitizeResources: false,
  fn: async () => {
    await using atlas = await startAtlas();
    await using browser = await launchChromium(
      chromium?.kind === "found" ? chromium.command[0] : "chromium",
    );
    const page = await browser.newPage();
    await page.goto(`${atlas.url}/atlas`);
    await page.getByRole("link", { name: "Europe" }).click();
    await page.getByRole("link", { name: "Iceland" }).click();
    await page.getByText(/Cache: miss in \d+\.\d\d ms/).waitFor();
    await page.reload();
    await page.getByText(/Cache: hit in \d+\.\d\d ms/).waitFor();
    strictEqual(await page.title(), "Iceland");
    await page.getByRole("link", { name: "Holdfast atlas" }).click();
    await page.getByRole("button", { name: /1,000 callers/ }).click();
    await page.getByText(/1000 callers, 1 creation/).waitFor();
    ok(await page.getByRole("cell", { name: "/countries/IS" }).count() >= 2);
    const screenshot = Deno.env.get("SCREENSHOT");
    if (screenshot) await page.screenshot({ path: screenshot, fullPage: true });
  },
});

Deno.test("atlas: the API serves countries, and takes postcards", async () => {
  const app = createApp({});
  const get = async (path: string) =>
    await (await app(new Request(`http://localhost/api${path}`))).json();
  const [first] = await get("/countries?continent=EU&name:gte=B");
  strictEqual(first.name, "Belarus");
  strictEqual((await get("/countries:count")).count > 200, true);
  strictEqual((await get("/countries:by/name/iceland")).id, "IS");
  ok("/postcards/{id}" in (await get("/openapi.json")).paths);
  const sent = await app(
    new Request("http://localhost/api/postcards", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"to":"IS","text":""}',
    }),
  );
  deepStrictEqual((await sent.json()).errors[0].pointer, "/text");
});
