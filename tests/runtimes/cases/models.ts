/**
 * Models in memory, by their face and over HTTP, made at module scope.
 *
 * @module
 */

import { memoryModelStore } from "../../../adapters/memory/models.ts";
import { memoryWakes } from "../../../adapters/memory/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel, defineModel, type Schema } from "../../../src/models/mod.ts";
import { systemRandom } from "../../../src/random.ts";
import { equal, fails, ok } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

interface Fields {
  readonly email: string;
  readonly age: number;
}

/** A schema by hand, as no library is needed for one. */
const schema: Schema<Fields> = {
  "~standard": {
    version: 1,
    vendor: "smoke",
    validate: (value) => {
      const { email, age } = Object(value);
      const issues = [
        ...typeof email === "string" ? [] : [{ message: "must be text", path: ["email"] }],
        ...typeof age === "number" ? [] : [{ message: "must be a number", path: ["age"] }],
      ];
      return issues.length > 0 ? { issues } : { value: { email, age } };
    },
  },
};

const clock = systemClock();
const wakes = memoryWakes();
const backend = {
  clock,
  random: systemRandom(),
  wakes,
  models: memoryModelStore({ clock, wakes }),
};
const definition = { schema, unique: ["email"], index: ["age"], sets: ["tags"] } as const;
const users = createModel(backend, defineModel({ key: "user", ...definition }));
const served = createModel(backend, defineModel({ key: "served", ...definition }));
const handler = createHandler([serveModels({ served })]);

async function send(line: string, body?: unknown, headers: Record<string, string> = {}) {
  const [method = "", path = ""] = line.split(" ");
  const response = await handler(
    new Request(`http://localhost${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

/** Cases of `createModel` and `serveModels`. */
export const modelCases: readonly Case[] = [
  {
    name: "Model creates once what is unique, for a hundred at once",
    run: async () => {
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, (_, age) => users.create({ email: "ada@x.org", age })),
      );
      equal(results.filter(({ status }) => status === "fulfilled").length, 1);
      await fails("ERR_UNIQUE", () => users.create({ email: "ADA@x.org", age: 1 }));
    },
  },
  {
    name: "Model counts every one of fifty patches",
    run: async () => {
      const { id } = await users.create({ email: "bob@x.org", age: 0 });
      await Promise.all(
        Array.from({ length: 50 }, () => users.patch(id, ({ age }) => ({ age: age + 1 }))),
      );
      equal((await users.get(id))?.age, 50);
    },
  },
  {
    name: "Model.changes() tells what is written while it is read",
    run: async () => {
      const stop = new AbortController();
      const after = await users.cursor();
      const changes = users.changes({ after, signal: stop.signal });
      const coming = changes.next();
      const record = await users.create({ email: "eve@x.org", age: 1 });
      const { value } = await coming;
      equal(value?.kind === "create" && value.record, record);
      await changes.return?.();
      stop.abort();
    },
  },
  {
    name: "serveModels() carries versions by entity tags",
    run: async () => {
      const created = await send("POST /served", { email: "a@x.org", age: 1 });
      equal(created.status, 201);
      const { id } = created.body;
      const etag = created.headers.get("etag") ?? "";
      const headers = { "if-match": etag, "idempotency-key": "once" };
      const first = await send(`PATCH /served/${id}`, { age: 2 }, headers);
      equal((await send(`PATCH /served/${id}`, { age: 2 }, headers)).body, first.body);
      equal((await send(`DELETE /served/${id}`, undefined, { "if-match": etag })).status, 412);
      equal((await send(`DELETE /served/${id}`)).status, 204);
    },
  },
  {
    name: "serveModels() says what is wrong with a request",
    run: async () => {
      const misfit = await send("POST /served", { age: "1" });
      equal(misfit.status, 422);
      equal(misfit.body.errors.length, 2);
      equal((await send("GET /served?nope=1")).status, 400);
      equal((await send("PUT /served")).status, 405);
      equal((await send("GET /served/none")).status, 404);
    },
  },
  {
    name: "serveModels() streams the journal, and stops with its client",
    run: async () => {
      const response = await handler(new Request("http://localhost/served:changes"));
      const reader = response.body?.getReader();
      const text = async () => new TextDecoder().decode((await reader?.read())?.value);
      equal(await text(), "retry: 2000\n\n");
      ok((await text()).startsWith("id: "), "first where it begins");
      const coming = text();
      await send("POST /served", { email: "stream@x.org", age: 1 });
      ok((await coming).includes("event: create\ndata: {"), "then what is written");
      await reader?.cancel();
      ok((await handler(new Request("http://localhost/metrics"))).ok, "the counters are read");
    },
  },
];
