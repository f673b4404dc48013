import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { clientOf } from "../../support/http/client.ts";
import { servedUsers as served } from "../../support/http/served_users.ts";
import { person } from "../../support/models/users.ts";
import { z } from "zod";

Deno.test("serveModels() creates, reads, replaces, patches and deletes", async () => {
  const { send } = served();
  const created = await send("POST /users", { body: person("ada", { age: 36 }) });
  deepStrictEqual([created.status, created.headers.get("location")], [201, "/users/1"]);
  strictEqual(created.headers.get("etag"), `"${created.body.$version}"`);
  deepStrictEqual((await send("GET /users/1")).body, created.body);
  const replaced = await send("PUT /users/1", { body: person("ida") });
  deepStrictEqual([replaced.status, replaced.body.name, replaced.body.age], [
    200,
    "ida",
    undefined,
  ]);
  const patched = await send("PATCH /users/1", { body: { age: 3 } });
  deepStrictEqual([patched.body.name, patched.body.age], ["ida", 3]);
  strictEqual(patched.headers.get("etag"), `"${patched.body.$version}"`);
  const { status, text } = await send("DELETE /users/1");
  deepStrictEqual([status, text], [204, ""]);
  for (const line of ["GET /users/1", "DELETE /users/1", "HEAD /users/1"]) {
    strictEqual((await send(line)).status, 404, line);
  }
  for (const line of ["PATCH /users/1", "PUT /users/1"]) {
    const missing = await send(line, { body: person("x") });
    deepStrictEqual([missing.status, missing.body.code], [404, "ERR_NOT_FOUND"]);
  }
});

Deno.test("serveModels() lists by filters, ranges and cursors", async () => {
  const { model, send } = served();
  for (let age = 1; age <= 7; age++) {
    await model.create(person(`p${age}`, { age, team: age % 2, admin: age > 3 }));
  }
  const namesOf = async (query: string) =>
    (await send(`GET /users${query}`)).body.map(({ name }: { name: string }) => name).join(" ");
  strictEqual(await namesOf("?limit=2"), "p1 p2");
  strictEqual(await namesOf("?age=3"), "p3");
  strictEqual(await namesOf("?age:eq=3"), "p3");
  strictEqual(await namesOf("?age:gt=2&age:lte=4"), "p3 p4");
  strictEqual(await namesOf("?team=1&age:gte=4"), "p5 p7");
  strictEqual(await namesOf("?admin=true&reverse=true"), "p7 p6 p5 p4");
  strictEqual(await namesOf("?name=p2"), "p2");
  deepStrictEqual((await send("GET /users:count?team=1")).body, { count: 4 });
  deepStrictEqual((await send("GET /users:count")).body, { count: 7 });

  let path: string | undefined = "/users?team=1&limit=3";
  const seen: string[] = [];
  while (path !== undefined) {
    const { body, headers } = await send(`GET ${path}`);
    seen.push(body.map(({ age }: { age: number }) => age).join(","));
    path = /^<(.+)>; rel="next"$/.exec(headers.get("link") ?? "")?.[1];
  }
  deepStrictEqual(seen.filter((page) => page !== ""), ["1,3,5", "7"]);
});

Deno.test("serveModels() refuses queries that mean nothing by 400, and says why", async () => {
  const { send } = served();
  const table: [string, RegExp][] = [
    ["?limit=0", /limit/],
    ["?limit=1001", /limit/],
    ["?limit=ten", /limit/],
    ["?reverse=1", /reverse/],
    ["?age=old", /"age" must be a number/],
    ["?admin=1", /"admin" must be true or false/],
    ["?age:like=1", /age:like/],
    ["?age=1&age=2", /given once/],
    ["?age=1&age:gt=2", /must not be a value and a range/],
    ["?email=a", /indexes are age, team\+age, admin, name/],
    ["?__proto__=a", /indexes are/],
    ["?team:gt=1&age=2", /indexes are/],
    ["?tag:limit=1", /tag:limit/],
  ];
  for (const [query, detail] of table) {
    const { status, body } = await send(`GET /users${query}`);
    deepStrictEqual([status, body.code], [400, "ERR_INVALID_ARGUMENT"], query);
    match(body.detail, detail);
  }
  const { status, body } = await send("GET /users?cursor=garbage");
  deepStrictEqual([status, body.code], [400, "ERR_INVALID_CURSOR"]);
});

Deno.test("serveModels() answers 422 with every issue and its place", async () => {
  const { send } = served();
  const { status, body } = await send("POST /users", { body: { email: "x", age: "1" } });
  deepStrictEqual([status, body.code], [422, "ERR_INVALID_VALUE"]);
  deepStrictEqual(
    body.errors.map(({ pointer }: { pointer: string }) => pointer),
    ["/email", "/name", "/age"],
  );
  for (const misfit of [[], 5, '"text"', null]) {
    strictEqual((await send("POST /users", { body: misfit })).status, 422);
  }
  await send("POST /users", { body: person("ada") });
  strictEqual((await send("PATCH /users/1", { body: { age: "old" } })).status, 422);
  const moved = await send("PUT /users/1", { body: { ...person("ada"), id: 2 } });
  deepStrictEqual(moved.body.errors[0].pointer, "/id");
});

Deno.test("serveModels() names the fields that are taken, and who has them", async () => {
  const { send } = served();
  await send("POST /users", { body: person("ada") });
  const taken = await send("POST /users", { body: person("ADA") });
  deepStrictEqual(
    [taken.status, taken.body.code, taken.body.fields, taken.body.owner],
    [409, "ERR_UNIQUE", ["email"], 1],
  );
});

Deno.test("serveModels() carries versions by ETag, If-Match and If-None-Match", async () => {
  const { send } = served();
  const { headers, body: first } = await send("POST /users", { body: person("ada") });
  const etag = headers.get("etag") ?? "";
  const known = await send("GET /users/1", { headers: { "if-none-match": `W/${etag}, "x"` } });
  deepStrictEqual([known.status, known.text, known.headers.get("etag")], [304, "", etag]);
  const second = await send("PATCH /users/1", {
    body: { age: 1 },
    headers: { "if-match": etag },
  });
  strictEqual(second.status, 200);
  for (const line of ["PATCH /users/1", "PUT /users/1", "DELETE /users/1"]) {
    const body = line.startsWith("DELETE") ? undefined : person("ada", { age: 2 });
    const late = await send(line, { body, headers: { "if-match": etag } });
    deepStrictEqual([late.status, late.body.code], [412, "ERR_CONFLICT"], line);
    deepStrictEqual(late.body.current, second.body);
    strictEqual(late.headers.get("etag"), second.headers.get("etag"));
  }
  const sent = await send("PUT /users/1", { body: { ...first, name: "late" } });
  deepStrictEqual([sent.status, sent.body.current], [409, second.body]);
  const matching = { "if-match": `"other", ${second.headers.get("etag")}` };
  strictEqual((await send("PUT /users/1", { body: person("a"), headers: matching })).status, 200);
  const any = { headers: { "if-match": "*" } };
  strictEqual((await send("PUT /users/9", { body: person("x"), ...any })).status, 412);
  strictEqual((await send("DELETE /users/1", any)).status, 204);
});

Deno.test("serveModels() creates under an id by PUT with If-None-Match, once", async () => {
  const { send } = served();
  const headers = { "if-none-match": "*" };
  const created = await send("PUT /users/7", { body: person("ada"), headers });
  deepStrictEqual([created.status, created.headers.get("location")], [201, "/users/7"]);
  const again = await send("PUT /users/7", { body: person("bob"), headers });
  deepStrictEqual([again.status, again.body.code], [412, "ERR_EXISTS"]);
  deepStrictEqual(again.body.current, created.body);
  const posted = await send("POST /users", { body: person("eve", { id: 7 }) });
  deepStrictEqual([posted.status, posted.body.code], [409, "ERR_EXISTS"]);
  deepStrictEqual(posted.body.current, created.body);
});

Deno.test("serveModels() makes a write with an Idempotency-Key once, for each subject", async () => {
  const { model, send } = served({
    authenticate: ({ headers }) => ({ id: headers.get("authorization") ?? "nobody" }),
  });
  const as = (authorization: string, key: string) => ({
    headers: { authorization, "idempotency-key": key },
  });
  const first = await send("POST /users", { body: person("ada"), ...as("a", '"k1"') });
  const again = await send("POST /users", { body: person("ada"), ...as("a", "k1") });
  deepStrictEqual([again.status, again.body], [201, first.body]);
  const other = await send("POST /users", { body: person("bob"), ...as("a", "k1") });
  deepStrictEqual([other.status, other.body.code], [422, "ERR_TOKEN_REUSED"]);
  strictEqual((await send("POST /users", { body: person("bob"), ...as("b", "k1") })).status, 201);
  strictEqual(await model.count(), 2);

  const etag = first.headers.get("etag") ?? "";
  const patch = () =>
    send("PATCH /users/1", {
      body: { age: 1 },
      headers: { "if-match": etag, "idempotency-key": "k2", authorization: "a" },
    });
  const patched = await patch();
  await model.patch(1, { age: 5 });
  deepStrictEqual((await patch()).body, patched.body);
  const remove = () => send("DELETE /users/1", as("a", "k3"));
  deepStrictEqual([(await remove()).status, (await remove()).status], [204, 204]);
  for (const key of ["", "ü", "x".repeat(256), '"']) {
    const sent = await send("POST /users", {
      body: person("c"),
      headers: { "idempotency-key": key },
    })
      .catch(() => undefined);
    ok(sent === undefined || sent.status === 400, key);
  }
});

Deno.test("serveModels() finds by unique fields, alone and together", async () => {
  const { send } = served();
  const { body } = await send("POST /users", {
    body: person("a/b c", { email: "a@x.org", team: 7 }),
  });
  deepStrictEqual((await send("GET /users:by/email/A%40x.org")).body, body);
  deepStrictEqual((await send("GET /users:by/team+name/7/a%2Fb%20c")).body, body);
  strictEqual((await send("GET /users:by/email/none")).status, 404);
  strictEqual((await send("GET /users:by/team+name/x/a")).status, 400);
  strictEqual((await send("GET /users:by/age/7")).status, 404);
});

Deno.test("serveModels() merges patches by RFC 7396, and sets whole fields by plain JSON", async () => {
  const model = createModel(
    memory(),
    defineModel({
      key: "page",
      schema: z.object({
        title: z.string().optional(),
        meta: z.record(z.string(), z.unknown()).optional(),
      }),
    }),
  );
  const send = clientOf(createHandler([serveModels({ pages: model })]));
  const merge = { "content-type": "application/merge-patch+json" };
  await send("POST /pages", { body: { title: "a", meta: { x: { y: 1, z: 2 }, list: [1] } } });
  const body = { title: null, meta: { x: { y: null, w: 3 }, list: [2, 3], none: null } };
  const merged = await send("PATCH /pages/1", { body, headers: merge });
  const { id: _id, $version: _version, ...fields } = merged.body;
  deepStrictEqual(fields, { meta: { x: { z: 2, w: 3 }, list: [2, 3] } });
  const set = await send("PATCH /pages/1", { body: { meta: { x: 1 } } });
  deepStrictEqual(set.body.meta, { x: 1 });
  const other = await send("PATCH /pages/1", {
    body: "{}",
    headers: { "content-type": "text/plain" },
  });
  deepStrictEqual(
    [other.status, other.headers.get("accept-patch")],
    [415, "application/json, application/merge-patch+json"],
  );
});

Deno.test("serveModels() writes batches whole or not at all", async () => {
  const { model, send } = served();
  await model.create(person("ada"));
  const batch = [
    { op: "create", value: person("bob") },
    { op: "upsert", id: 9, value: person("eve") },
    { op: "delete", id: 1 },
  ];
  const headers = { "idempotency-key": "b" };
  const { status, body } = await send("POST /users:batch", { body: batch, headers });
  strictEqual(status, 200);
  deepStrictEqual(
    body.map((record: { name: string } | null) => record?.name ?? null),
    ["bob", "eve", null],
  );
  deepStrictEqual((await send("POST /users:batch", { body: batch, headers })).body, body);
  const taken = await send("POST /users:batch", {
    body: [{ op: "create", value: person("new") }, { op: "create", value: person("bob") }],
  });
  deepStrictEqual([taken.status, taken.body.code, await model.count()], [409, "ERR_UNIQUE", 2]);
  const stale = await send("POST /users:batch", {
    body: [{ op: "delete", id: 9, version: "1-x" }, { op: "delete", id: body[0].id }],
  });
  deepStrictEqual([stale.status, await model.count()], [409, 2]);
  const misfits: unknown[] = [
    {},
    [5],
    [{ op: "drop", id: 1 }],
    [{ op: "create" }],
    [{ op: "upsert", id: 1, value: {}, version: "1" }],
    [],
    Array.from({ length: 1_001 }, () => ({ op: "delete", id: 1 })),
  ];
  for (const body of misfits) {
    strictEqual((await send("POST /users:batch", { body })).status, 422, JSON.stringify(body));
  }
});

Deno.test("serveModels() serves sets and what is in them", async () => {
  const { send } = served();
  await send("POST /users", { body: person("ada") });
  deepStrictEqual((await send("PUT /users/1/sets/tags", { body: ["b", 2, true] })).body, {
    changed: 3,
  });
  deepStrictEqual((await send("POST /users/1/sets/tags", { body: '"a"' })).body, {
    changed: 1,
  });
  deepStrictEqual((await send("GET /users/1/sets/tags")).body, [true, 2, "a", "b"]);
  const first = await send("GET /users/1/sets/tags?limit=3");
  const next = /<(.+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  deepStrictEqual((await send(`GET ${next}`)).body, ["b"]);
  strictEqual((await send("GET /users/1/sets/tags/2")).status, 204);
  strictEqual((await send('GET /users/1/sets/tags/"2"')).status, 404);
  strictEqual((await send("PUT /users/1/sets/tags/c")).body.changed, 1);
  strictEqual((await send("DELETE /users/1/sets/tags/c")).body.changed, 1);
  deepStrictEqual((await send("GET /users:with/tags/a")).body.length, 1);
  deepStrictEqual((await send("GET /users:with/tags/c")).body, []);
  strictEqual((await send("GET /users/1/sets/none")).status, 404);
  const misfit = await send("POST /users/1/sets/tags", { body: ["x", {}] });
  deepStrictEqual([misfit.status, misfit.body.errors[0].pointer], [422, "/1"]);
  strictEqual((await send("POST /users/9/sets/tags", { body: ["a"] })).status, 404);
});
