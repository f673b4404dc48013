/**
 * Delivery inside one process: from a channel to its listeners, later, in order, and never more than a bounded backlog.
 * Every driver of the port delivers through this.
 *
 * @module
 */

import type { WakeEvent, WakeListener } from "./port.ts";

/** The most events that wait for one listener; over it they make room for one gap. */
export const WAKE_BACKLOG_MAX = 1_024;

/** One listener and what waits for it. */
interface Subscription {
  readonly listener: WakeListener;
  readonly signal: AbortSignal;
  backlog: WakeEvent[];
  isScheduled: boolean;
}

/** Listeners by channel. */
export class FanOut {
  readonly #channels = new Map<string, Set<Subscription>>();

  /** How many channels have a listener. */
  get size(): number {
    return this.#channels.size;
  }

  /**
   * Adds a listener until the signal is aborted; then, once the last of all channels is gone, calls `onEmpty`.
   * Tells it `first`, if given, before anything else. Nothing happens if the signal is aborted already.
   */
  subscribe(
    channel: string,
    listener: WakeListener,
    signal: AbortSignal,
    { first, onEmpty }: FanOutOptions = {},
  ): void {
    if (signal.aborted) return;
    const subscription: Subscription = { listener, signal, backlog: [], isScheduled: false };
    const ofChannel = this.#channels.get(channel) ?? new Set();
    this.#channels.set(channel, ofChannel.add(subscription));
    signal.addEventListener("abort", () => {
      subscription.backlog = [];
      ofChannel.delete(subscription);
      if (ofChannel.size === 0) this.#channels.delete(channel);
      if (this.#channels.size === 0) onEmpty?.();
    }, { once: true });
    if (first !== undefined) schedule(subscription, first);
  }

  /** Whether a channel has a listener. */
  hears(channel: string): boolean {
    return this.#channels.has(channel);
  }

  /** Tells every listener of a channel. */
  deliver(channel: string, event: WakeEvent): void {
    for (const subscription of this.#channels.get(channel) ?? []) schedule(subscription, event);
  }

  /** Tells every listener of every channel. */
  broadcast(event: WakeEvent): void {
    for (const channel of this.#channels.keys()) this.deliver(channel, event);
  }
}

/** Options of {@linkcode FanOut.subscribe}. */
export interface FanOutOptions {
  /** What the listener is told first. */
  readonly first?: WakeEvent | undefined;
  /** Called when no channel has a listener any more. */
  readonly onEmpty?: (() => void) | undefined;
}

/** Queues an event and sees to it that the queue is drained in a later microtask. */
function schedule(subscription: Subscription, event: WakeEvent): void {
  const { backlog } = subscription;
  if (backlog.length < WAKE_BACKLOG_MAX) backlog.push(event);
  else subscription.backlog = [event.kind === "wake" ? { kind: "gap" } : event];
  if (subscription.isScheduled) return;
  subscription.isScheduled = true;
  queueMicrotask(() => drain(subscription));
}

/** Tells one event per microtask, so that a listener that throws holds nothing up: the next one is already on its way. */
function drain(subscription: Subscription): void {
  const event = subscription.backlog.shift();
  subscription.isScheduled = subscription.backlog.length > 0;
  if (subscription.isScheduled) queueMicrotask(() => drain(subscription));
  if (event !== undefined && !subscription.signal.aborted) subscription.listener(event);
}
