import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createCache } from "../../../src/cache/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import {
  createHandler,
  type HandlerOptions,
  type Part,
  serveCache,
  serveModels,
} from "../../../src/http/mod.ts";
import { manualClock } from "../../contracts/manual_clock.ts";
import { eventually } from "../../support/eventually.ts";
import { clientOf } from "../../support/http/client.ts";
import { inMemory, person, User } from "../../support/models/users.ts";

const checked = (check: Part["check"], options: HandlerOptions = {}) =>
  clientOf(createHandler([{ name: "thing", routes: [], ...(check && { check }) }], options));

Deno.test("createHandler() says that it lives, and that it is ready while its parts are", async () => {
  let isAway = false;
  const heard: unknown[] = [];
  const send = checked(() => {
    if (isAway) throw new HoldfastError("ERR_UNAVAILABLE", "secret host is down");
    return Promise.resolve();
  }, { onError: (error) => heard.push(error) });
  deepStrictEqual([(await send("GET /livez")).text, (await send("GET /readyz")).text], [
    "ok\n",
    "ok\n",
  ]);
  isAway = true;
  const { status, headers, text } = await send("GET /readyz");
  deepStrictEqual([status, headers.get("retry-after"), heard.length], [503, "1", 1]);
  strictEqual(text.includes("secret"), false);
  strictEqual((await send("GET /livez")).status, 200);
  strictEqual((await send("POST /livez")).status, 405);
});

Deno.test("createHandler() is not ready while a part does not say", async () => {
  const clock = manualClock();
  let isStopped = false;
  const send = checked(({ signal }) => {
    signal.addEventListener("abort", () => isStopped = true);
    return new Promise(() => {});
  }, { clock });
  const asked = send("GET /readyz");
  await eventually("the check begins", () => clock.pending === 1);
  await clock.advance(2_000);
  deepStrictEqual([(await asked).status, isStopped], [503, true]);
});

Deno.test("createHandler() counts as Prometheus reads it", async () => {
  const { model } = inMemory(User);
  const pages = createCache(memory(), { name: "pages", ttl: "1m" });
  const parts = [serveModels({ users: model }), serveCache(pages)];
  const send = clientOf(createHandler([...parts, () => new Response("page")]));
  await send("POST /users", { body: person("ada") });
  await send("GET /users");
  await send("GET /users/9");
  for (const method of ["HACK", "BREW"]) await send(`${method} /users`);
  await send("GET /page");
  await send("GET /page");
  const { text, headers } = await send("GET /metrics");
  strictEqual(headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  const line = (part: string, method: string, status: number) =>
    `holdfast_http_requests_total{part="${part}",method="${method}",status="${status}"}`;
  ok(text.includes(`${line("models", "POST", 201)} 1\n`), text);
  ok(text.includes(`${line("models", "GET", 404)} 1\n`));
  ok(text.includes(`${line("models", "other", 405)} 2\n`));
  match(
    text,
    /^# TYPE holdfast_cache_hits_total counter\nholdfast_cache_hits_total\{part="pages"\} 1$/m,
  );
  match(text, /^holdfast_http_streams 0$/m);
  for (const each of text.trimEnd().split("\n")) {
    match(each, /^(# TYPE [a-z_]+ (counter|gauge)|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? \d+(\.\d+)?)$/);
  }
});
