/**
 * Wake-up hints by PUBLISH and an event stream: the Redis driver of the port.
 *
 * Where requests may share, one stream hears a whole namespace for a whole process, and goes when nobody listens. Where
 * they may not (`isolation: "request"`), each subscription has a stream of its own, of its own channel.
 *
 * @module
 */

import { FanOut } from "../../src/wakes/fan_out.ts";
import type { WakeEvent, WakeFeed } from "../../src/wakes/port.ts";
import { carriedWake, checkChannel, decodeWake, encodeWake } from "../../src/wakes/wake.ts";
import type { RedisConnection } from "./connection.ts";
import { pingChannel, wakeChannel, wakePattern } from "./keys.ts";
import { keepStream, type LiveStreamOptions } from "./live_stream.ts";

export * from "./connection.ts";
export { readEventStream } from "./event_stream.ts";
export { WAKES } from "./scripts.ts";

/**
 * A feed over a Redis. Who shares the value shares its one stream.
 *
 * A publication is one request and one billed command; a delivery costs none; a namespace that is silent for a minute
 * costs one command more.
 */
export function redisWakes(connection: RedisConnection): WakeFeed {
  const subscribe = connection.isolation === "request" ? streamEach : streamShared;
  return {
    async publish(channel, wake, { signal } = {}): Promise<void> {
      checkChannel(channel);
      const name = wakeChannel(connection.namespace, channel);
      const line = encodeWake(carriedWake(wake));
      signal?.throwIfAborted();
      await connection.client.command(["PUBLISH", name, line], { effect: "repeatable", signal });
    },
    subscribe: subscribe(connection),
  };
}

/** One stream for all subscriptions. */
function streamShared(connection: RedisConnection): WakeFeed["subscribe"] {
  const { namespace } = connection;
  const listeners = new FanOut();
  let stream: { readonly stop: AbortController; readonly state: StreamState } | undefined;
  const open = () => {
    const stop = new AbortController();
    const where = {
      path: ["psubscribe", wakePattern(namespace)],
      pingChannel: pingChannel(namespace),
    };
    return { stop, state: keep(connection, where, listeners, stop.signal) };
  };
  return (channel, listener, signal) => {
    checkChannel(channel);
    if (signal.aborted) return;
    stream ??= open();
    listeners.subscribe(wakeChannel(namespace, channel), listener, signal, {
      first: stream.state.isOpen ? { kind: "gap" } : undefined,
      onEmpty: () => {
        stream?.stop.abort();
        stream = undefined;
      },
    });
  };
}

/** A stream for each subscription, which lives no longer than the request that made it. */
function streamEach(connection: RedisConnection): WakeFeed["subscribe"] {
  return (channel, listener, signal) => {
    checkChannel(channel);
    if (signal.aborted) return;
    const name = wakeChannel(connection.namespace, channel);
    const listeners = new FanOut();
    listeners.subscribe(name, listener, signal);
    keep(connection, { path: ["subscribe", name], pingChannel: name }, listeners, signal);
  };
}

interface StreamState {
  isOpen: boolean;
}

/** Keeps a stream for listeners, and says how it stands. It ends by its signal alone, and never fails. */
function keep(
  connection: RedisConnection,
  where: Pick<LiveStreamOptions, "path" | "pingChannel">,
  listeners: FanOut,
  signal: AbortSignal,
): StreamState {
  const state = { isOpen: false };
  const streamOptions: LiveStreamOptions = {
    ...connection,
    ...where,
    onOpen: () => {
      state.isOpen = true;
      listeners.broadcast({ kind: "gap" });
    },
    onDown: (error) => {
      state.isOpen = false;
      listeners.broadcast({ kind: "down", error });
    },
    onMessage: (channel, text) => listeners.deliver(channel, eventOf(text)),
  };
  void keepStream(connection.client, streamOptions, signal);
  return state;
}

/** A message as an event; one that is no wake says only that something was missed. */
function eventOf(text: string): WakeEvent {
  const wake = decodeWake(text);
  return wake === undefined ? { kind: "gap" } : { kind: "wake", wake };
}
