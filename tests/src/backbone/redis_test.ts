import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { redis as redisBackend, type RedisBackend } from "../../../adapters/redis/mod.ts";
import { RedisStore } from "../../../src/backbone/mod.ts";
import { Backbone, refusalOf } from "../../support/backbone/people.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";

/** A server, and collections on it, each as another process has it. */
interface Bench {
  readonly redis: RedisServer;
  readonly gateway: TestGateway;
  // deno-lint-ignore no-explicit-any -- Backbone has no types
  collection(layout?: "own" | "seed"): any;
}

async function onRedis(run: (bench: Bench) => Promise<void>): Promise<void> {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  RedisStore.infect(Backbone);
  const backend = (): RedisBackend => redisBackend({ url: gateway.url, token: gateway.token });
  const model = Backbone.RedisModel.extend({ sets: { tags: {} } });
  await run({
    redis,
    gateway,
    collection: (layout = "own") => {
      const options = { key: "user", unique: ["username", "num"], layout };
      const redisStore = new RedisStore({ ...options, redisClient: backend() });
      return new (Backbone.Collection.extend({ model, redisStore }))();
    },
  });
}

redisTest("Model.save() of one username by many processes stores one", async () => {
  await onRedis(async ({ collection }) => {
    const saves = Array.from({ length: 100 }, (_, n) => {
      const username = n % 2 === 0 ? "ada" : "Ada";
      return collection().add({ username }).save();
    });
    const refused = (await Promise.allSettled(saves)).filter(({ status }) => status === "rejected");
    strictEqual(refused.length, 99);
    const users = collection();
    await users.fetch();
    strictEqual(users.length, 1);
  });
});

redisTest(
  "calls of Backbone cost one request each, and one more for each set they touch",
  async () => {
    await onRedis(async ({ redis, gateway, collection }) => {
      const users = collection();
      const ada = users.add({ username: "ada" });
      await ada.save();
      await ada.setAdd("tags", "a");
      await users.fetch();
      await users.getByUnique("username", "ADA");
      await users.add({ username: "bob" }).save();
      const requests = async (action: () => Promise<unknown>): Promise<number> =>
        (await spent(redis, gateway, action)).requests;
      const other = collection();
      // The first script of a connection asks which dialect its server speaks.
      await other.getByUnique("username", "bob");
      deepStrictEqual({
        create: await requests(() => users.add({ username: "eve" }).save()),
        update: await requests(() => ada.save({ username: "countess" })),
        patch: await requests(() => ada.save({ age: 1 }, { patch: true })),
        setAdd: await requests(() => ada.setAdd("tags", "b")),
        fetch: await requests(() => ada.fetch()),
        getByUnique: await requests(() => other.getByUnique("username", "countess")),
        loaded: await requests(() => other.getByUnique("username", "countess")),
        fetchAll: await requests(() => other.fetch()),
        destroy: await requests(() => users.at(1).destroy()),
      }, {
        create: 1,
        update: 1,
        patch: 2,
        setAdd: 1,
        fetch: 2,
        getByUnique: 2,
        loaded: 0,
        fetchAll: 4,
        destroy: 1,
      });
    });
  },
);

redisTest("RedisStore with the seed's layout is a drop-in for what the seed wrote", async () => {
  await onRedis(async ({ redis, collection }) => {
    await redis.command("HSET", "user", "1", `{"id":1,"username":"Bob","num":null}`);
    await redis.command("HSET", "user", "2", `{"id":2,"username":"Eve","num":5}`);
    await redis.command("MSET", "unique|user:username|bob", "1", "unique|user:num|null", "1");
    await redis.command("MSET", "unique|user:username|eve", "2", "unique|user:num|5", "2");
    await redis.command("SET", "next|user", "2");
    await redis.command("SADD", "user|set:tags|1", "red", "blue");
    const users = collection("seed");

    const bob = await users.getByUnique("username", "BOB");
    deepStrictEqual(bob.toJSON(), {
      id: 1,
      username: "Bob",
      num: null,
      sets: { tags: { blue: true, red: true } },
    });
    strictEqual((await users.getByUnique("num", 5)).id, 2);
    await bob.save({ username: "Fred" });
    strictEqual(
      (await refusalOf(collection("seed").getByUnique("username", "bob"))).errorCode,
      404,
    );
    strictEqual((await refusalOf(users.get(2).save({ username: "FRED" }))).owner, 1);

    bob.setDelete("tags", "red", { noSave: true });
    await bob.setAdd("tags", "green");
    deepStrictEqual((await redis.command("SMEMBERS", "user|set:tags|1") as string[]).sort(), [
      "blue",
      "green",
    ]);
    deepStrictEqual(JSON.parse(String(await redis.command("HGET", "user", "1"))), {
      id: 1,
      username: "Fred",
      num: null,
    });
    strictEqual((await users.add({ username: "new" }).save()).id, 3);
    await bob.destroy();
    strictEqual(await redis.command("EXISTS", "unique|user:username|fred"), 0);
    const all = collection("seed");
    await all.fetch();
    deepStrictEqual(all.pluck("id").sort(), [2, 3]);
  });
});
