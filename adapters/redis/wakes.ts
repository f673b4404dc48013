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
  const { namespace, client } = connection;
  const listeners = new FanOut();
  let stream: { readonly stop: AbortController; isOpen: boolean } | undefined;
  const open = (): { readonly stop: AbortController; isOpen: boolean } => {
    const opened = { stop: new AbortController(), isOpen: false };
    const streamOptions: LiveStreamOptions = {
      ...connection,
      path: ["psubscribe", wakePattern(namespace)],
      pingChannel: pingChannel(namespace),
      onOpen: () => {
        opened.isOpen = true;
        listeners.broadcast({ kind: "gap" });
      },
      onDown: (error) => {
        opened.isOpen = false;
        listeners.broadcast({ kind: "down", error });
      },
      onMessage: (channel, text) => listeners.deliver(channel, eventOf(text)),
    };
    // Ends by its signal alone, and never fails.
    void keepStream(client, streamOptions, opened.stop.signal);
    return opened;
  };
  return (channel, listener, signal) => {
    checkChannel(channel);
    if (signal.aborted) return;
    stream ??= open();
    listeners.subscribe(wakeChannel(namespace, channel), listener, signal, {
      first: stream.isOpen ? { kind: "gap" } : undefined,
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
    const tell = (event: WakeEvent): void => listeners.deliver(name, event);
    const streamOptions: LiveStreamOptions = {
      ...connection,
      path: ["subscribe", name],
      pingChannel: name,
      onOpen: () => tell({ kind: "gap" }),
      onDown: (error) => tell({ kind: "down", error }),
      onMessage: (_channel, text) => tell(eventOf(text)),
    };
    // Ends by its signal alone, and never fails.
    void keepStream(connection.client, streamOptions, signal);
  };
}

/** A message as an event; one that is no wake says only that something was missed. */
function eventOf(text: string): WakeEvent {
  const wake = decodeWake(text);
  return wake === undefined ? { kind: "gap" } : { kind: "wake", wake };
}
