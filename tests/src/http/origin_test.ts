import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { createHandler, type HandlerOptions, type Part } from "../../../src/http/mod.ts";
import { clientOf } from "../../support/http/client.ts";

const PART: Part = {
  name: "notes",
  routes: (["GET", "POST"] as const).map((method) => ({
    method,
    path: "/notes",
    access: undefined,
    about: { summary: "notes", answers: {} },
    answer: () => new Response("ok", { headers: { etag: '"1"' } }),
  })),
};

const served = (options: HandlerOptions = {}) => clientOf(createHandler([PART], options));

Deno.test("createHandler() refuses writes that a browser sends for another origin", async () => {
  const table: [Record<string, string>, number][] = [
    [{}, 200],
    [{ origin: "http://localhost" }, 200],
    // A proxy that speaks TLS in front: the host is the same.
    [{ origin: "https://localhost" }, 200],
    [{ origin: "https://evil.example" }, 403],
    [{ origin: "http://localhost:8000" }, 403],
    [{ origin: "http://localhost.evil.example" }, 403],
    [{ origin: "null" }, 403],
    [{ origin: "no origin" }, 403],
    [{ "sec-fetch-site": "same-origin", origin: "https://public.example" }, 200],
    [{ "sec-fetch-site": "none" }, 200],
    [{ "sec-fetch-site": "same-site" }, 403],
    [{ "sec-fetch-site": "cross-site" }, 403],
    [{ "sec-fetch-site": "cross-site", origin: "http://localhost" }, 403],
  ];
  for (const [headers, status] of table) {
    strictEqual(
      (await served()("POST /notes", { headers })).status,
      status,
      JSON.stringify(headers),
    );
    strictEqual((await served()("GET /notes", { headers })).status, 200);
  }
  const page = createHandler([() => new Response("changed")]);
  const foreign = { headers: { origin: "https://evil.example" } };
  strictEqual((await clientOf(page)("POST /", foreign)).status, 403);
});

Deno.test("createHandler() lets the origins that were named read and write", async () => {
  const cors = { origins: ["https://app.example"], credentials: true } as const;
  const send = served({ cors });
  const app = { headers: { origin: "https://app.example", "sec-fetch-site": "cross-site" } };
  const { status, headers } = await send("POST /notes", app);
  strictEqual(status, 200);
  strictEqual(headers.get("access-control-allow-origin"), "https://app.example");
  strictEqual(headers.get("access-control-allow-credentials"), "true");
  strictEqual(headers.get("vary"), "origin");
  strictEqual(headers.get("access-control-expose-headers")?.includes("ETag"), true);
  const other = await send("GET /notes", { headers: { origin: "https://evil.example" } });
  deepStrictEqual(
    [other.headers.get("access-control-allow-origin"), other.headers.get("vary")],
    [null, "origin"],
  );
  const refused = await send("GET /none", app);
  strictEqual(refused.headers.get("access-control-allow-origin"), "https://app.example");
});

Deno.test("createHandler() answers preflights of routes, and passes on those of pages", async () => {
  const asking = {
    origin: "https://app.example",
    "access-control-request-method": "POST",
    "access-control-request-headers": "content-type,if-match",
  };
  const send = served({ cors: { origins: "*" } });
  const { status, headers } = await send("OPTIONS /notes", { headers: asking });
  strictEqual(status, 204);
  strictEqual(headers.get("access-control-allow-origin"), "*");
  strictEqual(headers.get("access-control-allow-methods"), "GET, POST, HEAD, OPTIONS");
  strictEqual(headers.get("access-control-allow-headers"), "content-type,if-match");
  strictEqual(headers.get("access-control-max-age"), "600");
  strictEqual((await send("OPTIONS /none", { headers: asking })).status, 404);
  const without = await served()("OPTIONS /notes", { headers: asking });
  strictEqual(without.headers.get("access-control-allow-origin"), null);
});
