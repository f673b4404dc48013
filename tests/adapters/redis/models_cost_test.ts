import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisModelStore } from "../../../adapters/redis/models.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { type Spent, spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { z } from "zod";

const definition = {
  schema: z.object({ email: z.string(), age: z.number() }),
  unique: ["email"],
  index: ["age"],
  sets: ["tags"],
} as const;

redisTest("Model operations cost one request and what the README says", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  const connection = connectRedis({ url, token });
  const backend = {
    ...connection,
    models: redisModelStore(connection),
    wakes: redisWakes(connection),
  };
  const users = createModel(backend, defineModel({ key: "user", ...definition }));
  const first = await users.create({ email: "a", age: 1 });
  // Every script is loaded before it is counted.
  await users.find({});
  await users.getByUnique("email", "a");
  await users.members(1, "tags").list();

  const cost = async (action: () => Promise<unknown>): Promise<Spent> => {
    const one = await spent(redis, gateway, action);
    strictEqual(one.requests, 1, JSON.stringify(one));
    return one;
  };
  const billed = async (action: () => Promise<unknown>) => (await cost(action)).billed;
  const costs = {
    create: await billed(() => users.create({ email: "b", age: 2 })),
    createWithId: await billed(() => users.create({ id: 9, email: "c", age: 2 })),
    get: await billed(() => users.get(1)),
    getMany: await billed(() => users.getMany([1, 2, 9])),
    getByUnique: await billed(() => users.getByUnique("email", "a")),
    updateAll: await billed(() => users.update(first, { email: "x", age: 3 })),
    page: await billed(() => users.find({ age: { gte: 0 } })),
    count: await billed(() => users.count()),
    delete: await billed(() => users.delete(9)),
    changes: await billed(() => users.cursor()),
  };
  const record = await users.get(1);
  ok(record);
  const plain = await cost(() => users.update(record, { age: 3 }));
  deepStrictEqual(costs, {
    create: 7,
    createWithId: 8,
    get: 1,
    getMany: 1,
    getByUnique: 3,
    updateAll: 9,
    page: 3,
    count: 1,
    delete: 9,
    changes: 1,
  });
  ok(plain.billed <= 8, JSON.stringify(plain));
  // What the short way of a create reads, it reads again before it answers that, or does something else.
  const taken = { code: "ERR_UNIQUE", owner: 1 };
  deepStrictEqual({
    refused: await billed(() => rejects(users.create({ email: "X", age: 4 }), taken)),
    refusedId: await billed(() => rejects(users.create({ id: 2, email: "d", age: 4 }))),
    upsertNew: await billed(() => users.upsert({ id: 11, email: "e", age: 4 })),
    upsertKnown: await billed(() => users.upsert({ id: 11, email: "e", age: 5 })),
    upsertRefused: await billed(() => rejects(users.upsert({ id: 12, email: "X", age: 4 }), taken)),
  }, { refused: 7, refusedId: 6, upsertNew: 8, upsertKnown: 9, upsertRefused: 7 });
});
