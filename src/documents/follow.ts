/**
 * Following documents as they grow: one tail of a unit's journal for all who follow something in it.
 *
 * An operation is read once and given to all listeners as one object; not even that if this process committed it. Where
 * the journal says only that a document grew, because what was committed is too large to travel, the document's log is
 * read once for all.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import { report } from "../events.ts";
import { tail } from "../wakes/tail.ts";
import type { Op } from "./change.ts";
import type { FollowEvent, FollowListener } from "./core.ts";
import type { CoreContext } from "./core_context.ts";
import { type JournalChange, parseJournalChange, parseJournalPlace } from "./journal_change.ts";
import { checkNames } from "./names.ts";
import { type DocumentUnit, wakeChannel } from "./port.ts";
import { opsAfter } from "./read.ts";
import { documentKey, opsBetween } from "./recent.ts";
import { unitOf } from "./settings.ts";

/** The most entries that one look at a journal brings. */
const ENTRIES_PER_READ = 500;

/** The tails of a process, by channel. */
export type Tails = Map<string, UnitTail>;

/** Follows documents of a collection, or all of it; resolves when nothing that is committed from now on is missed. */
export async function followDocuments(
  context: CoreContext,
  tails: Tails,
  collection: string,
  ids: readonly string[] | undefined,
  listener: FollowListener,
  signal: AbortSignal,
): Promise<void> {
  checkNames(collection, ids ?? []);
  signal.throwIfAborted();
  const settings = context.settings.collection(collection);
  const units = ids === undefined ? settings.units : new Set(ids.map((id) => unitOf(settings, id)));
  await Promise.all([...units].map((unit) => {
    const own = ids?.filter((id) => unitOf(settings, id) === unit);
    return tailOf(context, tails, unit).add(own, listener, signal);
  }));
}

function tailOf(context: CoreContext, tails: Tails, unit: DocumentUnit): UnitTail {
  const channel = wakeChannel(unit);
  // A stream that is of one request must not be another one's.
  if (context.isolation === "request") return new UnitTail(context, unit, () => {});
  const found = tails.get(channel);
  if (found !== undefined && !found.isOver) return found;
  const made = new UnitTail(context, unit, () => {
    if (tails.get(channel) === made) tails.delete(channel);
  });
  tails.set(channel, made);
  return made;
}

/** A unit's journal, and who listens to what of it. Lives while somebody does. */
class UnitTail {
  readonly #context: CoreContext;
  readonly #unit: DocumentUnit;
  readonly #onEnd: () => void;
  readonly #stop = new AbortController();
  readonly #ofDocument = new Map<string, Set<FollowListener>>();
  readonly #ofAll = new Set<FollowListener>();
  #followers = 0;
  #ready: Promise<void> | undefined;

  constructor(context: CoreContext, unit: DocumentUnit, onEnd: () => void) {
    this.#context = context;
    this.#unit = unit;
    this.#onEnd = onEnd;
  }

  /** Whether nobody may be added any more. */
  get isOver(): boolean {
    return this.#stop.signal.aborted;
  }

  /** Adds a listener to some documents, or to all. */
  async add(
    ids: readonly string[] | undefined,
    listener: FollowListener,
    signal: AbortSignal,
  ): Promise<void> {
    this.#followers++;
    const leave = this.#listen(ids, listener);
    const end = (): void => {
      signal.removeEventListener("abort", end);
      leave();
      if (--this.#followers === 0) this.#end();
    };
    signal.addEventListener("abort", end, { once: true });
    this.#ready ??= this.#begin();
    try {
      await this.#ready;
      signal.throwIfAborted();
    } catch (error) {
      // What the store says, or the signal: either way this one does not follow.
      if (!signal.aborted) end();
      throw error;
    }
  }

  #listen(ids: readonly string[] | undefined, listener: FollowListener): () => void {
    if (ids === undefined) {
      this.#ofAll.add(listener);
      return () => this.#ofAll.delete(listener);
    }
    for (const id of ids) {
      const listeners = this.#ofDocument.get(id) ?? new Set();
      this.#ofDocument.set(id, listeners.add(listener));
    }
    return () => {
      for (const id of ids) {
        const listeners = this.#ofDocument.get(id);
        listeners?.delete(listener);
        if (listeners?.size === 0) this.#ofDocument.delete(id);
      }
    };
  }

  #end(): void {
    this.#stop.abort();
    this.#onEnd();
  }

  /** Finds the journal's end, and reads on from there behind everybody's back. */
  async #begin(): Promise<void> {
    const { documents, wakes, clock, random } = this.#context;
    const { signal } = this.#stop;
    const { head: from } = await documents.changes(this.#unit, undefined, { limit: 1, signal });
    const journal = {
      read: async (after: typeof from, options: { readonly signal: AbortSignal }) => {
        const call = { ...options, limit: ENTRIES_PER_READ };
        const read = await documents.changes(this.#unit, after, call);
        if (read.kind === "reset") return read;
        const entries = read.entries.map(({ index, tag, entry }) => (
          { index, tag, entry: this.#changeOf(entry) }
        ));
        return { ...read, entries };
      },
      decode: (entry: string) => this.#changeOf(entry),
      wakes,
      channel: wakeChannel(this.#unit),
    };
    // Ends by its signal or a failure, of which it tells everybody; never fails itself.
    void this.#run(tail(journal, { from, signal, clock, random }));
  }

  /** The change of an entry, with the operations of the copy that it led to, if there is one. */
  #changeOf(entry: string): JournalChange | undefined {
    const place = parseJournalPlace(entry);
    const key = place && documentKey(this.#unit.collection, place.id);
    const recent = key === undefined ? undefined : this.#context.recents.get(key);
    const ops = place && recent && opsBetween(recent, place);
    return place && ops ? { ...place, ops } : parseJournalChange(entry);
  }

  async #run(events: ReturnType<typeof tail<JournalChange | undefined>>): Promise<void> {
    try {
      for await (const event of events) {
        if (event.kind === "reset") this.#tellAll({ kind: "gap", id: undefined });
        else {
          for (const { entry } of event.entries) {
            if (entry === undefined) this.#tellAll({ kind: "gap", id: undefined });
            else if (this.#hasListeners(entry.id)) await this.#told(entry);
          }
        }
      }
    } catch (error) {
      // The end of the last follower, or what time does not heal.
      if (this.isOver) return;
      if (!HoldfastError.is(error)) throw error;
      this.#tellAll({ kind: "failed", error });
      this.#end();
    }
  }

  /** Tells one change. What cannot be read is left to the listeners. */
  async #told(change: JournalChange): Promise<void> {
    const { id, epoch } = change;
    const ops = change.ops ?? await this.#opsOf(change);
    this.#tell(id, ops === undefined ? { kind: "gap", id } : { kind: "ops", id, epoch, ops });
  }

  async #opsOf({ id, epoch, from, to }: JournalChange): Promise<readonly Op[] | undefined> {
    try {
      const place = { unit: this.#unit, id };
      const { signal } = this.#stop;
      const found = await opsAfter(this.#context, place, { epoch, version: from }, to, { signal });
      return typeof found === "object"
        ? found.ops.filter(({ version }) => version < to)
        : undefined;
    } catch (error) {
      // What the store says now, it says to the listeners as well, when they look themselves.
      if (this.isOver || !HoldfastError.is(error)) throw error;
      return undefined;
    }
  }

  #hasListeners(id: string): boolean {
    return this.#ofAll.size > 0 || this.#ofDocument.has(id);
  }

  #tell(id: string, event: FollowEvent): void {
    for (const listener of this.#ofDocument.get(id) ?? []) call(listener, event);
    for (const listener of this.#ofAll) call(listener, event);
  }

  #tellAll(event: FollowEvent): void {
    const all = [this.#ofAll, ...this.#ofDocument.values()].flatMap((some) => [...some]);
    for (const listener of new Set(all)) call(listener, event);
  }
}

/** Tells one. What a listener throws is for the host to report, and harms nobody else. */
function call(listener: FollowListener, event: FollowEvent): void {
  try {
    listener(event);
  } catch (error) {
    // A listener's own failure.
    report(error);
  }
}
