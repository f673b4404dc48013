/**
 * Subscriptions of event streams: one connection to Redis for all of them, and one more for each that watches MONITOR.
 *
 * When that connection ends, messages are lost and nobody can say which, so every stream on it ends as well and its
 * reader has to come back and catch up. Nothing is ever resubscribed silently.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { connectWithin, newClient, type RawClient, whenLost } from "./connection.ts";
import { unreachable } from "./refusal.ts";
import { utf8 } from "./reply.ts";

/** What a stream listens to. */
export type Topic =
  | { readonly kind: "subscribe" | "psubscribe"; readonly channels: readonly string[] }
  | { readonly kind: "monitor" };

/** Who listens. */
export interface Listener {
  /** Hears one line of the stream. */
  line(text: string): void;
  /** Hears that there will be no more lines. */
  end(): void;
}

/** All subscriptions of a gateway. */
export interface Subscriptions {
  /** Subscribes; resolves when Redis has confirmed, with what ends it. Rejects with a refusal if Redis is away. */
  add(topic: Topic, listener: Listener): Promise<() => void>;
  /** Ends all of them. */
  close(): void;
}

interface Shared {
  readonly client: RawClient;
  readonly listeners: Set<Listener>;
}

const CONNECT_MS_MAX = 5_000;

/** Makes the subscriptions; nothing is sent before the first. Addresses are tried one after the other. */
export function subscriptions(urls: readonly string[]): Subscriptions {
  let shared: Promise<Shared> | undefined;
  const monitors = new Set<RawClient>();

  const connectShared = async (): Promise<Shared> => {
    const client = await connectFirst(urls);
    const listeners = new Set<Listener>();
    whenLost(client, () => {
      shared = undefined;
      for (const listener of listeners) listener.end();
      listeners.clear();
    });
    return { client, listeners };
  };

  const sharedConnection = async (): Promise<Shared> => {
    shared ??= connectShared();
    try {
      return await shared;
    } catch (error) {
      // The next stream tries again.
      shared = undefined;
      throw error;
    }
  };

  return {
    add: async (topic, listener) => {
      if (topic.kind === "monitor") {
        const client = await connectFirst(urls);
        monitors.add(client);
        return await watch(client, listener, () => monitors.delete(client));
      }
      return await subscribe(await sharedConnection(), topic, listener);
    },
    close: () => {
      for (const client of monitors) client.destroy();
      shared?.then(({ client }) => client.destroy(), () => {});
    },
  };
}

async function connectFirst(urls: readonly string[]): Promise<RawClient> {
  for (const url of urls) {
    const client = newClient(url);
    try {
      await connectWithin(client, CONNECT_MS_MAX);
      return client;
    } catch {
      // A node that is away: the next one will do as well.
    }
  }
  throw unreachable();
}

async function subscribe(
  { client, listeners }: Shared,
  topic: { readonly kind: "subscribe" | "psubscribe"; readonly channels: readonly string[] },
  listener: Listener,
): Promise<() => void> {
  listeners.add(listener);
  const ends: (() => void)[] = [];
  for (const [index, name] of topic.channels.entries()) {
    const confirmation = `${topic.kind},${name},${index + 1}`;
    const { open, close } = channelOf(client, topic.kind, name, listener);
    try {
      await open(confirmation);
    } catch {
      // The connection was lost meanwhile.
      listeners.delete(listener);
      throw unreachable();
    }
    ends.push(close);
  }
  return () => {
    if (!listeners.delete(listener)) return;
    for (const end of ends) end();
  };
}

/** One subscription of one stream. Messages that come in one packet with the confirmation are told after it. */
function channelOf(
  client: RawClient,
  kind: "subscribe" | "psubscribe",
  name: string,
  listener: Listener,
) {
  let early: string[] | undefined = [];
  const say = (text: string) => {
    if (early === undefined) listener.line(text);
    else early.push(text);
  };
  const hear = kind === "subscribe"
    ? (message: Buffer, channel: Buffer) => say(`message,${utf8(channel)},${utf8(message)}`)
    : (message: Buffer, channel: Buffer) =>
      say(`pmessage,${name},${utf8(channel)},${utf8(message)}`);
  return {
    open: async (confirmation: string) => {
      if (kind === "subscribe") await client.subscribe(name, hear, true);
      else await client.pSubscribe(name, hear, true);
      listener.line(confirmation);
      for (const text of early ?? []) listener.line(text);
      early = undefined;
    },
    close: () => {
      const ended = kind === "subscribe"
        ? client.unsubscribe(name, hear, true)
        : client.pUnsubscribe(name, hear, true);
      // Rejected if the connection is gone, and with it the subscription.
      ended.catch(() => {});
    },
  };
}

async function watch(client: RawClient, listener: Listener, ended: () => void) {
  whenLost(client, () => {
    ended();
    listener.end();
  });
  try {
    await client.monitor((line) => {
      listener.line(line instanceof Uint8Array ? utf8(line) : String(line));
    });
  } catch {
    // Refused by Redis's own access rules, or lost.
    client.destroy();
    throw unreachable();
  }
  listener.line('"OK"');
  return () => client.destroy();
}
