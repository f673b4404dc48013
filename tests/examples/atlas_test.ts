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

const START = ["run", "--allow-net", "--allow-env", "examples/start.ts"];
const URL_IN = /http:\/\/127\.0\.0\.1:\d+/;

async function startAtlas() {
  const atlas = await startDeno([...START, "--port", "0"], URL_IN);
  return { url: URL_IN.exec(atlas.readyLine)?.[0] ?? "", [Symbol.asyncDispose]: atlas.stop };
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
  const front = await get(`${atlas.url}/`);
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
    await page.goto(`${atlas.url}/`);
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
