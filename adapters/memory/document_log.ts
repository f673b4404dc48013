/**
 * One document in memory: its log, what is remembered of what the log dropped, its snapshot and milestones.
 *
 * Nothing is copied: operations and snapshots are the very objects that came, and documents share their structure from
 * version to version.
 *
 * @module
 */

import {
  type DocumentPosition,
  isEdit,
  type Op,
  type OpIdentity,
  type PartialPosition,
  placedOp,
} from "../../src/documents/change.ts";
import type { DocumentAdvance } from "../../src/documents/journal_port.ts";
import {
  ANSWER_OPS_MAX,
  type CommitResult,
  type DocumentCommit,
  type DocumentHead,
  type DocumentRead,
  type HistoryMoment,
  type HistoryRead,
  type LogBounds,
  NO_SNAPSHOT,
  type StoredSnapshot,
  TRIM_BLOCK,
} from "../../src/documents/port.ts";
import { historyOf } from "./document_history.ts";
import { Identities } from "./document_identities.ts";

/** Most documents have no milestones and no entries: one list for all of them. */
const NONE: readonly never[] = [];
/** Up to so many kept operations are looked through for an identity; beyond, a table of them is worth its memory. */
const SCAN_MAX = 8;

/** A dropped operation of which the identity is left. */
interface Remembered extends OpIdentity {
  readonly version: number;
  readonly atMs: number;
}

/** A document's log. */
export class DocumentLog {
  #position: DocumentPosition = { epoch: "", version: 0, tag: "" };
  #ops: Op[] = [];
  #sizes: number[] = [];
  #bytes = 0;
  #firstVersion = 0;
  /** The tag before the first operation that is kept. */
  #firstTag = "";
  #snapshot: StoredSnapshot = NO_SNAPSHOT;
  #createdAtMs = 0;
  #milestones: readonly StoredSnapshot[] = NONE;
  /** Made when there are many. */
  #identities: Identities | undefined;
  #remembered: Remembered[] | undefined;
  /** Whether there is a document. */
  exists = false;
  /** How many commits came too late since the last one that was made. */
  losers = 0;
  /** Entries in the order of the unit's indexes. */
  entries: readonly string[] = NONE;

  /** Where the log stands. */
  get head(): DocumentHead {
    const { epoch, version, tag } = this.#position;
    const snapshotVersion = this.#snapshot.version;
    return { epoch, version, tag, firstVersion: this.#firstVersion, snapshotVersion };
  }

  /** What a commit comes to before it is made; `undefined` if it is to be made. */
  refusal({ base, ops, commutes }: DocumentCommit): CommitResult | undefined {
    const { version } = this.#position;
    const known = this.#known(ops);
    if (known.length > 0) {
      const missed = this.#holds(base) ? this.since(base.version) : [];
      return { kind: "duplicate", known, head: this.head, ops: missed };
    }
    if (!this.#isOwnEpoch(base)) return { kind: "foreign", head: this.head };
    if (base.version > version) return { kind: "ahead", head: this.head };
    if (base.version < this.#firstVersion) {
      const oldest = this.#remembered?.[0]?.version ?? this.#firstVersion;
      return { kind: "trimmed", head: this.head, isUnknown: oldest > base.version };
    }
    if (!this.#isOwnTag(base)) return { kind: "foreign", head: this.head };
    if (base.version === version || (commutes && this.since(base.version).every(isEdit))) {
      return undefined;
    }
    return { kind: "behind", head: this.head, ops: this.since(base.version) };
  }

  /** Appends the operations of a commit that is not refused, and gives them. `sizes` are those of their texts. */
  append(
    { ops, snapshot, isMilestone }: DocumentCommit,
    { begun, atMs: nowMs, sizes }: {
      /** The beginning of the log's epoch, if it has none yet. */
      readonly begun: string;
      readonly atMs: number;
      readonly sizes: readonly number[];
    },
  ): readonly Op[] {
    const atMs = Math.max(nowMs, this.#ops.at(-1)?.atMs ?? 0);
    const { version: first } = this.#position;
    const placed = ops.map((op, at) => placedOp(op, first + at, atMs));
    for (const op of placed) this.#put(op, sizes[op.version - first] ?? 0);
    const version = first + ops.length;
    const tag = placed.at(-1)?.tag ?? "";
    this.#position = { epoch: this.#position.epoch || `${begun}.${tag}`, version, tag };
    if (snapshot === undefined) return placed;
    this.#snapshot = {
      ...snapshot,
      version,
      tag,
      createdAtMs: this.#createdAtMs,
      changedAtMs: atMs,
    };
    if (isMilestone) this.#milestones = [...this.#milestones, this.#snapshot];
    return placed;
  }

  /**
   * Goes on to where another store has the document: from which version, or why not. `sizes` are those of the texts of
   * its operations.
   */
  advance(
    { epoch, from, ops, snapshot }: DocumentAdvance,
    sizes: readonly number[],
  ): number | "done" | "gap" {
    const { version } = this.#position;
    const isOwn = this.#position.epoch === epoch;
    const to = { version: from.version + ops.length, tag: ops.at(-1)?.tag ?? from.tag };
    // What is as far is left alone, unless it went another way.
    if (isOwn && version >= to.version && this.#isOwnTag(to)) return "done";
    const skip = version - from.version;
    const tagAt = skip === 0 ? from.tag : ops[skip - 1]?.tag;
    if (!isOwn || skip < 0 || tagAt !== this.#position.tag) {
      if (snapshot === undefined && from.version > 0) return "gap";
      this.#beginAt(epoch, from, snapshot?.type !== undefined);
    }
    const start = this.#position.version;
    for (const op of ops.slice(start - from.version)) {
      this.#put(op, sizes[op.version - from.version] ?? 0);
    }
    const last = ops.at(-1);
    if (last !== undefined) this.#position = { epoch, version: last.version + 1, tag: last.tag };
    if (snapshot !== undefined && snapshot.version > this.#snapshot.version) {
      const createdAtMs = snapshot.createdAtMs || this.#createdAtMs;
      this.#snapshot = { ...snapshot, createdAtMs };
      this.#createdAtMs ||= createdAtMs;
    }
    return start;
  }

  #beginAt(epoch: string, { version, tag }: DocumentAdvance["from"], exists: boolean): void {
    this.#position = { epoch, version, tag };
    [this.#ops, this.#sizes, this.#bytes] = [[], [], 0];
    [this.#firstVersion, this.#firstTag] = [version, tag];
    [this.#createdAtMs, this.exists] = [0, exists];
    [this.#snapshot, this.#milestones] = [NO_SNAPSHOT, NONE];
    [this.#identities, this.#remembered] = [undefined, undefined];
  }

  /** Keeps an operation that has its place and time. */
  #put(op: Op, size: number): void {
    this.#ops.push(op);
    this.#sizes.push(size);
    this.#bytes += size;
    this.#identities?.add(op, op.version);
    if (op.kind === "create") this.#createdAtMs = op.atMs;
    if (op.kind === "create" || op.kind === "del") this.exists = op.kind === "create";
  }

  /** When the last operation was committed. */
  get changedAtMs(): number {
    return this.#ops.at(-1)?.atMs ?? 0;
  }

  /** Drops what is past the bounds. */
  trim(bounds: LogBounds, nowMs: number): void {
    const { opsMax, bytesMax, ageMsMax, milestonesMax } = bounds;
    if (this.#milestones.length > milestonesMax) this.#milestones = this.#milestones.slice(1);
    const isLong = this.#ops.length >= opsMax + TRIM_BLOCK || this.#bytes > bytesMax;
    if (isLong || this.#isOlder(0, nowMs - ageMsMax)) {
      const dropMax = this.#snapshot.version - this.#firstVersion;
      let drop = 0;
      let bytes = this.#bytes;
      while (
        drop < dropMax &&
        (this.#ops.length - drop > opsMax || bytes > bytesMax ||
          this.#isOlder(drop, nowMs - ageMsMax))
      ) bytes -= this.#sizes[drop++] ?? 0;
      this.#drop(drop, bytes);
    }
    this.#forget(bounds, nowMs);
  }

  /** What a reader gets who has something, or nothing, already. */
  read(after: PartialPosition | undefined): DocumentRead {
    if (this.#position.version === 0) return { kind: "absent" };
    const { head } = this;
    if (after !== undefined && this.#holds(after)) {
      return { kind: "ops", head, ops: this.since(after.version) };
    }
    const snapshot = this.#snapshot;
    return { kind: "snapshot", head, snapshot, ops: this.since(snapshot.version) };
  }

  /** The snapshot nearest to a moment, and what follows it. */
  history(moment: HistoryMoment): HistoryRead {
    if (this.#position.version === 0) return { kind: "absent" };
    const kept = [...this.#milestones, this.#snapshot];
    return historyOf(this.head, kept, (version) => this.since(version), moment);
  }

  /** The operations after a version. */
  since(version: number): readonly Op[] {
    const first = version - this.#firstVersion;
    return this.#ops.slice(first, first + ANSWER_OPS_MAX);
  }

  #holds(base: PartialPosition): boolean {
    const { version } = base;
    return this.#isOwnEpoch(base) && version >= this.#firstVersion &&
      version <= this.#position.version && this.#isOwnTag(base);
  }

  #isOwnEpoch({ epoch, version }: PartialPosition): boolean {
    return epoch === undefined || epoch === this.#position.epoch ||
      (epoch === "" && version === 0);
  }

  #isOwnTag({ version, tag }: PartialPosition): boolean {
    const at = version - this.#firstVersion;
    // Of what is dropped nobody can tell.
    if (tag === undefined || version === 0 || at < 0) return true;
    return tag === (at === 0 ? this.#firstTag : this.#ops[at - 1]?.tag);
  }

  /** Which of some operations were appended before, and at which versions. */
  #known(ops: readonly OpIdentity[]): readonly { readonly at: number; readonly version: number }[] {
    let known: { at: number; version: number }[] | undefined;
    for (let at = 0; at < ops.length; at++) {
      const op = ops[at];
      const version = op && this.#versionOf(op);
      if (version !== undefined) (known ??= []).push({ at, version });
    }
    return known ?? NONE;
  }

  #versionOf(op: OpIdentity): number | undefined {
    if (this.#identities === undefined && this.#ops.length > SCAN_MAX) {
      this.#identities = new Identities(this.#ops);
    }
    if (this.#identities !== undefined) return this.#identities.versionOf(op);
    return this.#ops.find(({ source, sequence }) =>
      source === op.source && sequence === op.sequence
    )?.version;
  }

  #isOlder(at: number, thanMs: number): boolean {
    const op = this.#ops[at];
    return op !== undefined && op.atMs < thanMs;
  }

  #drop(count: number, bytes: number): void {
    if (count === 0) return;
    // From now on identities outlive their operations.
    this.#identities ??= new Identities(this.#ops);
    const dropped = this.#ops.splice(0, count);
    this.#sizes.splice(0, count);
    this.#bytes = bytes;
    this.#firstVersion += count;
    this.#firstTag = dropped.at(-1)?.tag ?? this.#firstTag;
    const remembered = this.#remembered ??= [];
    for (const { version, source, sequence, atMs } of dropped) {
      remembered.push({ version, source, sequence, atMs });
    }
  }

  #forget({ identitiesMax, identityMsMax }: LogBounds, nowMs: number): void {
    const remembered = this.#remembered;
    const first = remembered?.[0];
    if (remembered === undefined || first === undefined) return;
    const isMany = remembered.length >= identitiesMax + TRIM_BLOCK;
    if (!isMany && first.atMs >= nowMs - identityMsMax) return;
    const kept = remembered.findIndex(({ atMs }, at) =>
      remembered.length - at <= identitiesMax && atMs >= nowMs - identityMsMax
    );
    for (const identity of remembered.splice(0, kept < 0 ? remembered.length : kept)) {
      this.#identities?.delete(identity);
    }
  }
}
