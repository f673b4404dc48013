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
  journalRead,
  type ModelKeys,
  modelKeys,
  numbered,
  placedClaim,
  storedRecord,
  sweepArgs,
  texts,
} from "./model_values.ts";
import { OWN_LAYOUT } from "./model_base_script.ts";
import { type WriteScripts, writeScripts } from "./model_write_scripts.ts";
import type { RedisReply } from "./reply.ts";

export * from "./connection.ts";

/** The most bytes of entries that one look at a journal brings, short of the 10 MB that an answer may have. */
const CHANGES_BYTES_MAX = 4_194_304;

const SCRIPTS: WriteScripts = /* @__PURE__ */ writeScripts(OWN_LAYOUT);

/** A store of models on a Redis. Holds nothing between calls. */
export function redisModelStore({ client, namespace }: RedisConnection): ModelStore {
  const keysOf = (shape: ModelShape): ModelKeys => {
    if (shape.layout === "seed") throw noSeed();
    return modelKeys(namespace, shape);
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
    async commit(shape, writes, { signal, ...options }) {
      const keys = keysOf(shape);
      const script = shape.expires ? SCRIPTS.commitExpiring : SCRIPTS.commit;
      const args = commitArgs(shape, keys, writes, options);
      const channel = wakeChannel(shape.key);
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
        const [epoch, seq, tag] = Array.isArray(reply) ? reply : [];
        const head = [String(epoch ?? "0"), String(seq ?? "0"), String(tag ?? "")];
        return numbered(journalRead([shape.isWatched ? "entries" : "reset", ...head]), 0);
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

function noSeed(): HoldfastError {
  return new HoldfastError("ERR_INVALID_OPTION", `Cannot use layout "seed"`);
}
