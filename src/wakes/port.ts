/**
 * The port of wake-up hints: "the journal behind this channel grew".
 *
 * A hint is never the truth. It may be lost, doubled or late; a reader that trusts only its own journal, and takes a
 * hint as a reason to look (or as the entry itself, when it fits on what the reader has), loses latency by that and
 * never data. `tail.ts` is such a reader.
 *
 * @module
 */

/**
 * A place in a journal. The tag is what tells a journal from another one with the same numbers: a store that lost its
 * tail and was refilled has other tags at the same indexes.
 */
export interface JournalPosition {
  /** The journal's life: another one after it was emptied or restored. 1 to 64 characters of `A-Z a-z 0-9 - _`. */
  readonly epoch: string;
  /** How many entries lie before and at this place: 0 for none, 1 for the first entry. */
  readonly index: number;
  /** The entry's own random characters, 1 to 64 of the same alphabet; `""` at index 0. */
  readonly tag: string;
}

/** An entry of a journal in its place; the epoch is the journal's. */
export interface JournalEntry<Entry> {
  /** Its place, from 1. */
  readonly index: number;
  /** Its own random characters. */
  readonly tag: string;
  /** What was written. */
  readonly entry: Entry;
}

/** What a store answers to a reader of its journal, who says the position he has. */
export type JournalRead<Entry> =
  /**
   * The entries after the reader's position, contiguous and in order, and the head as it is now. None if the reader
   * is at the head; fewer than there are if an answer's limit was reached.
   */
  | {
    readonly kind: "entries";
    readonly entries: readonly JournalEntry<Entry>[];
    readonly head: JournalPosition;
  }
  /**
   * The reader's position is not (or no longer) in the journal: trimmed, another epoch, another tag, or past the head.
   * The reader must take the whole state anew, and go on from `head`.
   */
  | { readonly kind: "reset"; readonly head: JournalPosition };

/** A hint that an entry was added: its position, what it follows, and the entry itself if it is small. */
export interface Wake extends JournalPosition {
  /** The tag of the entry before it; `""` for the first. */
  readonly previousTag: string;
  /** The entry as text. Left out over {@linkcode WAKE_ENTRY_BYTES_MAX} bytes, and if it has a line break. */
  readonly entry?: string | undefined;
}

/** The most bytes of UTF-8 that an entry may have to travel in its wake. */
export const WAKE_ENTRY_BYTES_MAX = 8_192;

/** The most characters of a channel's name. */
export const WAKE_CHANNEL_LENGTH_MAX = 256;

/** What a subscriber is told. */
export type WakeEvent =
  /** An entry was added. */
  | { readonly kind: "wake"; readonly wake: Wake }
  /**
   * The subscription stands, and hints from before this moment may be missing: look now. The first event of every
   * subscription, and the first after each interruption.
   */
  | { readonly kind: "gap" }
  /** No hints come until the next gap. The feed goes on trying; `error` says why it must. */
  | { readonly kind: "down"; readonly error: Error };

/** Called with each event, one at a time. Must not throw. */
export type WakeListener = (event: WakeEvent) => void;

/** Publishes and delivers hints by channel. A driver of a server shares one connection among its subscriptions. */
export interface WakeFeed {
  /**
   * Gives a hint to everybody who is subscribed now. It is not kept for anybody else.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the channel or the wake breaks the rules above.
   * @throws {HoldfastError} `ERR_UNAVAILABLE`, `ERR_TIMEOUT` and the like if a server cannot be asked.
   */
  publish(channel: string, wake: Wake, options?: WakePublishOptions): Promise<void>;

  /**
   * Calls the listener with this channel's events until the signal is aborted, and never after.
   *
   * A call comes in a later microtask than the publication, never inside `subscribe`, `publish` or another call of
   * the same listener. Hints of one channel that one publisher published in turn come in that order. A listener's
   * backlog is bounded; over it, hints make room for one `gap`.
   *
   * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if the channel breaks the rules above.
   */
  subscribe(channel: string, listener: WakeListener, signal: AbortSignal): void;

  /**
   * Whether anybody is subscribed: where nobody is, nothing needs to be written for him. Only a feed within a process
   * knows.
   */
  hears?(channel: string): boolean;
}

/** Options of {@linkcode WakeFeed.publish}. */
export interface WakePublishOptions {
  /** Ends the waiting when aborted; the hint may still be given. */
  readonly signal?: AbortSignal | undefined;
}
