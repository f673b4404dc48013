import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { ArgumentError, HoldfastError, InvariantError } from "../../../src/errors.ts";
import { createHandler } from "../../../src/http/mod.ts";

const request = (path = "/", init?: RequestInit) => new Request(`http://localhost${path}`, init);

Deno.test("createHandler() gives the first part that answers, and passes on by next()", async () => {
  const seen: string[] = [];
  const handler = createHandler([
    {
      name: "outer",
      handle: async (_request, _context, next) => {
        seen.push("outer in");
        const response = await next();
        seen.push("outer out");
        return response;
      },
    },
    (_request, _context, next) => next(),
    ({ url }) => new Response(new URL(url).pathname),
    () => new Response("never"),
  ]);
  strictEqual(await (await handler(request("/a"))).text(), "/a");
  deepStrictEqual(seen, ["outer in", "outer out"]);
});

Deno.test("createHandler() answers 404 with problem details where no part does", async () => {
  const response = await createHandler([(_request, _context, next) => next()])(request());
  strictEqual(response.status, 404);
  strictEqual(response.headers.get("content-type"), "application/problem+json");
  deepStrictEqual(await response.json(), {
    type: "about:blank",
    title: "Nothing is here",
    status: 404,
  });
});

Deno.test("createHandler() turns what is thrown into its status, and tells the owner", async () => {
  const table: [unknown, number, string | undefined][] = [
    [new HoldfastError("ERR_UNAVAILABLE", "secret-host is down"), 503, "ERR_UNAVAILABLE"],
    [new HoldfastError("ERR_RATE_LIMITED", "x"), 429, "ERR_RATE_LIMITED"],
    [new ArgumentError("ERR_INVALID_KEY", "secret-key"), 400, "ERR_INVALID_KEY"],
    [new InvariantError("secret state"), 500, undefined],
    [new Error("secret stack"), 500, undefined],
    ["a text", 500, undefined],
    [undefined, 500, undefined],
  ];
  for (const [error, status, code] of table) {
    const heard: unknown[] = [];
    const handler = createHandler([() => {
      throw error;
    }], { onError: (thrown) => heard.push(thrown) });
    const response = await handler(request());
    const body = await response.text();
    strictEqual(response.status, status);
    strictEqual(JSON.parse(body).code, code);
    strictEqual(body.includes("secret"), false);
    strictEqual(response.headers.has("retry-after"), status === 429 || status === 503);
    deepStrictEqual(heard, [error]);
  }
});

Deno.test("createHandler() finds waitUntil where each host puts it", async () => {
  class ExecutionContext {
    readonly kept: Promise<unknown>[] = [];
    waitUntil(work: Promise<unknown>): void {
      this.kept.push(work);
    }
  }
  const handler = createHandler([(_request, { waitUntil }) => {
    waitUntil?.(Promise.resolve());
    return new Response(String(waitUntil !== undefined));
  }]);
  const context = new ExecutionContext();
  strictEqual(await (await handler(request(), { VARIABLE: "x" }, context)).text(), "true");
  strictEqual(await (await handler(request(), context)).text(), "true");
  strictEqual(context.kept.length, 2);
  for (const host of [[], [undefined], [null, 5], [{ waitUntil: "no function" }]]) {
    strictEqual(await (await handler(request(), ...host)).text(), "false");
  }
});

Deno.test("createHandler() refuses what is no part and an unknown option", () => {
  for (const part of [null, undefined, {}, "cache", { handle: 5 }]) {
    throws(() => createHandler([part as never]), { code: "ERR_INVALID_ARGUMENT" });
  }
  for (const parts of [null, undefined, {}, "parts", () => new Response()]) {
    throws(() => createHandler(parts as never), { code: "ERR_INVALID_ARGUMENT" });
  }
  throws(() => createHandler([], { onErr: () => {} } as never), { code: "ERR_INVALID_OPTION" });
  throws(() => createHandler([], { onError: "log" } as never), { code: "ERR_INVALID_OPTION" });
});
