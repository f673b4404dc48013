/**
 * The memory driver of the port of documents.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import type { Op } from "../../src/documents/change.ts";
import { journalText } from "../../src/documents/journal_change.ts";
import type {
  AdvanceResult,
  DocumentAdvance,
  FrontDocumentStore,
} from "../../src/documents/journal_port.ts";
import { opLine, sizeOfText } from "../../src/documents/op_text.ts";
import type {
  CommitResult,
  DocumentCommit,
  DocumentUnit,
  ListedDocument,
  StoreOptions,
} from "../../src/documents/port.ts";
import { wakeChannel, withDocumentId } from "../../src/documents/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import { DocumentLog } from "./document_log.ts";
import { type EntryText, ModelJournal } from "./model_journal.ts";
import { SortedTexts } from "./sorted_texts.ts";

/** What {@linkcode memoryDocumentStore} needs. */
export interface MemoryDocumentOptions {
  /** By which operations get their times. */
  readonly clock: Clock;
  /** Where wake-ups go. */
  readonly wakes: WakeFeed;
}

/** A shard of a collection. */
interface Shard {
  /** Where its wake-ups go. */
  readonly channel: string;
  /** What exists, as long as nothing is committed. */
  listed: readonly ListedDocument[] | undefined;
  readonly logs: Map<string, DocumentLog>;
  readonly order: SortedTexts;
  readonly journal: ModelJournal;
}

/** A store of documents in memory. Who shares the value shares the documents. */
export function memoryDocumentStore({ clock, wakes }: MemoryDocumentOptions): FrontDocumentStore {
  const shards = new Map<string, Shard>();
  // Mostly it is asked for again (bench/documents_bench.ts).
  let last: { readonly unit: DocumentUnit; readonly shard: Shard } | undefined;
  const shardOf = (unit: DocumentUnit, options?: StoreOptions): Shard => {
    options?.signal?.throwIfAborted();
    if (last?.unit === unit) return last.shard;
    const channel = wakeChannel(unit);
    const shard = shards.get(channel) ?? newShard(channel);
    shards.set(channel, shard);
    last = { unit, shard };
    return shard;
  };

  const wake = ({ channel, journal }: Shard, entry: EntryText, previousTag: string) => {
    if (wakes.hears?.(channel) === false) return;
    // Never fails: position and channel are our own.
    void wakes.publish(channel, { ...journal.head, previousTag, entry: entry.toString() });
  };

  const committed = (unit: DocumentUnit, shard: Shard, commit: DocumentCommit): CommitResult => {
    const { id } = commit;
    const known = shard.logs.get(id);
    const log = known ?? new DocumentLog();
    const refusal = log.refusal(commit);
    if (refusal !== undefined) {
      if (refusal.kind === "behind" || commit.isNew) log.losers++;
      return refusal;
    }
    if (known === undefined) shard.logs.set(id, log);
    shard.listed = undefined;
    const previousTag = shard.journal.head.tag;
    const { result, text } = appended(unit, shard, log, commit, wholeMs(clock));
    wake(shard, text, previousTag);
    return result;
  };

  // Most methods are async only so that a throw is a rejection; none waits between its first and its last step.
  return {
    commit: (unit, commit, options) => committed(unit, shardOf(unit, options), commit),
    // deno-lint-ignore require-await
    async advance(unit, advance, options) {
      const shard = shardOf(unit, options);
      const previousTag = shard.journal.head.tag;
      shard.listed = undefined;
      const { result, text } = advanced(unit, shard, advance, wholeMs(clock));
      if (text !== undefined) wake(shard, text, previousTag);
      return result;
    },
    // deno-lint-ignore require-await
    async read(unit, wants, options) {
      const { logs } = shardOf(unit, options);
      return wants.map(({ id, after }) => logs.get(id)?.read(after) ?? { kind: "absent" });
    },
    // deno-lint-ignore require-await
    async history(unit, id, moment, options) {
      return shardOf(unit, options).logs.get(id)?.history(moment) ?? { kind: "absent" };
    },
    // deno-lint-ignore require-await
    async changes(unit, after, options) {
      return shardOf(unit, options).journal.read(after, options.limit);
    },
    // deno-lint-ignore require-await
    async page(unit, { from, to }, options) {
      return shardOf(unit, options).order.range(from, to, options);
    },
    // deno-lint-ignore require-await
    async list(unit, options) {
      const shard = shardOf(unit, options);
      return shard.listed ??= [...shard.logs].flatMap(([id, log]) => {
        const { epoch, version, tag } = log.head;
        return log.exists ? [{ id, epoch, version, tag }] : [];
      });
    },
  };
}

/** The time of day, without the fraction that a clock may give: it goes into epochs and entries. */
function wholeMs(clock: Clock): number {
  return Math.floor(clock.now());
}

function newShard(channel: string): Shard {
  const [order, journal] = [new SortedTexts(), new ModelJournal()];
  return { channel, listed: undefined, logs: new Map(), order, journal };
}

/** Makes a commit that nothing speaks against. */
function appended(
  unit: DocumentUnit,
  { order, journal }: Shard,
  log: DocumentLog,
  commit: DocumentCommit,
  nowMs: number,
): { readonly result: CommitResult; readonly text: EntryText } {
  const { id, ops, entries } = commit;
  // Only what commutes is appended after what others did meanwhile.
  const from = commit.commutes ? log.head.version : commit.base.version;
  const missed = commit.base.version < from ? log.since(commit.base.version) : undefined;
  const tag = ops.at(-1)?.tag ?? "";
  const begun = journal.head.index === 0 ? `${nowMs}-${tag}` : journal.head.epoch;
  const atMs = Math.max(nowMs, log.changedAtMs);
  const sizes = ops.map(sizeOfText);
  const placed = log.append(missed === undefined ? commit : { ...commit, snapshot: undefined }, {
    begun,
    atMs,
    sizes,
  });
  log.trim(unit.log, nowMs);
  if (entries !== undefined && unit.isIndexed) {
    for (const entry of log.entries) order.delete(withDocumentId(entry, id));
    for (const entry of entries) order.add(withDocumentId(entry, id));
    log.entries = entries;
  }
  const { head, losers } = log;
  log.losers = 0;
  const text = new CommitText(id, head.epoch, placed, sizes);
  journal.append(text, tag, nowMs, begun);
  journal.trim(unit.journal, nowMs);
  const told = { ops: placed, ...missed && { missed }, ...losers > 0 && { losers } };
  return { result: { kind: "done", head, atMs, ...told }, text };
}

/** The entry of a commit. Written when it is read: mostly it never is (bench/documents_bench.ts). */
class CommitText implements EntryText {
  readonly length: number;
  readonly #id: string;
  readonly #epoch: string;
  readonly #ops: readonly Op[];

  constructor(id: string, epoch: string, ops: readonly Op[], sizes: readonly number[]) {
    this.length = sizes.reduce((total, size) => total + size, id.length);
    this.#id = id;
    this.#epoch = epoch;
    this.#ops = ops;
  }

  toString(): string {
    const { version: from = 0 } = this.#ops[0] ?? {};
    const to = from + this.#ops.length;
    const tag = this.#ops.at(-1)?.tag ?? "";
    const lines = this.#ops.map((op) => opLine(op, op.atMs));
    return journalText({ id: this.#id, epoch: this.#epoch, from, to, tag }, lines);
  }
}

/** Brings a document to where another store has it. */
function advanced(
  unit: DocumentUnit,
  { logs, journal }: Shard,
  advance: DocumentAdvance,
  nowMs: number,
): { readonly result: AdvanceResult; readonly text: EntryText | undefined } {
  const { id, epoch, ops } = advance;
  const log = logs.get(id) ?? new DocumentLog();
  const lines = ops.map((op) => opLine(op, op.atMs));
  const from = log.advance(advance, lines.map((line) => line.length));
  const { head, losers } = log;
  const { version, tag } = head;
  if (typeof from === "string") return { result: { kind: from, head }, text: undefined };
  logs.set(id, log);
  log.trim(unit.log, nowMs);
  const begun = journal.head.index === 0 ? `${nowMs}-${tag}` : journal.head.epoch;
  const text = journalText(
    { id, epoch, from, to: version, tag },
    lines.slice(lines.length - version + from),
  );
  journal.append(text, tag, nowMs, begun);
  journal.trim(unit.journal, nowMs);
  log.losers = 0;
  return { result: { kind: "done", head: log.head, ...losers > 0 && { losers } }, text };
}
