/**
 * Models in the layout of backbone-redis-store, read and updated in place.
 *
 * It costs what that layout must: a command for each unique value, two requests for a page (which lists all ids where
 * it goes by them, as the seed's data stands in no order), two for the first write over a record that the seed wrote.
 *
 * @module
 */

import { ArgumentError } from "../../src/errors.ts";
import { idOfEntry, SEPARATOR, withId } from "../../src/models/index_keys.ts";
import { compareUtf8, decodeScalar, encodeScalar } from "../../src/ordered_text.ts";
import { isJsonObject, parseJson } from "../../src/json.ts";
import {
  type CommitResult,
  type EntryRange,
  type ModelShape,
  type ModelStore,
  type ModelWrite,
  type PageOptions,
  type StoredRecord,
  type StoreOptions,
  wakeChannel,
} from "../../src/models/port.ts";
import type { RedisClient } from "./client.ts";
import type { RedisConnection } from "./connection.ts";
import { CHANGES_BYTES_MAX, CHANGES_SCRIPT, type ReadScript } from "./model_read_scripts.ts";
import {
  SEED_ADOPTION,
  SEED_BY_CLAIM_SCRIPT,
  SEED_GET_SCRIPT,
  SEED_LAYOUT,
} from "./model_seed_scripts.ts";
import {
  allKeys,
  commitArgs,
  commitResult,
  counted,
  headRead,
  journalRead,
  type ModelKeys,
  numbered,
  storedRecord,
  sweepArgs,
  texts,
  withToken,
} from "./model_values.ts";
import { type WriteScripts, writeScripts } from "./model_write_scripts.ts";
import { malformed } from "./failures.ts";
import type { RedisCommand, RedisReply, RedisResult } from "./reply.ts";

const SCRIPTS: WriteScripts = /* @__PURE__ */ writeScripts(SEED_LAYOUT, {
  adoption: SEED_ADOPTION,
});
const HIDDEN: EntryRange = { from: `h${SEPARATOR}`, to: "h\u0001" };
const ALL: EntryRange = { from: `i${SEPARATOR}`, to: "i\u0001" };

/**
 * A store of models in the layout of backbone-redis-store, for {@linkcode redisModelStore} to send its models to.
 *
 * That layout has a key for every unique value, so its scripts touch keys that they do not declare: it runs on one
 * Redis, on a cluster with a key in braces, and on Upstash at the price of its lock on the whole database.
 */
export function seedModelStore({ client, random }: RedisConnection): ModelStore {
  return {
    commit: (shape, writes, options) =>
      commit(client, shape, writes.map(asSeed(shape)), withToken(random, options)),
    async get(shape, ids, options) {
      return ids.length === 0 ? [] : await get(client, shape, ids, options);
    },
    async getByClaim({ key, ...shape }, claim, options) {
      const keys = [`meta|${key}`, key, claimKey(key, claim)];
      const found = texts(await run(client, shape, SEED_BY_CLAIM_SCRIPT, keys, [], options));
      const [id, value] = found;
      return id === undefined || value === undefined ? undefined : seedRecord(id, value);
    },
    page: (shape, range, options) => page(client, shape, range, options),
    async members(shape, id, set, { from, limit, ...options }) {
      const [record] = await get(client, shape, [id], options);
      if (record === undefined) return [];
      const call = { ...options, effect: "read" } as const;
      const found = await client.command(["SMEMBERS", `${shape.key}|set:${set}|${id}`], call);
      return texts(found).map(encodeScalar).sort(compareUtf8)
        .filter((member) => compareUtf8(member, from) >= 0).slice(0, limit);
    },
    async count({ key }, range, options = {}) {
      const call = { ...options, effect: "read" } as const;
      const { from, to } = range ?? HIDDEN;
      const among: RedisCommand = ["ZLEXCOUNT", `index|${key}`, `[${from}`, `(${to}`];
      if (range !== undefined && range.from !== ALL.from) {
        return Number(await client.command(among, call));
      }
      const [all, hidden] = await client.pipeline([["HLEN", key], among], call);
      return range === undefined ? numberOf(all) - numberOf(hidden) : numberOf(all);
    },
    async changes({ key, isWatched }, position, { limit, ...options }) {
      const state = `meta|${key}`;
      if (position === undefined || !isWatched) {
        const call = { ...options, effect: "read" } as const;
        const reply = await client.command(["HMGET", state, "epoch", "seq", "tag"], call);
        return headRead(reply, isWatched);
      }
      const { epoch, index, tag } = position;
      const args = [epoch, String(index), tag, String(limit), String(CHANGES_BYTES_MAX)];
      return numbered(
        journalRead(await client.run(CHANGES_SCRIPT, { ...options, keys: [state], args })),
        index,
      );
    },
    async sweep(shape, { limit, tag, signal }) {
      const keys = seedKeys(shape);
      const args = sweepArgs(shape, keys, { limit, tag });
      const call = { keys: writtenKeys(shape), args, channel: wakeChannel(shape.key), signal };
      const [retired, isDone] = texts(await client.run(SCRIPTS.sweep, call));
      return { retired: Number(retired), isDone: isDone === "1" };
    },
  };
}

async function commit(
  client: RedisClient,
  shape: ModelShape,
  writes: readonly ModelWrite[],
  { signal, ...options }: Parameters<ModelStore["commit"]>[2] & { readonly token: string },
): ReturnType<ModelStore["commit"]> {
  const keys = seedKeys(shape);
  const script = shape.expires ? SCRIPTS.commitExpiring : SCRIPTS.commit;
  const channel = wakeChannel(shape.key);
  const adopted = new Map<string, readonly string[]>();
  for (;;) {
    const args = [...commitArgs(shape, keys, writes, options), String(adopted.size)];
    for (const [id, claims] of adopted) args.push(id, ...counted(claims));
    const reply = await client.run(script, { keys: writtenKeys(shape), args, channel, signal });
    const [kind, ...strange] = texts(reply);
    if (kind !== "adopt") return seedResult(commitResult(reply));
    // Records that only the seed has written: say what they may hold, and send the same again.
    for (let at = 0; at < strange.length; at += 2) {
      adopted.set(strange[at] ?? "", heldBefore(shape, strange[at + 1] ?? ""));
    }
  }
}

async function get(
  client: RedisClient,
  { key, ...shape }: ModelShape,
  ids: readonly string[],
  options?: StoreOptions,
): Promise<readonly (StoredRecord | undefined)[]> {
  const reply = await run(client, shape, SEED_GET_SCRIPT, [`meta|${key}`, key], ids, options);
  const values = texts(reply);
  return ids.map((id, at) => {
    const value = values[at] ?? "";
    return value === "" ? undefined : seedRecord(id, value);
  });
}

async function page(
  client: RedisClient,
  shape: ModelShape,
  { from, to }: EntryRange,
  { limit, isReverse, signal }: PageOptions & StoreOptions,
): ReturnType<ModelStore["page"]> {
  const call = { signal, effect: "read" } as const;
  const isAll = compareUtf8(ALL.from, from) <= 0 && compareUtf8(to, ALL.to) <= 0;
  const entries = isAll
    ? texts(await client.command(["HKEYS", shape.key], call)).map((id) => withId("i", id))
      .filter((entry) => compareUtf8(from, entry) <= 0 && compareUtf8(entry, to) < 0)
      .sort((a, b) => isReverse ? compareUtf8(b, a) : compareUtf8(a, b))
    : texts(
      await client.command([
        isReverse ? "ZREVRANGEBYLEX" : "ZRANGEBYLEX",
        `index|${shape.key}`,
        ...isReverse ? [`(${to}`, `[${from}`] : [`[${from}`, `(${to}`],
        "LIMIT",
        0,
        limit + 1,
      ], call),
    );
  const shown = entries.slice(0, limit);
  const found = shown.length === 0
    ? []
    : await get(client, shape, shown.map(idOfEntry), { signal });
  return {
    records: found.filter((record) => record !== undefined),
    next: entries.length > limit ? shown.at(-1) : undefined,
  };
}

function run(
  client: RedisClient,
  { expires }: Pick<ModelShape, "expires">,
  script: ReadScript,
  keys: readonly string[],
  args: readonly string[],
  { signal }: StoreOptions = {},
): Promise<RedisReply> {
  return client.run(expires ? script.expiring : script.plain, { keys, args, signal });
}

/** The keys with fixed names. Unique values have a key each. */
function seedKeys({ key }: ModelShape): ModelKeys {
  return { state: [`meta|${key}`], records: [key], order: [`index|${key}`], claims: "keys" };
}

function writtenKeys(shape: ModelShape): readonly string[] {
  return [...allKeys(seedKeys(shape)), `next|${shape.key}`];
}

/** The key of a unique value: lower-cased text, or for several fields a JSON array. */
function claimKey(key: string, claim: string): string {
  const [name = "", ...parts] = claim.split(SEPARATOR);
  const values = parts.map(decodeScalar);
  return uniqueKey(key, name, values);
}

function uniqueKey(key: string, name: string, values: readonly unknown[]): string {
  const text = values.length === 1 ? String(values[0]) : JSON.stringify(values);
  return `unique|${key}:${name}|${text.toLowerCase()}`;
}

/** What a record of the seed may hold: it made text of a missing value, too. */
function heldBefore({ key, uniqueNames }: ModelShape, value: string): readonly string[] {
  const fields = parseJson(value.slice(value.indexOf("\n") + 1), "a record of the seed");
  return uniqueNames.map((name) => {
    const values = name.split("+").map((field) => isJsonObject(fields) ? fields[field] : undefined);
    return `1:${uniqueKey(key, name, values)}`;
  });
}

function asSeed({ key }: ModelShape): (write: ModelWrite) => ModelWrite {
  return (write) => {
    if (write.kind === "put") {
      return { ...write, claims: write.claims.map((claim) => claimKey(key, claim)) };
    }
    if (write.kind === "delete") return write;
    return { ...write, add: write.add.map(seedMember), remove: write.remove.map(seedMember) };
  };
}

/** A member as text, as the seed's sets have no other. */
function seedMember(member: string): string {
  const text = String(decodeScalar(member));
  if (!/\p{Cc}/u.test(text)) return encodeScalar(text);
  throw new ArgumentError(
    "ERR_INVALID_KEY",
    "Cannot use a value as a member as the seed's layout takes no control characters",
  );
}

/** The record of a stored value; the seed's JSON has the id among its fields. */
function seedRecord(id: string, value: string): StoredRecord {
  const stored = storedRecord(id, value);
  try {
    const fields = parseJson(stored.body ?? "", "a record of the seed");
    if (!isJsonObject(fields)) return { ...stored, body: undefined };
    const { id: _id, ...rest } = fields;
    return { ...stored, body: JSON.stringify(rest) };
  } catch {
    // What stands there is no JSON: the reader is told that it is no record.
    return { ...stored, body: undefined };
  }
}

function seedResult(result: CommitResult): CommitResult {
  if (result.kind === "conflict") return { ...result, current: withoutId(result.current) };
  return result.kind === "taken" ? { ...result, owner: withoutId(result.owner) } : result;
}

function numberOf(result: RedisResult | undefined): number {
  if (result?.kind === "reply") return Number(result.reply);
  throw result?.error ?? malformed("a result is missing");
}

function withoutId(record: StoredRecord | undefined): StoredRecord | undefined {
  return record && { ...record, body: seedRecord(record.id, `\n${record.body ?? ""}`).body };
}
