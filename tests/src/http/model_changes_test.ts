import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { memory } from "../../../adapters/memory/mod.ts";
import { blocksOf, requestOf } from "../../support/http/client.ts";
import { person, User } from "../../support/models/users.ts";
import { z } from "zod";

function served() {
  const model = createModel(memory(), User);
  const handler = createHandler([serveModels({ users: model })]);
  return {
    model,
    get: (path: string, headers = {}) => handler(requestOf(`GET ${path}`, { headers })),
  };
}

/** The next blocks of a stream after its first, which only tells when to come back. */
async function take(response: Response, count: number): Promise<readonly string[]> {
  const blocks: string[] = [];
  for await (const block of blocksOf(response)) {
    if (!block.startsWith("retry:")) blocks.push(block);
    if (blocks.length === count) break;
  }
  return blocks;
}

function idOf(block = ""): string {
  return /^id: (.+)$/m.exec(block)?.[1] ?? "";
}

Deno.test("serveModels() streams changes, and goes on after the last that a client saw", async () => {
  const { model, get } = served();
  const begun = await take(await get("/users:changes"), 1);
  const ada = await model.create(person("ada", { team: 3 }));
  await model.members(1, "tags").add("a");
  await model.delete(1);
  const changes = await take(await get("/users:changes", { "last-event-id": idOf(begun[0]) }), 3);
  deepStrictEqual(
    changes.map((block) => /^event: (\w+)$/m.exec(block)?.[1]),
    ["create", "members", "delete"],
  );
  const [created = "", members = ""] = changes.map((block) => /^data: (.+)$/m.exec(block)?.[1]);
  deepStrictEqual(JSON.parse(created), { id: 1, index: 1, kind: "create", record: ada });
  deepStrictEqual(JSON.parse(members).added, ["a"]);
  const [last] = await take(await get(`/users:changes?after=${idOf(changes[1])}`), 1);
  strictEqual(last, changes[2]);
});

Deno.test("serveModels() starts a client afresh whose cursor is none, by a reset", async () => {
  const { model, get } = served();
  await model.create(person("ada"));
  for (const id of ["garbage", "1.2", "x.99.y"]) {
    const [reset] = await take(await get("/users:changes", { "last-event-id": id }), 1);
    match(reset ?? "", /^id: \S+\nevent: reset\ndata: \{\}$/);
    strictEqual(idOf(reset), await model.cursor());
  }
});

Deno.test("serveModels() has no changes of a model without a journal", async () => {
  const model = createModel(
    memory(),
    defineModel({ key: "k", schema: z.object({}), journal: false }),
  );
  const handler = createHandler([serveModels({ things: model })]);
  strictEqual((await handler(requestOf("GET /things:changes"))).status, 404);
});

Deno.test("serveModels() answers 503 before a stream begins, where the store is away", async () => {
  const backend = memory();
  const models = {
    ...backend.models,
    changes: () => Promise.reject(new HoldfastError("ERR_UNAVAILABLE", "secret host is down")),
  };
  const handler = createHandler([
    serveModels({ users: createModel({ ...backend, models }, User) }),
  ]);
  const response = await handler(requestOf("GET /users:changes"));
  deepStrictEqual([response.status, response.headers.get("retry-after")], [503, "1"]);
  strictEqual((await response.text()).includes("secret"), false);
});
