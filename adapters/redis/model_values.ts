/**
 * Models on the wire: arguments of the scripts and what they answer, taken apart and put together.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import { idSuffix, shardOf } from "../../src/models/index_keys.ts";
import { parseEntry } from "../../src/models/journal_entry.ts";
import {
  type CommitOptions,
  type CommitResult,
  MEMBERS_MAX,
  type ModelShape,
  type ModelWrite,
  REFUSALS_MAX,
  RETIRED_PER_WRITE_MAX,
  type StoredRecord,
  type Written,
} from "../../src/models/port.ts";
import type { JournalPosition, JournalRead } from "../../src/wakes/port.ts";
import { malformed } from "./failures.ts";
import { unitPrefix } from "./keys.ts";
import type { RedisReply } from "./reply.ts";

/** The keys of a model, each kind in the order of the shards. */
export interface ModelKeys {
  /** Unique values; the first has the head and the journal as well. */
  readonly state: readonly string[];
  /** Records. */
  readonly records: readonly string[];
  /** Entries. */
  readonly order: readonly string[];
  /** Whether unique values stand in the state, or have a key each. */
  readonly claims: "state" | "keys";
}

/** The keys of a model. Unique values are small: a quarter as many keys as records have are enough for them. */
export function modelKeys(namespace: string, { key, shards }: ModelShape): ModelKeys {
  const prefix = unitPrefix(namespace, "models", key);
  const named = (kind: string, count: number): string[] =>
    Array.from({ length: count }, (_, at) => `${prefix}${kind}${at === 0 ? "" : `:${at}`}`);
  return {
    state: named("state", Math.max(1, shards / 4)),
    records: named("records", shards),
    order: named("order", shards),
    claims: "state",
  };
}

/** All of them, in the order that writing scripts want. */
export function allKeys({ state, records, order }: ModelKeys): readonly string[] {
  return [...state, ...records, ...order];
}

/** A claim with the number of the state key that keeps it. */
export function placedClaim({ state, claims }: ModelKeys, claim: string): string {
  if (claims === "keys") return `1:${claim}`;
  return `${shardOf(claim, state.length)}:${claim}`;
}

/** The arguments of a commit. */
export function commitArgs(
  shape: ModelShape,
  keys: ModelKeys,
  writes: readonly ModelWrite[],
  { token = "", digest, tag, position }: CommitOptions,
  adopted: ReadonlyMap<string, readonly string[]> = new Map(),
): readonly string[] {
  const { entriesMax, bytesMax, ageMsMax } = shape.journal;
  return [
    String(keys.state.length),
    String(keys.records.length),
    tag,
    flag(shape.hasSets),
    token,
    digest,
    position?.source ?? "",
    String(position?.index ?? 0),
    String(entriesMax),
    String(bytesMax),
    String(ageMsMax),
    flag(shape.isWatched),
    String(MEMBERS_MAX),
    String(RETIRED_PER_WRITE_MAX),
    String(REFUSALS_MAX),
    String(writes.length),
    ...writes.flatMap((write) => writeArgs(keys, write)),
    String(adopted.size),
    ...[...adopted].flatMap(([id, claims]) => [id, ...counted(claims)]),
  ];
}

/** The arguments of a sweep. */
export function sweepArgs(
  { journal, isWatched, hasSets }: ModelShape,
  keys: ModelKeys,
  { limit, tag }: { readonly limit: number; readonly tag: string },
): readonly string[] {
  return [
    String(keys.state.length),
    String(keys.records.length),
    tag,
    flag(hasSets),
    String(limit),
    String(journal.entriesMax),
    String(journal.bytesMax),
    String(journal.ageMsMax),
    flag(isWatched),
  ];
}

/** The record of a stored value; one without a body if the value is none of ours. */
export function storedRecord(id: string, value: string): StoredRecord {
  const stop = value.indexOf("\n");
  const [version = "", expires = "", hidden, shape] = value.slice(0, Math.max(0, stop)).split("\t");
  return {
    id,
    version,
    body: stop < 0 ? undefined : value.slice(stop + 1),
    shape: Number(shape ?? 1),
    expiresAtMs: expires === "" ? undefined : Number(expires),
    isHidden: hidden === "1",
  };
}

/** What a commit's script answered. */
export function commitResult(reply: RedisReply): CommitResult {
  const [kind, ...rest] = texts(reply);
  const [at = "", id = "", value = ""] = rest;
  switch (kind) {
    case "done":
      return { kind, isRepeat: false, writes: writtenOf(rest) };
    case "again":
      return { kind: "done", isRepeat: true, writes: repeated(rest) };
    case "conflict":
      return { kind, at: Number(at), current: recordIn(id, value) };
    case "taken": {
      const [, claim, owner = "", held = ""] = rest;
      return { kind, at: Number(at), claim: Number(claim), owner: recordIn(owner, held) };
    }
    case "full":
      return { kind, at: Number(at) };
    case "passed":
    case "reused":
    case "unknown":
      return { kind };
    case "limit":
      throw new HoldfastError(
        "ERR_LIMIT",
        "Cannot draw an id as the numbers up to 2^53 - 1 are used up",
      );
    default:
      throw malformed("a commit's answer is unknown");
  }
}

/** What the script of changes answered. */
export function journalRead(reply: RedisReply): JournalRead<string> {
  const [kind, epoch = "", index = "", tag = "", ...lines] = texts(reply);
  const head: JournalPosition = { epoch, index: Number(index), tag };
  return { kind: kind === "reset" ? kind : "entries", head, entries: lines.map(lineOf) };
}

/** The head of a journal, from `epoch`, `seq` and `tag` of the state. */
export function headRead(reply: RedisReply, isWatched: boolean): JournalRead<string> {
  const [epoch, seq, tag] = Array.isArray(reply) ? reply : [];
  const head = {
    epoch: String(epoch ?? "0"),
    index: Number(seq ?? 0),
    tag: String(tag ?? ""),
  };
  return isWatched ? { kind: "entries", entries: [], head } : { kind: "reset", head };
}

/** A journal's entries, numbered from the one after `index`. */
export function numbered(
  read: JournalRead<string>,
  index: number,
): JournalRead<string> {
  if (read.kind === "reset") return { kind: "reset", head: read.head };
  const entries = read.entries.map((entry, at) => ({ ...entry, index: index + 1 + at }));
  return { ...read, entries };
}

/** An answer that must be a list of texts. */
export function texts(reply: RedisReply): readonly string[] {
  if (!Array.isArray(reply)) throw malformed("a script's answer is no list");
  return reply.map((part) => {
    if (typeof part !== "string") throw malformed("a part of a script's answer is no text");
    return part;
  });
}

function writeArgs(keys: ModelKeys, write: ModelWrite): readonly string[] {
  const { kind, id = "" } = write;
  const shard = id === "" ? "" : String(shardOf(id, keys.records.length));
  const start = [kind, id, shard, id === "" ? "" : idSuffix(id)];
  if (write.kind === "members") {
    const { set, replaces, add, remove } = write;
    return [...start, "present", "", set, flag(replaces), ...counted(add), ...counted(remove)];
  }
  const { expect } = write;
  const expected = [expect?.kind ?? "", expect?.kind === "version" ? expect.version : ""];
  if (write.kind === "delete") return [...start, ...expected];
  const { body, shape, scopes, ttlMs = "", isHidden, claims, entries } = write;
  const placed = claims.map((claim) => placedClaim(keys, claim));
  const state = [body, String(shape), scopes, String(ttlMs), flag(isHidden)];
  return [...start, ...expected, ...state, ...counted(placed), ...counted(entries)];
}

function counted(list: readonly string[]): readonly string[] {
  return [String(list.length), ...list];
}

function flag(isSet: boolean): string {
  return isSet ? "1" : "0";
}

function writtenOf(rest: readonly string[]): readonly Written[] {
  const writes: Written[] = [];
  for (let at = 0; at < rest.length; at += 5) writes.push(written(rest.slice(at, at + 5)));
  return writes;
}

function written(parts: readonly string[]): Written {
  const [id = "", version = "", changed, existed, expires = ""] = parts;
  return {
    id,
    version,
    changed: Number(changed),
    existed: existed === "1",
    expiresAtMs: expires === "" ? undefined : Number(expires),
  };
}

/** The first commit's results, with the bodies that the journal still has. */
function repeated([results = "", ...lines]: readonly string[]): readonly Written[] {
  let next = 0;
  return results.split("\n").slice(0, -1).map((result) => {
    const parts = result.split("\t");
    const line = parts[5] === "" ? undefined : lines[next++];
    const body = line === undefined || line === "" ? undefined : bodyOf(lineOf(line).entry);
    return { ...written(parts), ...(body !== undefined && { body }) };
  });
}

function bodyOf(entry: string): string | undefined {
  if (entry === "") return undefined;
  const { body } = parseEntry(entry);
  return body === undefined ? undefined : JSON.stringify(body);
}

function recordIn(id: string, value: string): StoredRecord | undefined {
  return value === "" ? undefined : storedRecord(id, value);
}

function lineOf(
  line: string,
): { readonly index: number; readonly tag: string; readonly entry: string } {
  const [tag = "", previousTag = "", token = ""] = line.split(" ", 3);
  const entry = line.slice(tag.length + previousTag.length + token.length + 3);
  return { index: 0, tag, entry };
}
