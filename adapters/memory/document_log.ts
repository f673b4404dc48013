/**
 * One document in memory: its log, what is remembered of what the log dropped, its snapshot and milestones.
 *
 * Nothing is copied: operations and snapshots are the very objects that came, and documents share their structure from
 * version to version.
 *
 * @module
 */

import type {
  DocumentPosition,
  Op,
  OpIdentity,
  PartialPosition,
} from "../../src/documents/change.ts";
import {
  ANSWER_OPS_MAX,
  type CommitResult,
  type DocumentCommit,
  type DocumentHead,
  type DocumentRead,
  type HistoryMoment,
  type HistoryRead,
  type LogBounds,
  type StoredSnapshot,
  TRIM_BLOCK,
} from "../../src/documents/port.ts";
import { Identities } from "./document_identities.ts";

/** What a document is before its first operation. */
const NOTHING: StoredSnapshot = {
  version: 0,
  tag: "",
  type: undefined,
  data: undefined,
  createdAtMs: 0,
  changedAtMs: 0,
};
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
  #snapshot = NOTHING;
  #createdAtMs = 0;
  #milestones: readonly StoredSnapshot[] = NONE;
  /** Made when there are many. */
  #identities: Identities | undefined;
  #remembered: Remembered[] | undefined;
  /** Entries in the order of the unit's indexes. */
  entries: readonly string[] = NONE;

  /** Where the log stands. */
  get head(): DocumentHead {
    return {
      ...this.#position,
      firstVersion: this.#firstVersion,
      snapshotVersion: this.#snapshot.version,
    };
  }

  /** What a commit comes to before it is made; `undefined` if it is to be made. */
  refusal({ base, ops }: DocumentCommit): CommitResult | undefined {
    const { version } = this.#position;
    const known = this.#known(ops);
    if (known.length > 0) {
      const missed = this.#holds(base) ? this.#after(base.version) : [];
      return { kind: "duplicate", known, head: this.head, ops: missed };
    }
    if (!this.#isOwnEpoch(base)) return { kind: "foreign", head: this.head };
    if (base.version > version) return { kind: "ahead", head: this.head };
    if (base.version < this.#firstVersion) {
      const oldest = this.#remembered?.[0]?.version ?? this.#firstVersion;
      return { kind: "trimmed", head: this.head, isUnknown: oldest > base.version };
    }
    if (!this.#isOwnTag(base)) return { kind: "foreign", head: this.head };
    if (base.version === version) return undefined;
    return { kind: "behind", head: this.head, ops: this.#after(base.version) };
  }

  /** Appends the operations of a commit that is not refused. `sizes` are those of their texts. */
  append(
    { ops, snapshot, isMilestone }: DocumentCommit,
    { epoch, atMs: nowMs, sizes }: {
      readonly epoch: string;
      readonly atMs: number;
      readonly sizes: readonly number[];
    },
  ): void {
    const atMs = Math.max(nowMs, this.#ops.at(-1)?.atMs ?? 0);
    let { version, tag } = this.#position;
    for (const op of ops) {
      this.#ops.push({ ...op, version, atMs });
      this.#identities?.add(op, version);
      if (op.kind === "create") this.#createdAtMs = atMs;
      version++;
      tag = op.tag;
    }
    for (const size of sizes) {
      this.#sizes.push(size);
      this.#bytes += size;
    }
    this.#position = { epoch: this.#position.epoch || epoch, version, tag };
    if (snapshot === undefined) return;
    this.#snapshot = {
      ...snapshot,
      version,
      tag,
      createdAtMs: this.#createdAtMs,
      changedAtMs: atMs,
    };
    if (isMilestone) this.#milestones = [...this.#milestones, this.#snapshot];
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
      return { kind: "ops", head, ops: this.#after(after.version) };
    }
    const snapshot = this.#snapshot;
    return { kind: "snapshot", head, snapshot, ops: this.#after(snapshot.version) };
  }

  /** The snapshot nearest to a moment, and what follows it. */
  history(moment: HistoryMoment): HistoryRead {
    if (this.#position.version === 0) return { kind: "absent" };
    const { head } = this;
    const start = this.#firstVersion === 0 ? [NOTHING] : [];
    const known = [...start, ...this.#milestones, this.#snapshot];
    const snapshot = known.findLast((one) =>
      "version" in moment ? one.version <= moment.version : one.changedAtMs <= moment.atMs
    );
    if (snapshot === undefined) return { kind: "trimmed", head };
    // A milestone older than the log is worth only itself.
    const ops = snapshot.version < this.#firstVersion ? [] : this.#after(snapshot.version);
    return { kind: "found", head, snapshot, ops };
  }

  #after(version: number): readonly Op[] {
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
    if (tag === undefined || version === 0) return true;
    const at = version - this.#firstVersion;
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
