/**
 * The examples of hosts that cannot be started here, driven by what those hosts hand over; and of routers.
 *
 * @module
 */

import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { app, router } from "../../examples/hono.ts";
import type { LambdaEvent, LambdaResult } from "../../examples/lambda/event.ts";
import { handler } from "../../examples/lambda/lambda.ts";
import netlify, { config } from "../../examples/netlify/atlas.ts";
import { findRuntimes, needing, required } from "../runtimes/find.ts";
import { output } from "../support/process.ts";
import { ROOT } from "../support/source.ts";

function event(method: string, rawPath: string, over: Partial<LambdaEvent> = {}): LambdaEvent {
  return {
    rawPath,
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: { domainName: "atlas.example", http: { method } },
    isBase64Encoded: false,
    ...over,
  };
}

const EVENTS: readonly LambdaEvent[] = [
  event("GET", "/countries/AT"),
  event("GET", "/api/countries", { rawQueryString: "continent=EU&limit=1" }),
  event("POST", "/api/postcards", { body: '{"to":"IS","text":"hello"}' }),
  event("POST", "/api/postcards", {
    body: btoa('{"to":"IS","text":"again"}'),
    isBase64Encoded: true,
  }),
  event("DELETE", "/api/countries/AT", { cookies: ["a=1", "b=2"] }),
];

function check(results: readonly LambdaResult[]): void {
  const bodies = results.map(({ body }) =>
    new TextDecoder().decode(Uint8Array.from(atob(body), (char) => char.charCodeAt(0)))
  );
  deepStrictEqual(results.map(({ statusCode }) => statusCode), [200, 200, 201, 201, 401]);
  match(bodies[0] ?? "", /Österreich/);
  strictEqual(JSON.parse(bodies[1] ?? "")[0].id, "AX");
  strictEqual(results[2]?.headers.location, "/api/postcards/1");
  strictEqual(JSON.parse(bodies[3] ?? "").text, "again");
}

Deno.test("examples/lambda answers events of function URLs, in Deno", async () => {
  const results: LambdaResult[] = [];
  for (const each of EVENTS) results.push(await handler(each));
  check(results);
});

const node = (await findRuntimes()).get("node20");

Deno.test({
  ...needing("examples/lambda answers events of function URLs, bundled in Node", node),
  fn: async () => {
    const bundle = "bundle --output examples/dist/lambda.mjs examples/lambda/lambda.ts";
    await output(Deno.execPath(), bundle.split(" "), { cwd: ROOT });
    const program = `import { handler } from "./examples/dist/lambda.mjs";
      const results = [];
      for (const event of ${JSON.stringify(EVENTS)}) results.push(await handler(event));
      console.log(JSON.stringify(results));`;
    const [command, ...args] = required(node).command;
    const printed = await output(command, [...args, "--input-type=module", "--eval", program], {
      cwd: ROOT,
    });
    check(JSON.parse(printed));
  },
});

Deno.test("examples/netlify answers requests with the host's context", async () => {
  const kept: Promise<unknown>[] = [];
  const context = { waitUntil: (work: Promise<unknown>) => void kept.push(work) };
  const page = await netlify(new Request("https://atlas.example/countries/AT"), context);
  match(await page.text(), /Österreich/);
  await Promise.all(kept);
  strictEqual(config.path, "/*");
});

Deno.test("examples/hono mounts the API beside other routes, and so does a plain router", async () => {
  const send = (path: string, init?: RequestInit) => app.request(`http://localhost${path}`, init);
  strictEqual(await (await send("/")).text(), "notes are below /api");
  const created = await send("/api/notes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"text":"hi"}',
  });
  deepStrictEqual([created.status, created.headers.get("location")], [201, "/api/notes/1"]);
  strictEqual((await send("/api/none")).status, 404);
  strictEqual((await send("/api/notes/1", { method: "POST" })).status, 405);
  const plain = await router(new Request("http://localhost/api/notes/1"));
  deepStrictEqual(await plain.json(), await created.json());
  strictEqual((await router(new Request("http://localhost/"))).status, 404);
});
