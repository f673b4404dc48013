/**
 * Models over data that backbone-redis-store wrote: the same hash, counter, unique keys and sets.
 *
 * @module
 */

import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisModelStore, seedModelStore } from "../../../adapters/redis/models.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import {
  createModel,
  defineModel,
  type Model,
  type ModelsBackend,
  reindex,
} from "../../../src/models/mod.ts";
import { sleep } from "../../../src/waiting.ts";
import { modelStoreContract } from "../../contracts/model_store.ts";
import { PLAIN_SHAPE } from "../../contracts/model_writes.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { z } from "zod";

const clock = systemClock();

/**
 * What the layout cannot keep: JSON byte for byte, as the id is among the fields; ids as the only list of all records;
 * members that are no text, or have control characters.
 */
const NOT_IN_THE_SEED = /byte for byte|range half-open|of no other|scopes before and after/;

modelStoreContract(
  (name, run) =>
    NOT_IN_THE_SEED.test(name) ? undefined : redisTest(`${name}, in the seed's layout`, run),
  async () => {
    const stack = new AsyncDisposableStack();
    const redis = stack.use(await startRedis());
    const { url, token } = stack.use(await startGateway(redis));
    const store = () => seedModelStore(connectRedis({ url, token }));
    return {
      shape: { ...PLAIN_SHAPE, layout: "seed" },
      store: store(),
      peer: () => Promise.resolve(store()),
      advance: (ms) => sleep(clock, ms),
      [Symbol.asyncDispose]: () => stack.disposeAsync(),
    };
  },
);

const Seed = defineModel({
  key: "user",
  layout: "seed",
  schema: z.object({ username: z.string(), num: z.number().nullish(), age: z.number().optional() }),
  unique: ["username", "num"],
  index: ["age"],
  sets: ["tags"],
});
type SeedModel = Model<NonNullable<(typeof Seed)["types"]>>;

/** Two users as the seed leaves them. */
async function withSeed(
  run: (redis: RedisServer, users: SeedModel, backend: ModelsBackend) => Promise<void>,
): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const { url, token } = gateway;
  await redis.command("HSET", "user", "1", `{"id":1,"username":"Bob","num":null,"age":3}`);
  await redis.command("HSET", "user", "2", `{"id":2,"username":"Eve"}`);
  await redis.command("MSET", "unique|user:username|bob", "1", "unique|user:num|null", "1");
  await redis.command("MSET", "unique|user:username|eve", "2", "unique|user:num|undefined", "2");
  await redis.command("SET", "next|user", "2");
  await redis.command("SADD", "user|set:tags|1", "red", "blue");
  const connection = connectRedis({ url, token });
  const backend = {
    ...connection,
    models: redisModelStore(connection, { seed: seedModelStore(connection) }),
    wakes: redisWakes(connection),
  };
  await run(redis, createModel(backend, Seed), backend);
}

redisTest("Model reads what the seed wrote, by id, by unique value, and all of it", async () => {
  await withSeed(async (_redis, users) => {
    const bob = await users.get(1);
    deepStrictEqual([bob?.id, bob?.username, bob?.age], [1, "Bob", 3]);
    strictEqual((await users.getByUnique("username", "BOB"))?.id, 1);
    deepStrictEqual((await users.find({})).records.map(({ id }) => id), [1, 2]);
    strictEqual(await users.count(), 2);
    deepStrictEqual((await users.members(1, "tags").list()).records, ["blue", "red"]);
    strictEqual(await users.members(1, "tags").has("red"), true);
  });
});

redisTest(
  "Model updates what the seed wrote in place, and frees what it no longer holds",
  async () => {
    await withSeed(async (redis, users) => {
      const bob = await users.get(1);
      ok(bob);
      const fred = await users.update(bob, { username: "Fred", num: 7 });
      deepStrictEqual(JSON.parse(String(await redis.command("HGET", "user", "1"))), {
        id: 1,
        username: "Fred",
        num: 7,
        age: 3,
      });
      const keys = await redis.command("KEYS", "unique|*") as string[];
      deepStrictEqual(keys.sort(), [
        "unique|user:num|7",
        "unique|user:num|undefined",
        "unique|user:username|eve",
        "unique|user:username|fred",
      ]);
      await rejects(users.update(bob, { age: 1 }), { code: "ERR_CONFLICT", current: fred });
      await rejects(users.create({ username: "EVE" }), { code: "ERR_UNIQUE", owner: 2 });
      strictEqual((await users.create({ username: "new" })).id, 3);
      strictEqual(await redis.command("GET", "next|user"), "3");
      await users.members(1, "tags").add("green");
      strictEqual(await redis.command("SISMEMBER", "user|set:tags|1", "green"), 1);
      strictEqual(await users.delete(2), true);
      deepStrictEqual(await redis.command("EXISTS", "unique|user:username|eve"), 0);
    });
  },
);

redisTest("Model draws no id that is there, whatever the seed's counter says", async () => {
  await withSeed(async (redis, users) => {
    await redis.command("SET", "next|user", "0");
    strictEqual((await users.create({ username: "new" })).id, 3);
  });
});

redisTest("reindex() gives the seed's data its order", async () => {
  await withSeed(async (_redis, users, backend) => {
    strictEqual((await users.find({ age: {} })).records.length, 0);
    await reindex(backend, Seed);
    deepStrictEqual((await users.find({ age: {} })).records.map(({ id }) => id), [1]);
  });
});
