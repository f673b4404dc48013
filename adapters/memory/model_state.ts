/**
 * One model in memory: records, claims, entries and journal, changed by one synchronous commit at a time.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import {
  expiryEntry,
  idOfEntry,
  isNumberId,
  rangeOf,
  withId,
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
  type Written,
} from "../../src/models/port.ts";
import { changeMembers, isOverfull, membersChange, removeMembers } from "./model_members.ts";
import { type Line, ModelJournal, type Refusal } from "./model_journal.ts";
import { deleteEntry, type Held, plain, putEntry } from "./model_record.ts";
import { SortedTexts } from "./sorted_texts.ts";

/** Everything of one model. */
export class ModelState {
  readonly #records = new Map<string, Held>();
  readonly #owners = new Map<string, string>();
  readonly #journal = new ModelJournal();
  #lastNumber = 0;
  #visible = 0;

  /** The entries of all records, in order. */
  readonly entries: SortedTexts = new SortedTexts();

  /** The journal, to be read. */
  get journal(): Pick<ModelJournal, "head" | "read"> {
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
    const owner = this.#owners.get(claim);
    return owner === undefined ? undefined : this.get(owner, nowMs);
  }

  /** Checks all writes, then makes them all. Returns the entries that were added to the journal. */
  commit(
    shape: ModelShape,
    writes: readonly ModelWrite[],
    options: CommitOptions,
    nowMs: number,
  ): { readonly result: CommitResult; readonly lines: readonly Line[] } {
    const refusal = this.#journal.earlier(options) ?? this.#refusal(writes, options, nowMs);
    if (refusal !== undefined) return { result: refusal, lines: [] };
    const lines: Line[] = [];
    const log = (text: string): Line => {
      const line = this.#journal.append(text, options.tag, nowMs);
      lines.push(line);
      return line;
    };
    if (shape.expires) this.#retireFor(writes, nowMs, log);
    this.#lastNumber = this.#lastNumberWith(writes);
    const written = writes.map((write) => this.#make(write, nowMs, log));
    if (lines.length === 0) log(NONE_ENTRY);
    this.#journal.remember(options, written);
    this.#journal.trim(shape.journal, nowMs);
    return { result: { kind: "done", writes: written, isRepeat: false }, lines };
  }

  /** Retires up to `limit` records that are due. */
  sweep(
    shape: ModelShape,
    limit: number,
    tag: string,
    nowMs: number,
  ): { readonly lines: readonly Line[]; readonly isDone: boolean } {
    const due = this.#due(nowMs, limit);
    const lines = due.map((id) =>
      this.#retire(id, (text) => this.#journal.append(text, tag, nowMs))
    );
    this.#journal.trim(shape.journal, nowMs);
    return { lines: lines.filter((line) => line !== undefined), isDone: due.length < limit };
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
    if (refusal === undefined) {
      const drawn = writes.filter(({ id }) => id === undefined).length;
      const last = this.#lastNumberWith(writes);
      if (drawn > 0 && last + drawn > Number.MAX_SAFE_INTEGER) throw noNumbersLeft();
      return undefined;
    }
    if (before === undefined) this.#journal.refuse(options, refusal);
    return this.#toldOf(refusal, writes, released, nowMs);
  }

  #toldOf(
    { kind, at, claim }: Refusal,
    writes: readonly ModelWrite[],
    released: ReadonlySet<string>,
    nowMs: number,
  ): CommitResult {
    const write = writes[at];
    if (kind === "full" || write === undefined) return { kind: "full", at };
    if (kind === "conflict") {
      return { kind, at, current: write.id === undefined ? undefined : this.get(write.id, nowMs) };
    }
    const name = write.kind === "put" ? write.claims[claim] ?? "" : "";
    const owner = released.has(name) ? undefined : this.getByClaim(name, nowMs);
    return { kind, at, claim, owner };
  }

  #releasedBy(writes: readonly ModelWrite[]): ReadonlySet<string> {
    const released = new Set<string>();
    for (const { id, kind } of writes) {
      if (kind === "members" || id === undefined) continue;
      for (const claim of this.#records.get(id)?.claims ?? []) released.add(claim);
    }
    return released;
  }

  #refused(
    writes: readonly ModelWrite[],
    released: ReadonlySet<string>,
    nowMs: number,
  ): Refusal | undefined {
    const taken = new Set<string>();
    for (const [at, write] of writes.entries()) {
      if (!this.#expectationHolds(write, nowMs)) return { kind: "conflict", at, claim: 0 };
      if (write.kind === "members" && isOverfull(this.entries, write)) {
        return { kind: "full", at, claim: 0 };
      }
      if (write.kind !== "put") continue;
      for (const [claim, name] of write.claims.entries()) {
        const isTwice = taken.has(name);
        taken.add(name);
        const owner = isTwice || released.has(name) ? undefined : this.getByClaim(name, nowMs);
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

  /** The highest number that is or will be an id by these writes, without those that they draw. */
  #lastNumberWith(writes: readonly ModelWrite[]): number {
    return writes.reduce(
      (last, { kind, id }) =>
        kind === "put" && id !== undefined && isNumberId(id) ? Math.max(last, Number(id)) : last,
      this.#lastNumber,
    );
  }

  #make(write: ModelWrite, nowMs: number, log: (text: string) => Line): Written {
    switch (write.kind) {
      case "put":
        return this.#put(write, nowMs, log);
      case "delete":
        return this.#delete(write, log);
      case "members":
        return this.#setMembers(write, log);
    }
  }

  #put(write: PutWrite, nowMs: number, log: (text: string) => Line): Written {
    const id = write.id ?? String(++this.#lastNumber);
    // A number that was drawn is past all that were ever used.
    const before = write.id === undefined ? undefined : this.#records.get(id);
    const expiresAtMs = write.ttlMs === "keep"
      ? before?.expiresAtMs
      : write.ttlMs === undefined
      ? undefined
      : nowMs + write.ttlMs;
    const { index, tag } = log(putEntry(write, id, before, expiresAtMs));
    const version = `${index}-${tag}`;
    if (before !== undefined) this.#release(before);
    const { body, shape, claims, scopes, isHidden } = write;
    const entries = write.entries.map((entry) => withId(entry, id));
    if (expiresAtMs !== undefined) entries.push(withId(expiryEntry(expiresAtMs), id));
    for (const claim of claims) this.#owners.set(claim, id);
    for (const entry of entries) this.entries.add(entry);
    if (!isHidden) this.#visible++;
    const held = { id, version, body, shape, expiresAtMs, isHidden, claims, entries, scopes };
    this.#records.set(id, held);
    return { id, version, changed: 1, existed: before !== undefined, expiresAtMs, body };
  }

  #delete({ id }: DeleteWrite, log: (text: string) => Line): Written {
    const before = this.#records.get(id);
    if (before === undefined) {
      return { id, version: "", changed: 0, existed: false, expiresAtMs: undefined };
    }
    this.#remove(before);
    if (!before.isHidden) log(deleteEntry(before, ""));
    return { id, version: before.version, changed: 1, existed: true, expiresAtMs: undefined };
  }

  #setMembers(write: MembersWrite, log: (text: string) => Line): Written {
    const { id, set } = write;
    const change = membersChange(this.entries, write);
    changeMembers(this.entries, write, change);
    const { added, removed } = change;
    const record = this.#records.get(id);
    const { version = "", expiresAtMs, scopes = "{}" } = record ?? {};
    const changed = added.length + removed.length;
    if (changed > 0) {
      const rest = `,"set":${JSON.stringify(set)},"added":${JSON.stringify(added)},"removed":${
        JSON.stringify(removed)
      }`;
      log(entryText({ kind: "members", id, before: scopes, after: scopes, rest }));
    }
    return { id, version, changed, existed: true, expiresAtMs };
  }

  /** Retires what the writes run into, and a few that are due besides. */
  #retireFor(writes: readonly ModelWrite[], nowMs: number, log: (text: string) => Line): void {
    for (const write of writes) {
      const claims = write.kind === "put" ? write.claims : [];
      const owners = claims.map((claim) => this.#owners.get(claim));
      for (const id of [write.id, ...owners]) {
        if (id !== undefined && this.#alive(id, nowMs) === undefined) this.#retire(id, log);
      }
    }
    for (const id of this.#due(nowMs, RETIRED_PER_WRITE_MAX)) this.#retire(id, log);
  }

  #retire(id: string, log: (text: string) => Line): Line | undefined {
    const held = this.#records.get(id);
    if (held === undefined) return undefined;
    this.#remove(held);
    return log(deleteEntry(held, `,"expired":true`));
  }

  #due(nowMs: number, limit: number): readonly string[] {
    return this.entries.range(rangeOf("x").from, expiryEntry(nowMs + 1), { limit }).map(idOfEntry);
  }

  #alive(id: string, nowMs: number): Held | undefined {
    const held = this.#records.get(id);
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
    this.#records.delete(held.id);
    removeMembers(this.entries, held.id);
  }
}

function noNumbersLeft(): HoldfastError {
  return new HoldfastError(
    "ERR_LIMIT",
    "Cannot draw an id as the numbers up to 2^53 - 1 are used up",
  );
}
