/**
 * A subscription that stays: an event stream that is opened again whenever it ends, breaks, or is silently dead.
 *
 * A stream may be cut without a word, and a quiet one looks the same. So after a while of silence the watchdog
 * publishes a ping on a channel that the stream itself hears. All who listen hear it, so that many processes need one
 * ping between them; a front that sends comments of its own needs none. Where nothing comes back, the stream is dead.
 *
 * @module
 */

import { backoffMs } from "../../src/backoff.ts";
import type { Clock } from "../../src/clock.ts";
import type { Random } from "../../src/random.ts";
import { sleep } from "../../src/waiting.ts";
import type { RedisClient } from "./client.ts";
import { readEventStream } from "./event_stream.ts";
import { failureOf, malformed, unanswered } from "./failures.ts";

/** What a stream is of, and who is told. */
export interface LiveStreamOptions {
  /** The path of the request, such as `["psubscribe", "holdfast:*"]`. */
  readonly path: readonly string[];
  /** A channel that the stream hears. */
  readonly pingChannel: string;
  /** The subscription stands: messages from now on come. */
  readonly onOpen: () => void;
  /** A message came. Pings are not told. */
  readonly onMessage: (channel: string, text: string) => void;
  /** It cannot be opened, and is tried again. */
  readonly onDown: (error: Error) => void;
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice. */
  readonly random: Random;
}

/** How long a stream may take until its subscription is confirmed. */
export const OPEN_MS_MAX = 10_000;
/** After so much silence, or up to a third more, a ping is published. */
export const SILENCE_MS = 45_000;
/** How long a ping may take to come back. */
export const PING_MS_MAX = 10_000;

const PING = "ping";
const WAITS = { firstMs: 50, ceilingMs: 10_000 };
/** A stream that lived so long was no failure to open. */
const STABLE_MS = 250;

/** Keeps a stream open until the signal is aborted. Everything that goes wrong is told by `onDown`. */
export async function keepStream(
  client: RedisClient,
  options: LiveStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const { clock, random } = options;
  for (let failures = 0; !signal.aborted; failures++) {
    const begunMs = clock.monotonic();
    await openOnce(client, options, signal);
    if (clock.monotonic() - begunMs >= STABLE_MS) failures = 0;
    // An abort ends the waiting and then the loop.
    await sleep(clock, backoffMs(failures, WAITS, random), { signal }).catch(() => {});
  }
}

/** One stream from its opening to its end. */
async function openOnce(
  client: RedisClient,
  options: LiveStreamOptions,
  signal: AbortSignal,
): Promise<void> {
  const stop = new AbortController();
  const end = (): void => stop.abort();
  signal.addEventListener("abort", end, { once: true });
  const watch = watchdog(client, options, stop);
  try {
    await client.stream(options.path, {
      signal: stop.signal,
      read: readEventStream,
      onData: (data) => {
        watch.heard();
        if (data !== "") hear(data, options, watch);
      },
    });
    if (!watch.isOpen) options.onDown(malformed("its event stream ended before it began"));
  } catch (error) {
    // The end that the watchdog or the owner made is none to tell, unless the stream never stood.
    const isOurs = stop.signal.aborted;
    if (!signal.aborted && (!isOurs || !watch.isOpen)) {
      options.onDown(isOurs ? unanswered(OPEN_MS_MAX) : failureOf(error));
    }
  } finally {
    watch.end();
    signal.removeEventListener("abort", end);
  }
}

const MESSAGE = /^(?:message|pmessage,[^,]*),([^,]*),(.*)$/s;

/** What one line of data means. Anything unknown is a message that got lost. */
function hear(data: string, options: LiveStreamOptions, watch: Watchdog): void {
  if (/^p?subscribe,/.test(data)) {
    watch.isOpen = true;
    return options.onOpen();
  }
  const [, channel, text] = MESSAGE.exec(data) ?? [];
  if (text === PING) return;
  if (channel === undefined || text === undefined) options.onOpen();
  else options.onMessage(channel, text);
}

interface Watchdog {
  isOpen: boolean;
  heard(): void;
  end(): void;
}

/** Ends the stream when it does not open, or gives no sign of life. Holds one timer, whatever the traffic. */
function watchdog(
  client: RedisClient,
  { clock, random, pingChannel }: LiveStreamOptions,
  stop: AbortController,
): Watchdog {
  let heardMs = clock.monotonic();
  let pingedMs = -Infinity;
  const silenceMs = SILENCE_MS * (1 + random.float() / 3);
  const ping = (): void => {
    pingedMs = clock.monotonic();
    const call = { effect: "repeatable", deadlineMs: PING_MS_MAX, signal: stop.signal } as const;
    // Whether it was published shows in whether it is heard.
    client.command(["PUBLISH", pingChannel, PING], call).catch(() => {});
  };
  const look = (): void => {
    const nowMs = clock.monotonic();
    const isWaiting = !watch.isOpen || pingedMs > heardMs;
    if (isWaiting) return stop.abort();
    const quietMs = nowMs - heardMs;
    if (quietMs < silenceMs) return wait(silenceMs - quietMs);
    ping();
    wait(PING_MS_MAX);
  };
  let cancel = (): void => {};
  const wait = (ms: number): void => {
    cancel = clock.after(ms, look);
  };
  const watch: Watchdog = {
    isOpen: false,
    heard: () => {
      heardMs = clock.monotonic();
    },
    end: () => {
      cancel();
      stop.abort();
    },
  };
  wait(OPEN_MS_MAX);
  return watch;
}
