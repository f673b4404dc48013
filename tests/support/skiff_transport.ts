/**
 * A transport of the abstract-skiff-transport shape, in one process: calls with callbacks, connections that are emitters.
 *
 * @module
 */

import { EventEmitter } from "node:events";
import type { SkiffConnection, SkiffTransport } from "../../adapters/skiff/mod.ts";

type Answer = Parameters<SkiffConnection["receive"]>[0];
type Listener = Parameters<SkiffTransport["listen"]>[2];

/** Both ends of a connection. */
class End extends EventEmitter implements SkiffConnection {
  peer: End | undefined;
  answer: Answer | undefined;

  send(type: string, args: unknown, callback: (error?: unknown) => void): void {
    const copy: unknown = JSON.parse(JSON.stringify(args));
    queueMicrotask(() => {
      if (this.peer?.answer === undefined) callback(new Error("closed"));
      else this.peer.answer(type, copy, () => callback());
    });
  }

  receive(answer: Answer): void {
    this.answer = answer;
  }

  close(callback?: () => void): void {
    const { peer } = this;
    this.peer = undefined;
    this.answer = undefined;
    if (peer !== undefined) {
      peer.close();
      this.emit("close");
    }
    callback?.();
  }
}

/** A network of its own. */
export function callingTransport(): SkiffTransport & { readonly calls: string[] } {
  const listeners = new Map<string, Listener>();
  const calls: string[] = [];
  return {
    calls,
    connect(localId, localMeta, address) {
      const listener = listeners.get(address);
      if (listener === undefined) throw new Error("ECONNREFUSED");
      const [mine, theirs] = [new End(), new End()];
      [mine.peer, theirs.peer] = [theirs, mine];
      calls.push(`${localId} -> ${address}`);
      listener(localId, localMeta, theirs);
      return mine;
    },
    listen(_localId, url, listener, callback) {
      if (listeners.has(url)) {
        queueMicrotask(() => callback(Object.assign(new Error("in use"), { code: "EADDRINUSE" })));
        return undefined;
      }
      listeners.set(url, listener);
      queueMicrotask(() => callback());
      return { close: (done: () => void) => (listeners.delete(url), done()) };
    },
  };
}
