/**
 * Nodes of one process that reach each other: for tests, and for a cluster in one program.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { Counting } from "./counting.ts";
import type { PeerMessage, Transport, TransportHost } from "./port.ts";

/** Whether a message may pass, for tests of what happens if it does not. */
export type Passing = (message: PeerMessage) => boolean;

/** A transport whose nodes are all in this process. Who shares the value can reach each other. */
export interface InProcessTransport extends Transport {
  /** Decides from now on which messages pass; all of them by default. */
  filter(passes: Passing): void;
}

/**
 * A network within this process: URLs such as `local://a`. Messages are delivered in order, in a microtask of their own.
 */
export function inProcess(): InProcessTransport {
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
      const counting = new Counting();
      return Promise.resolve({
        send(message) {
          const target = hosts.get(message.to);
          if (target === undefined || hosts.get(host.url) !== host || !passes(message)) {
            counting.dropped += 1;
            return;
          }
          counting.sent += 1;
          queueMicrotask(() => {
            if (hosts.get(message.to) === target) target.receive(message);
          });
        },
        counters: () => counting.read(),
        close() {
          if (hosts.get(host.url) === host) hosts.delete(host.url);
          return Promise.resolve();
        },
      });
    },
  };
}
