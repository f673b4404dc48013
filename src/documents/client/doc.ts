/**
 * A document as its user holds it. What it does is decided in `doc_step.ts` and carried out in `doc_works.ts`.
 *
 * @module
 */

import { ArgumentError, shown } from "../../errors.ts";
import type { OnOptions } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { OtType } from "../../ot/mod.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { Change } from "../change.ts";
import { copied } from "../copied.ts";
import { baseOf } from "./base.ts";
import type { DocWorks } from "./doc_works.ts";
import type { ChangeOptions, CreateOptions, Doc, DocEvents, DocSnapshot } from "./face.ts";
import { serialized } from "./live.ts";
import type { SubscriptionEvent } from "./subscription.ts";
import { positionOnWire } from "./wire.ts";

/** The face of a document's works. */
export class ClientDoc implements Doc {
  readonly #works: DocWorks;

  constructor(works: DocWorks) {
    this.#works = works;
  }

  get collection(): string {
    return this.#works.collection;
  }

  get id(): string {
    return this.#works.id;
  }

  get data(): unknown {
    return this.#works.state.live?.data;
  }

  get type(): OtType | undefined {
    return this.#works.state.live?.type;
  }

  get version(): number | undefined {
    return this.#works.state.version;
  }

  get isSubscribed(): boolean {
    return this.#works.isSubscribed;
  }

  get pending(): readonly Json[] {
    const { queue } = this.#works.state;
    return queue.flatMap(({ change }) => change.kind === "op" ? [copied(change.op)] : []);
  }

  get hasWritePending(): boolean {
    return this.#works.state.queue.length > 0;
  }

  get hasPending(): boolean {
    return this.#works.hasPending;
  }

  on<Name extends keyof DocEvents>(
    name: Name,
    listener: (event: DocEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#works.events.on(name, listener, options);
  }

  fetch(options: WaitOptions = {}): Promise<void> {
    return this.#wish(options, (ticket) => ({ kind: "read", ticket, isWhole: false }));
  }

  subscribe(options: WaitOptions = {}): Promise<void> {
    return this.#wish(options, (ticket) => ({ kind: "wish", wish: { ticket, isFor: true } }));
  }

  unsubscribe(options: WaitOptions = {}): Promise<void> {
    return this.#wish(options, (ticket) => ({ kind: "wish", wish: { ticket, isFor: false } }));
  }

  create(data?: Json, options: CreateOptions = {}): Promise<void> {
    const { type = this.#works.wire.defaultType, ...rest } = options;
    return this.#submit({ kind: "create", type, data }, rest);
  }

  submit(op: unknown, options: ChangeOptions = {}): Promise<void> {
    // What an operation must be is known to its type alone, which judges it before anything happens.
    return this.#submit({ kind: "op", op: op as Json }, options);
  }

  del(options: ChangeOptions = {}): Promise<void> {
    return this.#submit({ kind: "del" }, options);
  }

  pause(): void {
    this.#works.dispatch({ kind: "pause" });
  }

  resume(): void {
    this.#works.dispatch({ kind: "resume" });
  }

  ingest(snapshot: DocSnapshot): void {
    const version: unknown = Object(snapshot).v;
    if (!Number.isSafeInteger(version) || Number(version) < 0) {
      throw new ArgumentError(
        "ERR_INVALID_ARGUMENT",
        `Cannot ingest the snapshot as its v must be a version from 0: current value is ${
          shown(version)
        }`,
      );
    }
    this.#works.load(snapshot);
  }

  toSnapshot(): DocSnapshot | undefined {
    const { version, epoch, tag } = this.#works.state;
    if (version === undefined) return undefined;
    const base = baseOf(this.#works.state);
    return {
      ...positionOnWire({ epoch, tag, version }),
      v: version,
      type: base?.type.uri ?? null,
      data: base && serialized(base),
    };
  }

  whenNothingPending(options: WaitOptions = {}): Promise<void> {
    const { idle } = this.#works;
    const waiting = idle.wait(idle.ticket(), options);
    this.#works.check();
    return waiting;
  }

  destroy(options: WaitOptions = {}): Promise<void> {
    const { leavers } = this.#works;
    const waiting = leavers.wait(leavers.ticket(), options);
    this.#works.leave();
    return waiting;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.destroy();
  }

  #submit(
    change: Change,
    { origin, compose: isComposable = true, signal }: ChangeOptions,
  ): Promise<void> {
    return this.#wait(signal, (ticket) => {
      // Throws what is wrong with the change, before anything happens.
      this.#works.dispatch({ kind: "submit", change, ticket, isComposable, origin });
    });
  }

  #wish(
    { signal }: WaitOptions,
    event: (ticket: number) => SubscriptionEvent,
  ): Promise<void> {
    return this.#wait(signal, (ticket) => {
      this.#works.ask(event(ticket));
      this.#works.wire.touch(this.#works);
    });
  }

  /** Begins something, and waits for what becomes of it. */
  #wait(signal: AbortSignal | undefined, begin: (ticket: number) => void): Promise<void> {
    const { waiters, wire: { closedBy } } = this.#works;
    const ticket = waiters.ticket();
    const waiting = waiters.wait(ticket, { signal });
    try {
      if (signal?.aborted) return waiting;
      if (closedBy !== undefined) throw closedBy;
      begin(ticket);
    } catch (error) {
      waiters.settle([ticket], error);
    }
    return waiting;
  }
}
