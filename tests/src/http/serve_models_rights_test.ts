import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { clientOf } from "../../support/http/client.ts";
import { servedUsers as served } from "../../support/http/served_users.ts";
import { inMemory, person, User } from "../../support/models/users.ts";
import { z } from "zod";

Deno.test("serveModels() shows what stands there only to who may read it", async () => {
  const { send, model } = served({
    authenticate: ({ headers }) => ({ id: headers.get("authorization") ?? "" }),
    authorize: ({ action, id, subject }) => action === "write" || id === subject?.id,
  });
  const ada = await model.create(person("ada"));
  const as = (authorization: string) => ({ headers: { authorization, "if-match": '"x"' } });
  const foreign = await send("PATCH /users/1", { body: { age: 1 }, ...as("2") });
  deepStrictEqual([foreign.status, "current" in foreign.body, foreign.headers.get("etag")], [
    412,
    false,
    null,
  ]);
  const own = await send("PATCH /users/1", { body: { age: 1 }, ...as("1") });
  deepStrictEqual(own.body.current, ada);
  const taken = await send("POST /users", { body: person("ada"), ...as("2") });
  deepStrictEqual([taken.body.fields, "owner" in taken.body], [["email"], false]);
});

Deno.test("serveModels() asks for the rights of every record in a body", async () => {
  const { send, model } = served({
    authenticate: () => ({ id: "ada" }),
    authorize: ({ id }) => id !== "5",
  });
  const refused = [
    ["POST /users", person("a", { id: 5 })],
    ["POST /users:batch", [{ op: "create", value: person("a", { id: 5 }) }]],
    ["POST /users:batch", [{ op: "upsert", id: 5, value: person("a") }]],
    ["POST /users:batch", [{ op: "delete", id: "5" }]],
  ] as const;
  for (const [line, body] of refused) strictEqual((await send(line, { body })).status, 403, line);
  strictEqual(await model.count(), 0);
});

Deno.test("serveModels() round-trips ids and fields that every object inherits", async () => {
  const pages = createModel(
    memory(),
    defineModel({ key: "page", schema: z.looseObject({ a: z.unknown() }), id: "uuid" }),
  );
  const send = clientOf(createHandler([serveModels({ pages })]));
  for (const id of ["__proto__", "constructor", "a/b", "ü 🙂"]) {
    const path = `/pages/${encodeURIComponent(id)}`;
    const created = await send(`PUT ${path}`, {
      body: { a: id },
      headers: { "if-none-match": "*" },
    });
    deepStrictEqual([created.status, created.headers.get("location")], [201, path]);
    deepStrictEqual((await send(`GET ${path}`)).body, created.body);
  }
  const body = '{"a":{"__proto__":{"polluted":true}},"__proto__":{"polluted":true}}';
  await send("POST /pages", { body });
  strictEqual("polluted" in {}, false);
  for (const id of ["%00", "x".repeat(2_000)]) {
    strictEqual((await send(`GET /pages/${id}`)).status, 400);
  }
});

Deno.test("serveModels() refuses what is no model, and names that fit no path", () => {
  const { model } = inMemory(User);
  for (
    const models of [{ "a/b": model }, { "": model }, { "a b": model }, { a: {} }, { a: null }]
  ) {
    throws(() => serveModels(models as never), { code: "ERR_INVALID_ARGUMENT" });
  }
  throws(() => serveModels({ users: model }, { schema: {} } as never), {
    code: "ERR_INVALID_OPTION",
  });
});
