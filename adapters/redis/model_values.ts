/**
 * Models on the wire: arguments of the scripts and what they answer, taken apart and put together.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import { idSuffix, shardOf } from "../../src/models/index_keys.ts";
import { parseEntry } from "../../src/models/journal_entry.ts";
import type {
  CommitOptions,
  CommitResult,
  ModelShape,
  ModelWrite,
  StoredRecord,
  Written,
} from "../../src/models/port.ts";
import { sourceGroup } from "../../src/models/source_group.ts";
import { type Random, randomTag } from "../../src/random.ts";
import type { JournalPosition, JournalRead } from "../../src/wakes/port.ts";
import { malformed } from "./failures.ts";
import { unitPrefix } from "./keys.ts";
import type { RedisReply } from "./reply.ts";

/** How long a name is that is drawn for a write. */
const TOKEN_LENGTH = 24;

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

/** Options of a commit that has a name. */
type NamedCommit = CommitOptions & { readonly token: string };

/** The options with a name for the write, as it may be sent twice: drawn if its caller gave none. */
export function withToken<Options extends CommitOptions>(
  random: Random,
  options: Options,
): Options & NamedCommit {
  return { ...options, token: options.token ?? randomTag(random, TOKEN_LENGTH) };
}

/** The arguments of a commit. */
export function commitArgs(
  shape: ModelShape,
  keys: ModelKeys,
  writes: readonly ModelWrite[],
  { token, digest, tag, position }: NamedCommit,
): readonly string[] {
  const args = [
    ...sharedArgs(shape, keys, tag),
    token,
    digest,
    position === undefined
      ? ""
      : `${position.index} ${sourceGroup(position.source)} ${position.source}`,
    String(writes.length),
  ];
  for (const write of writes) args.push(...writeArgs(keys, write));
  return args;
}

/** A list as arguments: its length first. */
export function counted(list: readonly string[]): readonly string[] {
  return [String(list.length), ...list];
}

/** The arguments of a sweep. */
export function sweepArgs(
  shape: ModelShape,
  keys: ModelKeys,
  { limit, tag }: { readonly limit: number; readonly tag: string },
): readonly string[] {
  return [...sharedArgs(shape, keys, tag), String(limit)];
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
      return { kind, isRepeat: false, writes: rest.map((result) => written(result.split("\t"))) };
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
  const { kind, id } = write;
  const [suffix, shard] = id === undefined
    ? ["", ""]
    : [idSuffix(id), String(shardOf(id, keys.records.length))];
  if (write.kind === "members") {
    const { set, replaces, add, remove } = write;
    const change = [...counted(add), ...counted(remove)];
    return [kind, suffix, shard, "present", set, flag(replaces), ...change];
  }
  const { expect } = write;
  const expected = expect?.kind === "version" ? `=${expect.version}` : expect?.kind ?? "";
  if (write.kind === "delete") return [kind, suffix, shard, expected];
  const { body, shape, scopes, ttlMs = "", isHidden, claims, entries } = write;
  const life = isHidden ? `h${ttlMs}` : String(ttlMs);
  const placed = claims.map((claim) => placedClaim(keys, claim));
  const text = [life, String(shape), scopes, body];
  return [kind, suffix, shard, expected, ...text, ...counted(placed), ...counted(entries)];
}

/** What every writing script is given first. */
function sharedArgs(
  { journal, isWatched, hasSets }: ModelShape,
  { state, records }: ModelKeys,
  tag: string,
): readonly string[] {
  return [
    `${state.length} ${flag(hasSets)} ${journal.ageMsMax}`,
    String(records.length),
    tag,
    flag(isWatched),
    String(journal.entriesMax),
    String(journal.bytesMax),
  ];
}

function flag(isSet: boolean): string {
  return isSet ? "1" : "0";
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
