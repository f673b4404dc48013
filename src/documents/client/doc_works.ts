/**
 * The works of a document of a client: they carry messages to the machines, and what those decide to the connection, the
 * storage, the listeners and those who wait.
 *
 * @module
 */

import { assertNever, HoldfastError } from "../../errors.ts";
import { Emitter } from "../../events.ts";
import type { Change, OpIdentity, PartialPosition } from "../change.ts";
import type { WireSnapshot } from "../protocol/messages.ts";
import type { OpMessage, OpRefusal } from "../protocol/replies.ts";
import {
  type DocChanged,
  type DocEffect,
  type DocEvent,
  type DocState,
  emptyDoc,
} from "./doc_state.ts";
import { isSame } from "./doc_draft.ts";
import { stepDoc } from "./doc_step.ts";
import type { DocEvents } from "./face.ts";
import { leftBy } from "./offline.ts";
import { type Asked, isBusy, stepSubscription, type Subscription } from "./subscription.ts";
import { type SubscriptionEffect, type SubscriptionEvent, UNSUBSCRIBED } from "./subscription.ts";
import { Waiters } from "./waiters.ts";
import {
  changeFrom,
  changeOnWire,
  type DocumentTenant,
  errorFrom,
  type Place,
  positionOf,
} from "./wire.ts";
import { positionOnWire, snapshotFrom, type Wire } from "./wire.ts";

/** What a document asks of its connection beside {@linkcode Wire}. */
export interface DocHome {
  /** Keeps what waits, and calls back when it is kept. */
  keep(doc: DocWorks): void;
  /** The document wants to be forgotten. */
  forget(doc: DocWorks): void;
}

/** The works of one document. */
export class DocWorks implements DocumentTenant {
  readonly collection: string;
  readonly id: string;
  readonly events: Emitter<DocEvents> = new Emitter();
  /** Who wait for a change or a request; for nothing to be pending; for it to be left. */
  readonly waiters: Waiters = new Waiters();
  readonly idle: Waiters = new Waiters();
  readonly leavers: Waiters = new Waiters();
  readonly wire: Wire;
  readonly #home: DocHome;
  #state: DocState;
  #subscription: Subscription = UNSUBSCRIBED;
  #news: (() => void)[] = [];
  #isTelling = false;
  #isLeaving = false;
  #cancelWait: () => void = () => {};

  constructor(wire: Wire, home: DocHome, collection: string, id: string) {
    this.collection = collection;
    this.id = id;
    this.wire = wire;
    this.#home = home;
    this.#state = emptyDoc(wire.isOnline);
  }

  /** The document as it stands. */
  get state(): DocState {
    return this.#state;
  }

  get position(): Place {
    return this.#state;
  }

  /** Whether operations of others come. */
  get isSubscribed(): boolean {
    return this.#subscription.status === "on";
  }

  get hasPending(): boolean {
    return this.#state.queue.length > 0 || isBusy(this.#subscription);
  }

  connected(isOnline: boolean): void {
    this.dispatch({ kind: isOnline ? "online" : "offline" });
    if (!isOnline) this.ask({ kind: "offline" });
    this.wire.touch(this);
  }

  flush(): void {
    const identity = this.wire.nextIdentity();
    this.dispatch({ kind: "flush", identity });
    const { queue: [head] } = this.#state;
    if (identity !== undefined && head?.identity === identity) this.wire.use(identity);
    if (this.wire.isOnline) this.ask({ kind: "flush" });
  }

  /** A message about it came that is no reply to what it asked. */
  received(message: OpMessage | OpRefusal): void {
    if ("error" in message && message.error !== undefined) {
      const { seq: sequence, error } = message;
      this.dispatch({ kind: "refused", error: errorFrom(error), sequence });
      return;
    }
    // What is no refusal has version, source and sequence: readServerMessage() has seen to that.
    const told = message as OpMessage;
    const at = positionOf(told);
    const identity = { source: told.src, sequence: told.seq };
    const change = changeFrom(told);
    const fixups = (told.fixup ?? []).map(({ op }) => ({ kind: "op", op }) as const);
    // A reply has no change; nor has an operation that became nothing, and of that the machine knows whose it is.
    if (change.kind === "none" && isSame(this.#state.queue[0]?.identity, identity)) {
      this.dispatch({ kind: "ack", at, identity, fixups });
    } else this.dispatch({ kind: "op", at, identity, change });
  }

  /** The server says where it is. */
  hinted(at: PartialPosition): void {
    if (this.isSubscribed) this.dispatch({ kind: "head", at });
  }

  answered(asked: Asked, data: WireSnapshot | undefined, error: HoldfastError | undefined): void {
    if (error === undefined && asked !== "u") {
      if (data !== undefined) this.load(data);
      this.dispatch({ kind: "caughtUp" });
    }
    this.ask({ kind: "answered", asked, error });
    this.wire.touch(this);
  }

  /** What was to be kept is. */
  stored(identity: OpIdentity | undefined): void {
    this.dispatch({ kind: "stored", identity });
  }

  /** What is to be kept of it, and who waits for that. */
  left(): string | undefined {
    return leftBy(this.#state);
  }

  closed(error: Error): void {
    this.#cancelWait();
    for (const waiters of [this.waiters, this.idle, this.leavers]) waiters.settleAll(error);
  }

  /** Takes a whole document that was told. */
  load(data: WireSnapshot): void {
    const { types } = this.wire.context;
    const isForeign = "k" in data && data.k === "foreign";
    const snapshot = { ...snapshotFrom(types, data, this.wire.defaultType), isForeign };
    this.dispatch({ kind: "snapshot", snapshot });
  }

  /** Leaves it as soon as nothing is pending. */
  leave(): void {
    this.#isLeaving = true;
    this.check();
  }

  /** Somebody asks for it again: it stays. */
  revive(): void {
    if (!this.#isLeaving) return;
    this.#isLeaving = false;
    this.leavers.settleAll();
  }

  /** Lets something happen to the document. */
  dispatch(event: DocEvent): void {
    const { state, effects } = stepDoc(this.wire.context, this.#state, event);
    this.#state = state;
    for (const effect of effects) this.#do(effect);
    this.#tell();
    this.check();
  }

  /** Lets something happen to its subscription. */
  ask(event: SubscriptionEvent): void {
    const { state, effects } = stepSubscription(this.#subscription, event);
    this.#subscription = state;
    for (const effect of effects) this.#doAsked(effect);
    this.check();
  }

  /** Goes on with those who wait until nothing is pending. */
  check(): void {
    if (this.hasPending) return;
    this.idle.settleAll();
    this.wire.check();
    if (!this.#isLeaving) return;
    if (this.#subscription.status === "on") {
      this.ask({ kind: "drop" });
      this.wire.touch(this);
      return;
    }
    this.#isLeaving = false;
    this.#home.forget(this);
    this.leavers.settleAll();
  }

  #do(effect: DocEffect): void {
    switch (effect.kind) {
      case "send":
        return this.#send(effect.own.identity, effect.own.change);
      case "read":
        this.ask({ kind: "read", isWhole: effect.isWhole });
        return this.wire.touch(this);
      case "flush":
        return this.wire.touch(this);
      case "store":
        return this.#home.keep(this);
      case "wait":
        this.#cancelWait();
        this.#cancelWait = this.wire.later(
          effect.attempt,
          () => this.dispatch({ kind: "retry" }),
        );
        return;
      case "changed":
        this.#news.push(() => this.#emitChange(effect));
        return;
      case "loaded":
        this.#news.push(() => this.events.emit("load", { before: effect.before?.data }));
        return;
      case "settled":
        return this.#settle(effect.tickets, effect.error);
      default:
        return assertNever(effect, "an effect of a document");
    }
  }

  #doAsked(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case "ask":
        return this.wire.ask(this, effect.asked, effect.isWhole);
      case "settled":
        return this.waiters.settle(effect.tickets, effect.error);
      case "failed":
        this.#news.push(() => this.events.emit("error", effect.error));
        return this.#tell();
      default:
        return assertNever(effect, "an effect of a subscription");
    }
  }

  #send(identity: OpIdentity | undefined, change: Change): void {
    this.wire.send({
      a: "op",
      c: this.collection,
      d: this.id,
      ...positionOnWire(this.#state),
      src: identity?.source,
      seq: identity?.sequence,
      ...changeOnWire(change),
    });
  }

  #settle(tickets: readonly number[], error: unknown): void {
    const isCoded = HoldfastError.is(error);
    this.waiters.settle(tickets, error, isCoded && this.events.wants("error"));
    if (isCoded) this.#news.push(() => this.events.emit("error", error));
  }

  /** Tells the listeners, one thing after the other, also what their own doing adds. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    for (let news = this.#news.shift(); news !== undefined; news = this.#news.shift()) news();
    this.#isTelling = false;
  }

  #emitChange({ change, before, after, isLocal, source, origin }: DocChanged): void {
    const whose = { isLocal, source, origin };
    if (change.kind === "create") this.events.emit("create", whose);
    else if (change.kind === "del") this.events.emit("del", { ...whose, before: before?.data });
    else if (change.kind === "op") {
      const data = { before: before?.data, after: after?.data };
      this.events.emit("op", { ...whose, ...data, op: change.op });
    }
  }
}
