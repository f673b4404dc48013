/**
 * One model in memory: records, claims, entries and journal, changed by one synchronous commit at a time.
 *
 * @module
 */

import {
  expiryEntry,
  idOfEntry,
  idSuffix,
  rangeOf,
  withSuffix,
} from "../../src/models/index_keys.ts";
import { entryText, NONE_ENTRY } from "../../src/models/journal_entry.ts";
import {
  type CommitOptions,
  type CommitResult,
  type DeleteWrite,
  type MembersWrite,
  type ModelShape,
  type ModelWrite,
  type PutWrite,
  RETIRED_PER_WRITE_MAX,
  type StoredRecord,
  type Swept,
  type Written,
} from "../../src/models/port.ts";
import { changeMembers, isOverfull, membersChange, removeMembers } from "./model_members.ts";
import { type EntryText, type Line, ModelJournal, type Refusal } from "./model_journal.ts";
import {
  claimsOf,
  deleteEntry,
  type Held,
  keyOf,
  lastNumberWith,
  type Moment,
  plain,
  PutEntry,
} from "./model_record.ts";
import { SortedTexts } from "./sorted_texts.ts";

/** Everything of one model. */
export class ModelState {
  /** By `keyOf` their ids. */
  readonly #records = new Map<string | number, Held>();
  readonly #owners = new Map<string, string>();
  readonly #journal = new ModelJournal();
  #lastNumber = 0;
  #visible = 0;

  /** The entries of all records, in order. */
  readonly entries: SortedTexts = new SortedTexts();

  /** The journal, to be read. */
  get journal(): Pick<ModelJournal, "head" | "last" | "length" | "read"> {
    return this.#journal;
  }

  /** How many records are not hidden. */
  get visible(): number {
    return this.#visible;
  }

  /** A record, unless it has expired. */
  get(id: string, nowMs: number): StoredRecord | undefined {
    const held = this.#alive(id, nowMs);
    return held && plain(held);
  }

  /** The record that holds a claim, unless it has expired. */
  getByClaim(claim: string, nowMs: number): StoredRecord | undefined {
    const held = this.#ownerOf(claim, nowMs);
    return held && plain(held);
  }

  /** Checks all writes, then makes them all. */
  commit(
    shape: ModelShape,
    writes: readonly ModelWrite[],
    options: CommitOptions,
    nowMs: number,
  ): CommitResult {
    const journal = this.#journal;
    const refusal = journal.earlier(options) ?? this.#refusal(writes, options, nowMs);
    if (refusal !== undefined) return refusal;
    const lastNumber = lastNumberWith(writes, this.#lastNumber);
    const before = journal.length;
    const moment = { nowMs, tag: options.tag };
    if (shape.expires) this.#retireFor(writes, moment);
    this.#lastNumber = lastNumber;
    const written = writes.map((write) => this.#make(write, moment));
    if (journal.length === before) this.#log(NONE_ENTRY, moment);
    journal.remember(options, written);
    journal.trim(shape.journal, nowMs);
    return { kind: "done", writes: written, isRepeat: false };
  }

  /** Retires up to `limit` records that are due. */
  sweep(shape: ModelShape, limit: number, moment: Moment): Swept {
    const before = this.#journal.length;
    const due = this.#due(moment.nowMs, limit);
    for (const id of due) this.#retire(id, moment);
    this.#journal.trim(shape.journal, moment.nowMs);
    return { retired: this.#journal.length - before, isDone: due.length < limit };
  }

  /** Why the writes cannot be made, if they cannot; the same for a token that was refused before. */
  #refusal(
    writes: readonly ModelWrite[],
    options: CommitOptions,
    nowMs: number,
  ): CommitResult | undefined {
    const before = this.#journal.refusedBefore(options);
    if (before === "reused") return { kind: "reused" };
    const released = this.#releasedBy(writes);
    const refusal = before ?? this.#refused(writes, released, nowMs);
    if (refusal === undefined) return undefined;
    if (before === undefined) this.#journal.refuse(options, refusal);
    return this.#toldOf(refusal, writes, released, nowMs);
  }

  #toldOf(
    { kind, at, claim }: Refusal,
    writes: readonly ModelWrite[],
    released: ReadonlySet<string> | undefined,
    nowMs: number,
  ): CommitResult {
    const write = writes[at];
    if (kind === "full" || write === undefined) return { kind: "full", at };
    if (kind === "conflict") {
      return { kind, at, current: write.id === undefined ? undefined : this.get(write.id, nowMs) };
    }
    const name = claimsOf(write)[claim] ?? "";
    const owner = released?.has(name) ? undefined : this.getByClaim(name, nowMs);
    return { kind, at, claim, owner };
  }

  #releasedBy(writes: readonly ModelWrite[]): ReadonlySet<string> | undefined {
    let released: Set<string> | undefined;
    for (const { id, kind } of writes) {
      if (kind === "members" || id === undefined) continue;
      const claims = this.#records.get(keyOf(id))?.claims ?? [];
      if (claims.length > 0) released ??= new Set();
      for (const claim of claims) released?.add(claim);
    }
    return released;
  }

  #refused(
    writes: readonly ModelWrite[],
    released: ReadonlySet<string> | undefined,
    nowMs: number,
  ): Refusal | undefined {
    // What is alone collides with nothing beside it.
    const taken = writes.length === 1 && claimsOf(writes[0]).length < 2
      ? undefined
      : new Set<string>();
    for (let at = 0; at < writes.length; at++) {
      const write = writes[at];
      if (write === undefined) continue;
      if (!this.#expectationHolds(write, nowMs)) return { kind: "conflict", at, claim: 0 };
      if (write.kind === "members" && isOverfull(this.entries, write)) {
        return { kind: "full", at, claim: 0 };
      }
      const claims = claimsOf(write);
      for (let claim = 0; claim < claims.length; claim++) {
        const name = claims[claim] ?? "";
        const isTwice = taken?.has(name) === true;
        taken?.add(name);
        const owner = isTwice || released?.has(name) ? undefined : this.#ownerOf(name, nowMs);
        if (isTwice || (owner !== undefined && owner.id !== write.id)) {
          return { kind: "taken", at, claim };
        }
      }
    }
    return undefined;
  }

  #expectationHolds(write: ModelWrite, nowMs: number): boolean {
    if (write.id === undefined) return true;
    const held = this.#alive(write.id, nowMs);
    const expect = write.kind === "members" ? { kind: "present" as const } : write.expect;
    if (expect === undefined) return true;
    if (expect.kind === "version") return held?.version === expect.version;
    return (held === undefined) === (expect.kind === "absent");
  }

  #make(write: ModelWrite, moment: Moment): Written {
    switch (write.kind) {
      case "put":
        return this.#put(write, moment);
      case "delete":
        return this.#delete(write, moment);
      case "members":
        return this.#setMembers(write, moment);
    }
  }

  #log(text: EntryText, { tag, nowMs }: Moment): Line {
    return this.#journal.append(text, tag, nowMs);
  }

  #put(write: PutWrite, moment: Moment): Written {
    const id = write.id ?? String(++this.#lastNumber);
    // A number that was drawn is past all that were ever used.
    const before = write.id === undefined ? undefined : this.#records.get(keyOf(id));
    const expiresAtMs = write.ttlMs === "keep"
      ? before?.expiresAtMs
      : write.ttlMs === undefined
      ? undefined
      : moment.nowMs + write.ttlMs;
    const version = `${this.#journal.length + 1}-${moment.tag}`;
    if (before !== undefined) this.#release(before);
    const { body, shape, claims, scopes, isHidden } = write;
    const suffix = idSuffix(id);
    const entries = write.entries.map((entry) => withSuffix(entry, suffix));
    if (expiresAtMs !== undefined) entries.push(withSuffix(expiryEntry(expiresAtMs), suffix));
    for (const claim of claims) this.#owners.set(claim, id);
    for (const entry of entries) this.entries.add(entry);
    if (!isHidden) this.#visible++;
    const held = { id, version, body, shape, expiresAtMs, isHidden, claims, entries, scopes };
    this.#log(new PutEntry(held, before), moment);
    this.#records.set(write.id === undefined ? this.#lastNumber : keyOf(id), held);
    return { id, version, changed: 1, existed: before !== undefined, expiresAtMs, body };
  }

  #delete({ id }: DeleteWrite, moment: Moment): Written {
    const before = this.#records.get(keyOf(id));
    if (before === undefined) {
      return { id, version: "", changed: 0, existed: false, expiresAtMs: undefined };
    }
    this.#remove(before);
    if (!before.isHidden) this.#log(deleteEntry(before, ""), moment);
    return { id, version: before.version, changed: 1, existed: true, expiresAtMs: undefined };
  }

  #setMembers(write: MembersWrite, moment: Moment): Written {
    const { id, set } = write;
    const change = membersChange(this.entries, write);
    changeMembers(this.entries, write, change);
    const { added, removed } = change;
    const record = this.#records.get(keyOf(id));
    const { version = "", expiresAtMs, scopes = "{}" } = record ?? {};
    const changed = added.length + removed.length;
    if (changed > 0) {
      const rest = `,"set":${JSON.stringify(set)},"added":${JSON.stringify(added)},"removed":${
        JSON.stringify(removed)
      }`;
      this.#log(entryText({ kind: "members", id, before: scopes, after: scopes, rest }), moment);
    }
    return { id, version, changed, existed: true, expiresAtMs };
  }

  /** Retires what the writes run into, and a few that are due besides. */
  #retireFor(writes: readonly ModelWrite[], moment: Moment): void {
    const { nowMs } = moment;
    for (const write of writes) {
      const owners = claimsOf(write).map((claim) => this.#owners.get(claim));
      for (const id of [write.id, ...owners]) {
        if (id !== undefined && this.#alive(id, nowMs) === undefined) this.#retire(id, moment);
      }
    }
    for (const id of this.#due(nowMs, RETIRED_PER_WRITE_MAX)) this.#retire(id, moment);
  }

  #retire(id: string, moment: Moment): void {
    const held = this.#records.get(keyOf(id));
    if (held === undefined) return;
    this.#remove(held);
    this.#log(deleteEntry(held, `,"expired":true`), moment);
  }

  #due(nowMs: number, limit: number): readonly string[] {
    return this.entries.range(rangeOf("x").from, expiryEntry(nowMs + 1), { limit }).map(idOfEntry);
  }

  #ownerOf(claim: string, nowMs: number): Held | undefined {
    const owner = this.#owners.get(claim);
    return owner === undefined ? undefined : this.#alive(owner, nowMs);
  }

  #alive(id: string, nowMs: number): Held | undefined {
    const held = this.#records.get(keyOf(id));
    return held?.expiresAtMs !== undefined && held.expiresAtMs <= nowMs ? undefined : held;
  }

  /** Takes back all that a record holds but its members. */
  #release({ id, claims, entries, isHidden }: Held): void {
    for (const claim of claims) if (this.#owners.get(claim) === id) this.#owners.delete(claim);
    for (const entry of entries) this.entries.delete(entry);
    if (!isHidden) this.#visible--;
  }

  #remove(held: Held): void {
    this.#release(held);
    this.#records.delete(keyOf(held.id));
    removeMembers(this.entries, held.id);
  }
}
