/**
 * The live changes of one model for all connections: one reader of the journal, many listeners.
 *
 * Who joins with a cursor is first told what was missed (from memory, else from the journal), and becomes a listener in the
 * very turn in which that has caught up with the reader; so nothing is missed in between, and nothing comes twice.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import { type Model, type ModelTypes, positionOf } from "../models/mod.ts";
import { sleep, withDeadline } from "../waiting.ts";
import { type ModelEvent, modelEvent } from "./model_event.ts";
import { Recent } from "./recent.ts";
import type { Tasks } from "./tasks.ts";

/** The most changes that one who comes back is told one by one; more are a reset. */
export const CATCH_UP_MAX = 5_000;
/** After so many characters the reader lets the transports do their work. */
const BREATH_SIZE = 262_144;
/** How long catching up may take, in milliseconds; then it is a reset. */
const CATCH_UP_MS = 5_000;
/** The epoch of the place before the first change, which every life of a journal has. */
const NO_EPOCH = "0";
/** How long the reader waits before it begins anew after a failure, in milliseconds. */
const RESTART_MS = 1_000;

/** Who hears of a model's changes. */
export interface FeedListener {
  /** It has joined: what was missed comes first. It hears what is after the cursor, and may hear again what is before. */
  joined(joined: Joined): void;
  /** The next change. */
  hear(event: ModelEvent): void;
  /** Changes are missing: all must be read anew; what follows comes after this cursor. */
  reset(cursor: string): void;
}

/** What a feed is made of. */
export interface FeedOptions {
  /** The model. */
  readonly model: Model<ModelTypes>;
  /** Where time is read. */
  readonly clock: Clock;
  /** Where its reading is noted. */
  readonly tasks: Tasks;
  /** Hears of what fails while it reads. */
  readonly onError: ((error: unknown) => void) | undefined;
}

/** Where a listener stands when it has joined. */
export interface Joined {
  /** Where it goes on. */
  readonly cursor: string;
  /** Whether what was missed is not to be had: all must be read anew. */
  readonly isReset: boolean;
  /** What was missed, in order. */
  readonly missed: readonly ModelEvent[];
}

/** Reads one model's journal while somebody listens. */
export class Feed {
  readonly #model: Model<ModelTypes>;
  readonly #clock: Clock;
  readonly #tasks: Tasks;
  readonly #onError: ((error: unknown) => void) | undefined;
  readonly #listeners = new Set<FeedListener>();
  /** Where the reader stands; set with the first listener. */
  #place: { cursor: string; recent: Recent } | undefined;
  #stop: AbortController | undefined;
  #joining = 0;
  /** The listeners as a list, which is faster to walk; made anew when they have changed. */
  #told: readonly FeedListener[] | undefined;

  /** Reads nothing yet. */
  constructor({ model, clock, tasks, onError }: FeedOptions) {
    this.#model = model;
    this.#clock = clock;
    this.#tasks = tasks;
    this.#onError = onError;
  }

  /** Where the reader stands. */
  get cursor(): string | undefined {
    return this.#place?.cursor;
  }

  /**
   * Adds a listener, after a cursor or from now on.
   *
   * @throws What the store throws, and the signal's reason.
   */
  async join(
    listener: FeedListener,
    after: string | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    this.#joining++;
    try {
      await this.#started(signal);
      const found = after === undefined
        ? this.#now([], true)
        : this.#remembered(after) ?? await this.#caughtUp(after, signal);
      signal.throwIfAborted();
      // In one turn from here to the end: what the reader told since the last look is added first.
      listener.joined(this.#toppedUp(found));
      this.#listeners.add(listener);
      this.#told = undefined;
    } finally {
      this.#joining--;
      this.#stopIfIdle();
    }
  }

  /** Removes a listener. With the last one the reader stops. */
  leave(listener: FeedListener): void {
    this.#listeners.delete(listener);
    this.#told = undefined;
    this.#stopIfIdle();
  }

  #stopIfIdle(): void {
    if (this.#listeners.size + this.#joining > 0) return;
    this.#stop?.abort();
    this.#stop = undefined;
    this.#place = undefined;
  }

  #now(missed: readonly ModelEvent[], isReset: boolean): Joined {
    return { cursor: this.#place?.cursor ?? "", isReset, missed };
  }

  /** What was found, and what the reader has told since; a reset if that is no longer known. */
  #toppedUp(found: Joined): Joined {
    const { cursor, isReset, missed } = found;
    const seq = indexOf(cursor) ?? 0;
    if (isReset || !this.#isOfThisLife(cursor)) return this.#now([], true);
    if (seq >= this.#head()) return found;
    const more = this.#place?.recent.since(seq);
    return more === undefined ? this.#now([], true) : this.#now([...missed, ...more], false);
  }

  /** Whether a place is in the life of the journal in which the reader is: that may have begun anew meanwhile. */
  #isOfThisLife(cursor: string): boolean {
    const epoch = placeOf(cursor)?.epoch;
    return epoch === NO_EPOCH || epoch === placeOf(this.#place?.cursor ?? "")?.epoch;
  }

  #remembered(after: string): Joined | undefined {
    if (after === this.#place?.cursor) return this.#now([], false);
    const missed = this.#place?.recent.after(after);
    return missed && this.#now(missed, false);
  }

  /** Reads the journal from a cursor up to where the reader stands. */
  async #caughtUp(after: string, signal: AbortSignal): Promise<Joined> {
    const from = indexOf(after);
    if (from === undefined || this.#head() - from > CATCH_UP_MAX) return this.#now([], true);
    if (from >= this.#head()) {
      // The reader lags behind, or has not told anybody of entries that concern nobody; or nobody gave such a cursor.
      const head = await this.#model.cursor({ signal });
      if (head === after) return { cursor: after, isReset: false, missed: [] };
      if ((indexOf(head) ?? 0) <= from) return this.#now([], true);
    }
    const late = () => new HoldfastError("ERR_TIMEOUT", "Cannot catch up in time");
    try {
      return await withDeadline(
        this.#clock,
        CATCH_UP_MS,
        (signal) => this.#missed(after, signal),
        late,
        { signal },
      );
    } catch (error) {
      // What follows may be entries of which nobody is told, so that nothing comes: all is read anew instead.
      if (HoldfastError.is(error, "ERR_TIMEOUT")) return this.#now([], true);
      throw error;
    }
  }

  async #missed(after: string, signal: AbortSignal): Promise<Joined> {
    const missed: ModelEvent[] = [];
    for await (const change of this.#model.changes({ after, signal })) {
      if (change.kind === "reset") break;
      const event = modelEvent(this.#model.name, change);
      if (event !== undefined) missed.push(event);
      if (change.index >= this.#head()) return { cursor: change.cursor, isReset: false, missed };
    }
    return this.#now([], true);
  }

  #head(): number {
    return indexOf(this.#place?.cursor ?? "") ?? 0;
  }

  async #started(signal: AbortSignal): Promise<void> {
    if (this.#place !== undefined) return;
    const cursor = await this.#model.cursor({ signal });
    // Another one may have started it meanwhile.
    if (this.#place !== undefined) return;
    const place = this.#place = { cursor, recent: new Recent(cursor, indexOf(cursor) ?? 0) };
    const stop = this.#stop = new AbortController();
    this.#tasks.add(this.#read(place, stop.signal));
  }

  #tell(event: ModelEvent): void {
    this.#told ??= [...this.#listeners];
    for (const listener of this.#told) listener.hear(event);
  }

  /** Reads until it is stopped. A failure that time may heal begins it anew where it stood. */
  async #read(
    place: { cursor: string; recent: Recent },
    signal: AbortSignal,
  ): Promise<void> {
    let size = 0;
    while (!signal.aborted) {
      try {
        for await (const change of this.#model.changes({ after: place.cursor, signal })) {
          place.cursor = change.cursor;
          if (change.kind === "reset") {
            place.recent = new Recent(change.cursor, indexOf(change.cursor) ?? 0);
            for (const listener of this.#listeners) listener.reset(change.cursor);
            continue;
          }
          const event = modelEvent(this.#model.name, change);
          if (event === undefined) continue;
          place.recent.add(event);
          this.#tell(event);
          size += event.text.length;
          if (size < BREATH_SIZE) continue;
          // A long answer of the journal must not look to the connections like readers that are slow.
          size = 0;
          await sleep(this.#clock, 0, { signal });
        }
      } catch (error) {
        // Its own end; anything else is the store's, whose client has tried again already.
        if (signal.aborted) return;
        this.#onError?.(error);
        await sleep(this.#clock, RESTART_MS, { signal }).catch(() => {});
      }
    }
  }
}

function indexOf(cursor: string): number | undefined {
  return placeOf(cursor)?.index;
}

function placeOf(cursor: string): ReturnType<typeof positionOf> | undefined {
  try {
    return positionOf(cursor);
  } catch (error) {
    if (HoldfastError.is(error, "ERR_INVALID_CURSOR")) return undefined;
    throw error;
  }
}
