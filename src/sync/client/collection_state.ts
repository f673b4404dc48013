/**
 * What a client knows of a model's records on the server: a state machine over answers, events and pages.
 *
 * Every record has the number of its last write, and so has what is gone, for as long as something older may still
 * arrive. So answers, events and pages may come in any order and any number: what is older than what is known is
 * dropped. While the records are read anew, what arrives is laid on the old ones and on the new ones, and the new ones
 * take over when all of them are there.
 *
 * It changes in place, as a collection of many thousand records is not copied for every event.
 *
 * @module
 */

import { isRecord, type RecordId, seqOf, type SyncRecord } from "./queue_entry.ts";

/** What happens to a collection. */
export type CollectionEvent =
  /** The events of the server go on after this place; `isReset`: and what was before must be read. */
  | {
    readonly kind: "subscribed";
    readonly seq: number;
    readonly cursor: string;
    readonly isReset: boolean;
  }
  /** A page of the records that are read anew. */
  | { readonly kind: "page"; readonly records: readonly SyncRecord[]; readonly isLast: boolean }
  /** Somebody wrote. Without a record it was deleted. */
  | {
    readonly kind: "event";
    readonly id: RecordId;
    readonly record: SyncRecord | undefined;
    readonly seq: number;
    readonly cursor: string | undefined;
  }
  /** The events up to here were not for this client. */
  | { readonly kind: "passed"; readonly cursor: string }
  /** A write of one's own was answered, or a conflict told what is there; `isLate`: it was sent before a reset. */
  | {
    readonly kind: "answer";
    readonly isLate: boolean;
    readonly id: RecordId;
    readonly record: SyncRecord | undefined;
    readonly seq: number | undefined;
  };

/** What an event changed: the records with these ids, or all of them. */
export type Changed = readonly RecordId[] | "all";

const NONE: Changed = [];

/** The records of a model, as far as they are known. */
export class CollectionState {
  /** What is there. */
  records: ReadonlyMap<RecordId, SyncRecord> = new Map();
  /** How often they had to be read anew. */
  resets = 0;
  #known = new Known();
  /** What was read so far, while the records are read anew. */
  #next: Known | undefined;
  #seq = 0;
  #cursor: string | undefined;

  /** Where events go on after a disconnection; `undefined` if the records must be read anew. */
  get cursor(): string | undefined {
    // The place before the first write is one of every life of the model, and the records are of this one.
    const isOfThisLife = this.#seq > 0 || this.records.size === 0;
    return this.#next === undefined && isOfThisLife ? this.#cursor : undefined;
  }

  /** Goes one step. */
  step(event: CollectionEvent): Changed {
    switch (event.kind) {
      case "subscribed":
        // Without a reset what was missed follows, so the place stays where it was.
        if (event.isReset) {
          this.#seq = event.seq;
          this.#cursor = event.cursor;
          this.#next = new Known();
          this.resets++;
        }
        return NONE;
      case "page":
        return this.#page(event.records, event.isLast);
      case "event":
        if (event.seq <= this.#seq) return NONE;
        this.#seq = event.seq;
        this.#cursor = event.cursor ?? this.#cursor;
        return this.#lay(event.id, event.record, event.seq);
      case "passed":
        this.#cursor = event.cursor;
        return NONE;
      case "answer": {
        const seq = event.seq ?? seqOf(event.record?.$version);
        // The events have told of it already, and perhaps of what came after it.
        if (seq > 0 && seq <= this.#seq) return NONE;
        if (event.isLate) return this.#layForNow(event.id, event.record, seq);
        return this.#lay(event.id, event.record, seq === 0 ? undefined : seq);
      }
    }
  }

  /** Lays what may be of another life of the model on the old ones: what is read and told since takes over. */
  #layForNow(id: RecordId, record: SyncRecord | undefined, seq: number): Changed {
    return this.#next !== undefined && this.#known.lay(id, record, seq) ? [id] : NONE;
  }

  /** Lays what is known of one record on the old ones and on the new ones. */
  #lay(id: RecordId, record: SyncRecord | undefined, seq: number | undefined): Changed {
    const isNews = this.#known.lay(id, record, seq);
    if (this.#next === undefined) this.#known.forget(this.#seq);
    else this.#next.lay(id, record, seq);
    return isNews ? [id] : NONE;
  }

  #page(page: readonly SyncRecord[], isLast: boolean): Changed {
    const next = this.#next;
    if (next === undefined) return NONE;
    for (const record of page) next.lay(record.id, record, undefined);
    if (!isLast) return NONE;
    this.#known = next;
    this.#next = undefined;
    this.records = next.records;
    return "all";
  }

  /** Begins with nothing known. */
  constructor() {
    this.records = this.#known.records;
  }
}

/** Records, and the numbers of what is gone. */
class Known {
  readonly records = new Map<RecordId, SyncRecord>();
  readonly #gone = new Map<RecordId, number>();

  /** Takes what is known of a record unless something newer is. Says whether that changes anything. */
  lay(id: RecordId, record: SyncRecord | undefined, seq: number | undefined): boolean {
    const held = this.records.get(id);
    const heldSeq = Math.max(seqOf(held?.$version), this.#gone.get(id) ?? 0);
    const newSeq = seq ?? (record === undefined ? heldSeq : seqOf(record.$version));
    // The same version is the same write, which came by another road.
    const isSame = record !== undefined && held !== undefined && record.$version === held.$version;
    if (newSeq < heldSeq || isSame) return false;
    if (record === undefined) {
      this.#gone.set(id, newSeq);
      return this.records.delete(id);
    }
    this.#gone.delete(id);
    this.records.set(id, record);
    return true;
  }

  /** Forgets what is gone once nothing older than `seq` can arrive. */
  forget(seq: number): void {
    for (const [id, goneSeq] of this.#gone) {
      // The oldest stand first, more or less: what is left is forgotten with a later event.
      if (goneSeq > seq) return;
      this.#gone.delete(id);
    }
  }
}

/** What a server sent as records, without what is none. */
export function recordsOf(data: unknown): readonly SyncRecord[] {
  return Array.isArray(data) ? data.filter(isRecord) : [];
}
