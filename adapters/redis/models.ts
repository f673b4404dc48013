/**
 * Models on Redis: the driver of the port.
 *
 * A commit is one script; a read that decides nothing is one plain command where one key has the answer, and a script
 * where several have. What each costs stands in the README.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import { memberPrefix, rangeOf, shardOf } from "../../src/models/index_keys.ts";
import type { ModelShape, ModelStore, StoreOptions } from "../../src/models/port.ts";
import { wakeChannel } from "../../src/models/port.ts";
import type { RedisConnection } from "./connection.ts";
import {
  BY_CLAIM_SCRIPT,
  CHANGES_BYTES_MAX,
  CHANGES_SCRIPT,
  COUNT_SCRIPT,
  GET_SCRIPT,
  MEMBERS_SCRIPT,
  PAGE_SCRIPT,
  type ReadScript,
} from "./model_read_scripts.ts";
import {
  allKeys,
  commitArgs,
  commitResult,
  headRead,
  journalRead,
  type ModelKeys,
  modelKeys,
  numbered,
  placedClaim,
  storedRecord,
  sweepArgs,
  texts,
  withToken,
} from "./model_values.ts";
import { OWN_LAYOUT } from "./model_base_script.ts";
import { CREATE_ALONE } from "./model_create_script.ts";
import { type WriteScripts, writeScripts } from "./model_write_scripts.ts";
import type { RedisReply } from "./reply.ts";

export * from "./connection.ts";
export { seedModelStore } from "./models_seed.ts";

const SCRIPTS: WriteScripts = /* @__PURE__ */ writeScripts(OWN_LAYOUT, {
  shortWay: CREATE_ALONE,
});

/** Options of {@linkcode redisModelStore}. */
export interface RedisModelOptions {
  /** Serves models of `layout: "seed"`: what {@linkcode seedModelStore} makes. None by default: few need it. */
  readonly seed?: ModelStore;
}

/**
 * A store of models on a Redis. Holds nothing between calls but the names of keys.
 *
 * Models of `layout: "seed"` go to the store that `seed` says; without one they are `ERR_INVALID_OPTION`, and a bundle
 * has nothing of it. The backend of `redis()` serves both.
 */
export function redisModelStore(
  connection: RedisConnection,
  { seed }: RedisModelOptions = {},
): ModelStore {
  const own = ownModelStore(connection);
  const of = ({ layout }: ModelShape): ModelStore => {
    if (layout !== "seed") return own;
    if (seed !== undefined) return seed;
    throw new HoldfastError(
      "ERR_INVALID_OPTION",
      `Cannot use layout "seed" as the store of models must be made with { seed }`,
    );
  };
  // Each method is async so that a throw is a rejection.
  return {
    commit: async (shape, writes, options) => await of(shape).commit(shape, writes, options),
    get: async (shape, ids, options) => await of(shape).get(shape, ids, options),
    getByClaim: async (shape, claim, options) => await of(shape).getByClaim(shape, claim, options),
    page: async (shape, range, options) => await of(shape).page(shape, range, options),
    members: async (shape, id, set, options) => await of(shape).members(shape, id, set, options),
    count: async (shape, range, options) => await of(shape).count(shape, range, options),
    changes: async (shape, after, options) => await of(shape).changes(shape, after, options),
    sweep: async (shape, options) => await of(shape).sweep(shape, options),
  };
}

function ownModelStore({ client, namespace, random }: RedisConnection): ModelStore {
  const known = new WeakMap<ModelShape, ModelKeys>();
  const keysOf = (shape: ModelShape): ModelKeys => {
    let keys = known.get(shape);
    if (keys === undefined) known.set(shape, keys = modelKeys(namespace, shape));
    return keys;
  };
  const read = (
    { expires }: ModelShape,
    script: ReadScript,
    keys: readonly string[],
    args: readonly string[],
    { signal }: StoreOptions = {},
  ): Promise<RedisReply> =>
    client.run(expires ? script.expiring : script.plain, { keys, args, signal });

  return {
    async commit(shape, writes, options) {
      const keys = keysOf(shape);
      const script = shape.expires ? SCRIPTS.commitExpiring : SCRIPTS.commit;
      const args = commitArgs(shape, keys, writes, withToken(random, options));
      const channel = wakeChannel(shape.key);
      const { signal } = options;
      return commitResult(await client.run(script, { keys: allKeys(keys), args, channel, signal }));
    },

    async get(shape, ids, options = {}) {
      const { records } = keysOf(shape);
      const shards = ids.map((id) => shardOf(id, records.length));
      const [first = 0] = shards;
      if (ids.length === 0) return [];
      const isPlain = !shape.expires && shards.every((shard) => shard === first);
      const reply = isPlain
        ? await client.command(["HMGET", records[first] ?? "", ...ids], {
          ...options,
          effect: "read",
        })
        : await read(
          shape,
          GET_SCRIPT,
          records,
          ids.flatMap((id, at) => [String(shards[at]), id]),
          options,
        );
      const values = Array.isArray(reply) ? reply : [];
      return ids.map((id, at) => {
        const value = values[at];
        return typeof value === "string" && value !== "" ? storedRecord(id, value) : undefined;
      });
    },

    async getByClaim(shape, claim, options) {
      const keys = keysOf(shape);
      const state = keys.state[Number.parseInt(placedClaim(keys, claim))] ?? "";
      const reply = await read(
        shape,
        BY_CLAIM_SCRIPT,
        [state, ...keys.records],
        [`u${claim}`],
        options,
      );
      const [id, value] = texts(reply);
      return id === undefined || value === undefined ? undefined : storedRecord(id, value);
    },

    async page(shape, { from, to }, { limit, isReverse, ...options }) {
      const { records, order } = keysOf(shape);
      const args = [String(records.length), from, to, String(limit), isReverse ? "1" : "0"];
      const reply = await read(shape, PAGE_SCRIPT, [...records, ...order], args, options);
      const [next = "", ...pairs] = texts(reply);
      const found = pairs.flatMap((id, at) =>
        at % 2 === 0 ? [storedRecord(id, pairs[at + 1] ?? "")] : []
      );
      return { records: found, next: next === "" ? undefined : next };
    },

    async members(shape, id, set, { from, limit, ...options }) {
      const { records, order } = keysOf(shape);
      const shard = shardOf(id, records.length);
      const range = rangeOf(memberPrefix(set, id));
      const keys = [records[shard] ?? "", order[shard] ?? ""];
      const args = [id, range.from + from, range.to, String(limit)];
      const found = texts(await read(shape, MEMBERS_SCRIPT, keys, args, options));
      return found.map((entry) => entry.slice(range.from.length));
    },

    async count(shape, range, options = {}) {
      const { state, order } = keysOf(shape);
      const call = { ...options, effect: "read" } as const;
      if (range === undefined) {
        return Number(await client.command(["HGET", state[0] ?? "", "count"], call) ?? 0);
      }
      const { from, to } = range;
      if (order.length === 1) {
        return Number(
          await client.command(["ZLEXCOUNT", order[0] ?? "", `[${from}`, `(${to}`], call),
        );
      }
      const [count] = texts(
        await client.run(COUNT_SCRIPT, { ...options, keys: order, args: [from, to] }),
      );
      return Number(count);
    },

    async changes(shape, position, { limit, ...options }) {
      const [state = ""] = keysOf(shape).state;
      if (position === undefined || !shape.isWatched) {
        const call = { ...options, effect: "read" } as const;
        const reply = await client.command(["HMGET", state, "epoch", "seq", "tag"], call);
        return headRead(reply, shape.isWatched);
      }
      const { epoch, index, tag } = position;
      const args = [epoch, String(index), tag, String(limit), String(CHANGES_BYTES_MAX)];
      const reply = await client.run(CHANGES_SCRIPT, { ...options, keys: [state], args });
      return numbered(journalRead(reply), index);
    },

    async sweep(shape, { limit, tag, signal }) {
      const keys = keysOf(shape);
      const args = sweepArgs(shape, keys, { limit, tag });
      const channel = wakeChannel(shape.key);
      const reply = await client.run(SCRIPTS.sweep, { keys: allKeys(keys), args, channel, signal });
      const [retired, isDone] = texts(reply);
      return { retired: Number(retired), isDone: isDone === "1" };
    },
  };
}
