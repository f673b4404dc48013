/**
 * Models on a real Redis with everything going wrong between the two: random operations against a plain model, and at
 * the end every key that is left.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { connectRedis } from "../../../adapters/redis/connection.ts";
import { redisModelStore } from "../../../adapters/redis/models.ts";
import { restRequester } from "../../../adapters/redis/requester.ts";
import { redisWakes } from "../../../adapters/redis/wakes.ts";
import { systemClock } from "../../../src/clock.ts";
import { memberOfPrefix, memberPrefix, shardOf, withId } from "../../../src/models/index_keys.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { claimsOf, entriesOf, memberOf } from "../../../src/models/record_keys.ts";
import { seededRandom } from "../../../src/random.ts";
import { everyFault, faultRequester, type FaultRule } from "../../support/fault_requester.ts";
import { compare, PlainUsers, step } from "../../support/models/plain_users.ts";
import { person, User } from "../../support/models/users.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { type RedisServer, startRedis } from "../../support/redis/server.ts";
import { z } from "zod";

const clock = systemClock();
const SEED = Number(Deno.env.get("SEED") ?? 0) || crypto.getRandomValues(new Uint32Array(1))[0] ||
  1;
const UNIT = "holdfast:{models:user}:";

for (const shards of [1, 8]) {
  redisTest(
    `Model on Redis does what a plain model does through every fault, ${shards} shards (SEED=${SEED})`,
    async () => {
      await using redis = await startRedis();
      await using gateway = await startGateway(redis, { isStrict: true });
      const { backend, requester } = faulty(gateway, everyFault(0.04, 5));
      const definition = { ...User, plan: { ...User.plan, shape: { ...User.plan.shape, shards } } };
      const model = createModel(backend, definition);
      const plain = new PlainUsers();
      const random = seededRandom(SEED);
      for (let at = 0; at < 250; at++) await step(model, plain, random);
      await requester.idle();
      ok(Object.keys(requester.struck).length > 5, "faults struck");
      requester.rules = [];
      await compare(model, plain);
      await compareKeys(redis, plain, shards);
    },
  );
}

redisTest("Model writes whose answers are all lost once happen once", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  for (const fault of ["drop-after", "double", "truncate", "garbage"] as const) {
    await redis.command("FLUSHALL");
    const { backend, requester } = faulty(gateway, []);
    const users = createModel(backend, User);
    const notes = createModel(
      backend,
      defineModel({ key: "note", schema: z.object({ text: z.string() }) }),
    );
    const once = async <T>(action: () => Promise<T>): Promise<T> => {
      let isLeft = true;
      requester.rules = [{
        fault,
        chance: 1,
        ms: 1,
        get match() {
          const matches = isLeft;
          isLeft = false;
          return matches ? /EVAL/ : /^never$/;
        },
      }];
      return await action();
    };
    const ada = await once(() => users.create({ ...person("ada"), age: 1 }));
    const note = await once(() => notes.create({ text: "a" }));
    deepStrictEqual([ada.id, note.id], [1, 1]);
    const changed = await once(() => users.update(ada, { age: 2 }));
    const patched = await once(() => users.patch(1, ({ age = 0 }) => ({ age: age + 1 })));
    strictEqual(patched.age, 3);
    ok(changed.$version !== patched.$version);
    strictEqual(await once(() => users.members(1, "tags").add("x")), 1);
    strictEqual(await once(() => users.delete(patched)), true);
    await requester.idle();
    requester.rules = [];
    deepStrictEqual([await users.count(), await notes.count()], [0, 1]);
    strictEqual((await notes.create({ text: "b" })).id, 2);
  }
});

function faulty(gateway: { url: string; token: string }, rules: readonly FaultRule[]) {
  const random = seededRandom(SEED + 1);
  const inner = restRequester({ ...gateway, url: gateway.url, clock, fetch });
  const requester = faultRequester(inner, { clock, random, rules });
  const connection = connectRedis({ requester, attemptTimeout: 500, random });
  const models = redisModelStore(connection);
  return { backend: { ...connection, models, wakes: redisWakes(connection) }, requester };
}

/** Every key that is left, against what the plain model must have left. */
async function compareKeys(redis: RedisServer, plain: PlainUsers, shards: number): Promise<void> {
  const states = Math.max(1, shards / 4);
  const named = (kind: string, at: number): string => `${UNIT}${kind}${at === 0 ? "" : `:${at}`}`;
  const expected = new Map<string, Set<string>>();
  const put = (key: string, name: string): void => {
    expected.set(key, (expected.get(key) ?? new Set()).add(name));
  };
  for (const { record, sets } of plain.users.values()) {
    const { id: number, $version: _version, ...fields } = record;
    const id = String(number);
    const shard = shardOf(id, shards);
    put(named("records", shard), id);
    for (const claim of claimsOf(User.plan, fields)) {
      put(named("state", shardOf(claim, states)), `u${claim} ${shard}:${id}`);
    }
    for (const entry of entriesOf(User.plan, fields)) put(named("order", shard), withId(entry, id));
    for (const [set, values] of Object.entries(sets)) {
      for (const value of values) {
        const member = memberOf(value);
        put(named("order", shard), `${memberPrefix(set, id)}\u0000${member}`);
        put(named("order", shard), withId(memberOfPrefix(set, member), id));
      }
    }
  }
  const found = new Map<string, Set<string>>();
  for (const key of await redis.command("KEYS", "*") as readonly string[]) {
    const names = new Set(await namesIn(redis, key));
    if (names.size > 0) found.set(key, names);
  }
  deepStrictEqual([...found.keys()].sort(), [...expected.keys()].sort());
  for (const [key, names] of expected) {
    deepStrictEqual([...found.get(key) ?? []].sort(), [...names].sort(), key);
  }
  const [next, count] = await redis.command(
    "HMGET",
    named("state", 0),
    "next",
    "count",
  ) as string[];
  deepStrictEqual([Number(next), Number(count)], [plain.last, plain.users.size]);
}

/** What stands in a key, without the journal and the head, which bounds and counters account for. */
async function namesIn(redis: RedisServer, key: string): Promise<readonly string[]> {
  if (key.includes("}:order")) return utf8(await redis.command("ZRANGE", key, 0, -1));
  if (key.includes("}:records")) return await redis.command("HKEYS", key) as string[];
  const flat = utf8(await redis.command("HGETALL", key));
  return flat.flatMap((name, at) =>
    at % 2 === 0 && name.startsWith("u") ? [`${name} ${flat[at + 1]}`] : []
  );
}

/** Texts of a wire that gives every byte as a character. */
function utf8(reply: unknown): readonly string[] {
  return (reply as string[]).map((text) =>
    new TextDecoder().decode(Uint8Array.from(text, (char) => char.charCodeAt(0)))
  );
}
