/**
 * Nodes of one process that reach each other: for tests and simulations, and for a cluster in one program.
 *
 * @module
 */

import { type Duration, durationMs } from "../../duration.ts";
import { ArgumentError, checkOptions, HoldfastError, shown } from "../../errors.ts";
import { Counting } from "./counting.ts";
import type { PeerMessage, Transport, TransportHost } from "./port.ts";

/** Whether a message may pass, for tests of what happens if it does not. */
export type Passing = (message: PeerMessage) => boolean;

/** A transport whose nodes are all in this process. Who shares the value can reach each other. */
export interface InProcessTransport extends Transport {
  /** Decides from now on which messages pass; all of them by default. */
  filter(passes: Passing): void;
}

/** How messages travel. What they wait and whether they arrive is drawn from the sender's clock and dice. */
export interface InProcessOptions {
  /** How long a message is on its way, or the least and the most: then later ones overtake. Not at all by default. */
  readonly delay?: Duration | readonly [least: Duration, most: Duration];
  /** The share of messages that are lost, from 0 to 1; 0 by default. */
  readonly loss?: number;
}

/**
 * A network within this process: URLs such as `local://a`. Without a delay, messages are delivered in order, each in a
 * microtask of its own.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`
 */
export function inProcess(options: InProcessOptions = {}): InProcessTransport {
  const { leastMs, mostMs, loss } = checked(options);
  const hosts = new Map<string, TransportHost>();
  let passes: Passing = () => true;
  return {
    protocols: ["local:"],
    filter(next) {
      passes = next;
    },
    open(host) {
      if (hosts.has(host.url)) {
        const message = "Cannot listen as another node has this URL";
        return Promise.reject(new HoldfastError("ERR_ADDRESS_IN_USE", message));
      }
      hosts.set(host.url, host);
      const { clock, random } = host;
      const counting = new Counting();
      const waiting = new Set<() => void>();
      const later = (deliver: () => void): void => {
        if (mostMs === 0) return queueMicrotask(deliver);
        const cancel = clock.after(leastMs + random.float() * (mostMs - leastMs), () => {
          waiting.delete(cancel);
          deliver();
        });
        waiting.add(cancel);
      };
      return Promise.resolve({
        send(message) {
          const target = hosts.get(message.to);
          const isOpen = target !== undefined && hosts.get(host.url) === host;
          if (!isOpen || !passes(message) || (loss > 0 && random.float() < loss)) {
            counting.dropped += 1;
            return;
          }
          counting.sent += 1;
          later(() => {
            if (hosts.get(message.to) === target) target.receive(message);
          });
        },
        counters: () => counting.read(),
        close() {
          if (hosts.get(host.url) === host) hosts.delete(host.url);
          for (const cancel of waiting) cancel();
          waiting.clear();
          return Promise.resolve();
        },
      });
    },
  };
}

function checked(options: InProcessOptions) {
  checkOptions("make a transport", options, ["delay", "loss"]);
  const { delay = 0, loss = 0 } = options;
  const [least, most] = Array.isArray(delay) ? delay : [delay, delay];
  const [leastMs, mostMs] = [durationMs(least, "delay"), durationMs(most, "delay")];
  if (!(leastMs <= mostMs && mostMs < Infinity)) refuse("delay must end after it begins", delay);
  if (!(loss >= 0 && loss <= 1)) refuse("loss must be a share from 0 to 1", loss);
  return { leastMs, mostMs, loss };
}

function refuse(rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot make a transport as ${rule}: current value is ${shown(value)}`,
  );
}
