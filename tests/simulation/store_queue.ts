/**
 * A process's writes on their way to its store: one operation in flight, and all that comes meanwhile is the next one.
 *
 * What was not answered is sent again under the same number, so that it cannot happen twice. Messages that attest to a
 * write wait here until it is durable.
 *
 * @module
 */

import type { Message, Position } from "../../src/raft/core/mod.ts";
import type { LoopHost } from "./loop_host.ts";
import type { StoreReply } from "./store.ts";
import type { PublishWrite, StoreOperation, StorePart } from "./store_state.ts";

/** What a loop does about its store's answers. */
export interface StoreEvents {
  /** All writes of the core up to this sequence are durable. */
  stored(sequence: number): void;
  /** A snapshot of the own machine is published. */
  published(write: PublishWrite, base: Position): void;
  /** The store is not this process's any more. */
  lost(reason: "fenced" | "regressed"): void;
}

/** What an operation did to the log. */
interface Done {
  readonly base: Position;
  readonly snapshotIndex: number;
}

/** The writes of one process. */
export class StoreQueue {
  readonly #host: LoopHost;
  readonly #epoch: number;
  readonly #events: StoreEvents;
  #operations = 0;
  #inFlight: StoreOperation | undefined;
  #parts: StorePart[] = [];
  #storedSequence = 0;
  #messages: { readonly through: number; readonly messages: readonly Message[] }[] = [];
  #isStopped = false;

  /** Makes the queue of a process that has opened its store under this epoch. */
  constructor(host: LoopHost, epoch: number, events: StoreEvents) {
    this.#host = host;
    this.#epoch = epoch;
    this.#events = events;
  }

  /** Writes these after all earlier ones. */
  write(parts: readonly StorePart[]): void {
    for (const part of parts) this.#parts.push(part);
    if (this.#inFlight !== undefined || this.#parts.length === 0) return;
    this.#operations += 1;
    this.#inFlight = {
      owner: this.#host.owner,
      epoch: this.#epoch,
      number: this.#operations,
      parts: this.#parts,
    };
    this.#parts = [];
    this.#request(this.#inFlight);
  }

  /** Sends messages once the core's writes up to this one are durable. */
  sendOnceStored(through: number, messages: readonly Message[]): void {
    if (messages.length === 0) return;
    if (through > this.#storedSequence) {
      this.#messages.push({ through, messages });
      return;
    }
    for (const message of messages) this.#host.send(message);
  }

  /** Asks the store for nothing more. */
  stop(): void {
    this.#isStopped = true;
  }

  #request(operation: StoreOperation): void {
    if (this.#isStopped || operation !== this.#inFlight) return;
    this.#host.store.write(operation, (reply) => this.#answered(operation, reply));
    this.#host.later(this.#host.retryMs, () => this.#request(operation));
  }

  #answered(operation: StoreOperation, reply: StoreReply): void {
    if (operation !== this.#inFlight || this.#isStopped) return;
    switch (reply.kind) {
      case "unavailable":
        return; // Asked again when the time to wait is over.
      case "ok":
        return this.#stored(operation, reply);
      case "fenced":
        return this.#events.lost(reply.epoch > this.#epoch ? "fenced" : "regressed");
      case "gap":
      case "late":
        return this.#events.lost("regressed");
      default:
        this.#host.refused(reply.rule);
    }
  }

  #stored(operation: StoreOperation, { base, snapshotIndex }: Done): void {
    this.#inFlight = undefined;
    let published: PublishWrite | undefined;
    for (const part of operation.parts) {
      if (part.kind === "publish") published = part;
      else this.#storedSequence = part.sequence;
    }
    const due = this.#messages.filter(({ through }) => through <= this.#storedSequence);
    this.#messages = this.#messages.slice(due.length);
    for (const { messages } of due) {
      for (const message of messages) this.#host.send(message);
    }
    this.#events.stored(this.#storedSequence);
    // An installed snapshot may have overtaken the own one.
    if (published?.snapshot.index === snapshotIndex) this.#events.published(published, base);
    this.write([]);
  }
}
