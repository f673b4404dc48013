/**
 * Reading a log: some entries, or all as they come.
 *
 * @module
 */

import { backoffMs } from "../backoff.ts";
import { assertNever } from "../errors.ts";
import { sleep } from "../waiting.ts";
import type { JournalRead } from "../wakes/port.ts";
import { tail } from "../wakes/tail.ts";
import type { LogContext } from "./context.ts";
import { refusal, TrimmedError } from "./log_errors.ts";
import type { LogEntry, LogFrom, LogPage, LogReadOptions, LogTailOptions } from "./log_face.ts";
import { logChannel, type LogPosition, type LogRead } from "./port.ts";
import { checkedPosition } from "./position.ts";
import { checkWhole, entryOf, notReached } from "./prepare.ts";

/** The most entries that a tail asks for at once. */
const TAIL_ENTRIES_MAX = 500;
/** How long a read waits for its `minIndex`, in milliseconds. */
const REACH_MS = 5_000;
const REACH_WAITS = { firstMs: 20, ceilingMs: 500 };

/** What a tail ends by when a sealed log was read. */
const SEALED: unique symbol = /* @__PURE__ */ Symbol();

/** Some entries. */
export async function read<Event>(
  context: LogContext<Event>,
  { from = "start", limit = 100, minIndex = 0, signal = context.signal }: LogReadOptions = {},
): Promise<LogPage<Event>> {
  checkWhole("read a log", "limit", limit, 1, 1_000);
  checkWhole("read a log", "minIndex", minIndex, 0);
  const { store, shape, clock, random } = context;
  const untilMs = clock.monotonic() + REACH_MS;
  for (let tries = 0;; tries++) {
    const after = from === "start" ? undefined : await positionOf(context, from, signal);
    const answer = entriesOf(await store.read(shape, after, { limit, signal }));
    const { head, isSealed } = answer;
    if (head.index >= minIndex) {
      const entries = answer.entries.map((entry) => entryOf<Event>(head.epoch, entry));
      const position = entries.at(-1)?.position ?? after ?? head;
      return { entries, position, head, isSealed };
    }
    // Behind what somebody was told: a replica that follows, or a store that lost entries.
    if (clock.monotonic() >= untilMs) throw notReached();
    await sleep(clock, backoffMs(tries, REACH_WAITS, random), { signal });
  }
}

/** Every entry after a position, and those that come, in pages. */
export async function* pages<Event>(
  context: LogContext<Event>,
  options: LogTailOptions = {},
): AsyncGenerator<readonly LogEntry<Event>[], void, void> {
  const { store, wakes, shape, clock, random } = context;
  const signal = options.signal ?? context.signal ?? new AbortController().signal;
  const from = await positionOf(context, options.from ?? "start", signal);
  let sealedAt = Infinity;
  const journal = {
    read: async (
      after: LogPosition,
      call: { readonly signal: AbortSignal },
    ): Promise<JournalRead<string>> => {
      const answer = entriesOf(
        await store.read(shape, after, { limit: TAIL_ENTRIES_MAX, ...call }),
      );
      if (answer.isSealed && answer.entries.length === 0) throw SEALED;
      if (answer.isSealed) sealedAt = answer.head.index;
      return answer;
    },
    decode: (entry: string) => entry,
    wakes,
    channel: logChannel(shape.name),
  };
  try {
    for await (const event of tail(journal, { from, signal, clock, random })) {
      if (event.kind === "reset") throw refusal("read a log", "regressed");
      const { position: { epoch, index }, entries } = event;
      yield entries.map((entry) => entryOf<Event>(epoch, entry));
      if (index === sealedAt) return;
    }
  } catch (error) {
    // The end of a sealed log; anything else passes through.
    if (error !== SEALED) throw error;
  }
}

/** The same, one by one. */
export async function* entries<Event>(
  context: LogContext<Event>,
  options: LogTailOptions = {},
): AsyncGenerator<LogEntry<Event>, void, void> {
  const { signal = context.signal } = options;
  for await (const page of pages(context, options)) {
    for (const entry of page) {
      // An abort ends a page in its middle, too.
      signal?.throwIfAborted();
      yield entry;
    }
  }
}

async function positionOf<Event>(
  { store, shape }: LogContext<Event>,
  from: LogFrom,
  signal: AbortSignal | undefined,
): Promise<LogPosition> {
  if (from !== "start" && from !== "end") return checkedPosition(from);
  const { start, head } = await store.state(shape, { signal });
  return from === "start" ? start : head;
}

/** The entries of an answer, or the failure that it stands for. */
function entriesOf(answer: LogRead): Extract<LogRead, { readonly kind: "entries" }> {
  switch (answer.kind) {
    case "entries":
      return answer;
    case "trimmed":
      throw new TrimmedError("read a log", answer.start);
    case "regressed":
      throw refusal("read a log", answer.kind);
    default:
      return assertNever(answer, "an answer of a log's store");
  }
}
