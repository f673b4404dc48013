/**
 * Reading a journal as it grows: by cursor, with hints of a feed as reasons to look.
 *
 * A hint that carries the next entry is applied without a read. Anything else (a gap, an entry too large to travel, a
 * hint out of order) leads to one read from the cursor, however many hints come meanwhile. A slow poll looks even when
 * nobody says anything. So a feed that loses, doubles and reorders hints costs time and never an entry.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import { type ErrorCode, HoldfastError } from "../errors.ts";
import type { Random } from "../random.ts";
import { sleep } from "../waiting.ts";
import { JournalCursor } from "./cursor.ts";
import type { JournalEntry, JournalPosition, JournalRead, WakeFeed } from "./port.ts";

/** A journal as a tail reads it: a slice of a room's store. */
export interface TailJournal<Entry> {
  /** The entries after a position, or a reset; as many as one answer holds. */
  read(after: JournalPosition, options: { readonly signal: AbortSignal }): Promise<
    JournalRead<Entry>
  >;
  /** The entry that a hint carried as text. */
  decode(entry: string): Entry;
  /** Where its hints come from. */
  readonly wakes: WakeFeed;
  /** The channel of its hints. */
  readonly channel: string;
}

/** Options of {@linkcode tail}. */
export interface TailOptions {
  /** The position after which to begin, as a snapshot or an earlier tail gave it. */
  readonly from: JournalPosition;
  /** Ends the tail when aborted; the iteration throws the signal's reason. */
  readonly signal: AbortSignal;
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice for its waits. */
  readonly random: Random;
  /** How often it looks when nobody says anything, in milliseconds, less up to a quarter. Default 30,000. */
  readonly pollMs?: number | undefined;
}

/** What a tail gives. */
export type TailEvent<Entry> =
  /** The next entries, contiguous and in order; never empty. */
  | {
    readonly kind: "entries";
    readonly entries: readonly JournalEntry<Entry>[];
    readonly position: JournalPosition;
  }
  /** Entries are missing: the whole state must be taken anew, and what follows goes on from this position. */
  | { readonly kind: "reset"; readonly position: JournalPosition };

/** How long the first look waits for the subscription to stand, so that one read serves both. */
export const FIRST_LOOK_MS = 1_000;
/** The least time between the beginnings of two reads, so that a burst of hints does not become one of reads. */
export const READ_INTERVAL_MS = 10;

const WAITS = { firstMs: 50, ceilingMs: 10_000 };
const PASSING: readonly ErrorCode[] = ["ERR_UNAVAILABLE", "ERR_TIMEOUT", "ERR_RATE_LIMITED"];

/**
 * Every entry of a journal after a position, each once and in order, and then those that are added, until the signal is
 * aborted or the iteration is left. While the store cannot be reached it waits.
 *
 * Nothing is read ahead: a consumer that is slow costs no memory, and reads on from its cursor.
 *
 * @throws The signal's reason when it is aborted.
 * @throws {HoldfastError} What the journal throws and time does not heal, such as `ERR_UNAUTHORIZED`.
 */
export async function* tail<Entry>(
  journal: TailJournal<Entry>,
  options: TailOptions,
): AsyncGenerator<TailEvent<Entry>, void, void> {
  const { signal, clock, random, pollMs = 30_000 } = options;
  const cursor = new JournalCursor(options.from);
  const bell = createBell(clock);
  const left = new AbortController();
  const leave = (): void => {
    left.abort();
    // Also where nobody asks for the next event any more.
    bell.end();
    bell.ring();
  };
  signal.throwIfAborted();
  signal.addEventListener("abort", leave, { once: true });
  journal.wakes.subscribe(journal.channel, (event) => {
    cursor.hear(event);
    bell.ring();
  }, left.signal);
  try {
    let readMs = -Infinity;
    let pollAtMs = clock.monotonic() + FIRST_LOOK_MS;
    for (;;) {
      signal.throwIfAborted();
      const taken = cursor.take();
      if (taken.length > 0) {
        const entries = taken.map(({ index, tag, entry }) => (
          { index, tag, entry: journal.decode(entry) }
        ));
        yield { kind: "entries", entries, position: cursor.position };
      } else if (cursor.mustRead || clock.monotonic() >= pollAtMs) {
        const pauseMs = readMs + READ_INTERVAL_MS - clock.monotonic();
        if (pauseMs > 0) await sleep(clock, pauseMs, { signal });
        readMs = clock.monotonic();
        const event = await lookedUp(journal, cursor, options);
        pollAtMs = clock.monotonic() + pollMs * (1 - random.float() / 4);
        if (event !== undefined) yield event;
      } else {
        await bell.wait(pollAtMs);
      }
    }
  } finally {
    signal.removeEventListener("abort", leave);
    leave();
  }
}

/** One read of the journal, tried until the store answers. */
async function lookedUp<Entry>(
  journal: TailJournal<Entry>,
  cursor: JournalCursor,
  { signal, clock, random }: TailOptions,
): Promise<TailEvent<Entry> | undefined> {
  for (let failures = 0;; failures++) {
    cursor.beginRead();
    try {
      const answer = await journal.read(cursor.position, { signal });
      cursor.endRead(answer);
      if (answer.kind === "reset") return { kind: "reset", position: cursor.position };
      if (answer.entries.length === 0) return undefined;
      return { kind: "entries", entries: answer.entries, position: cursor.position };
    } catch (error) {
      // A store that does not answer now; anything else passes through.
      cursor.failRead();
      if (!PASSING.some((code) => HoldfastError.is(error, code))) throw error;
      await sleep(clock, backoffMs(failures, WAITS, random), { signal });
    }
  }
}

/** Something that one waits for and many may ring; a ring while nobody waits is remembered. */
function createBell(clock: Clock): {
  ring(): void;
  /** Waits for a ring, or about until a time of the clock. */
  wait(untilMs: number): Promise<void>;
  end(): void;
} {
  let hasRung = false;
  let wake = (): void => {};
  // There is a wait for every hint, and a timer only for the end of the last of them (bench/documents_bench.ts).
  let timer: { readonly atMs: number; readonly cancel: () => void } | undefined;
  const ring = (): void => {
    hasRung = true;
    wake();
  };
  const end = (): void => {
    timer?.cancel();
    timer = undefined;
  };
  return {
    ring,
    wait: async (untilMs) => {
      if (timer?.atMs !== untilMs) {
        end();
        const cancel = untilMs === Infinity
          ? () => {}
          : clock.after(untilMs - clock.monotonic(), () => {
            timer = undefined;
            ring();
          });
        timer = { atMs: untilMs, cancel };
      }
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      hasRung = false;
    },
    end,
  };
}
