/**
 * The works of a document of a client: they carry messages to the machines, and what those decide to the connection, the
 * storage, the listeners and those who wait.
 *
 * @module
 */

import { assertNever, type CodedError, HoldfastError } from "../../errors.ts";
import { Emitter } from "../../events.ts";
import type { Change, OpIdentity, PartialPosition } from "../change.ts";
import type { WireSnapshot } from "../protocol/messages.ts";
import { type DocEffect, type DocEvent, type DocState, emptyDoc } from "./doc_state.ts";
import { newsFrom, type OperationMessage } from "./doc_message.ts";
import { type DocNews, emitAll } from "./doc_news.ts";
import { stepDoc } from "./doc_step.ts";
import type { DocEvents } from "./face.ts";
import { type KnownUpdates, withKnown } from "./known_updates.ts";
import { leftBy } from "./offline.ts";
import { type Asked, isBusy, stepSubscription, type Subscription } from "./subscription.ts";
import { type SubscriptionEffect, type SubscriptionEvent, UNSUBSCRIBED } from "./subscription.ts";
import { ALL_ANSWERED, withSent } from "./unanswered.ts";
import { Waiters } from "./waiters.ts";
import { changeOnWire, type DocumentTenant, type Place } from "./wire.ts";
import { snapshotFrom, type Wire } from "./wire.ts";

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
  /** Who wait for a change or a request; for nothing to be pending; for it to be left. */
  readonly waiters: Waiters = new Waiters();
  readonly idle: Waiters = new Waiters();
  readonly leavers: Waiters = new Waiters();
  isTouched = false;
  readonly wire: Wire;
  readonly #home: DocHome;
  #events: Emitter<DocEvents> | undefined;
  #state: DocState;
  #subscription: Subscription = UNSUBSCRIBED;
  #news: DocNews[] = [];
  #isTelling = false;
  #isLeaving = false;
  /** In how many results of queries it is: as long as in any, it stays, and its operations come. */
  holds = 0;
  #cancelWait: (() => void) | undefined;
  #cancelRest: (() => void) | undefined;
  /** What was sent on this connection. */
  #unanswered = ALL_ANSWERED;
  /** In which epoch each kind of request was made. */
  #askedIn: Readonly<Partial<Record<Asked, string | undefined>>> | undefined;

  constructor(wire: Wire, home: DocHome, collection: string, id: string) {
    this.collection = collection;
    this.id = id;
    this.wire = wire;
    this.#home = home;
    this.#state = emptyDoc(wire.isOnline);
  }

  /** Updates that are known from elsewhere, so that only the others are asked for. */
  known: KnownUpdates | undefined;

  /** Its listeners; made when somebody listens. */
  get events(): Emitter<DocEvents> {
    return this.#events ??= new Emitter();
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
    this.#unanswered = ALL_ANSWERED;
    this.wire.touch(this);
  }

  flush(): void {
    const { queue: [waiting] } = this.#state;
    if (waiting !== undefined && waiting.phase !== "sent") this.#flushQueue();
    if (this.wire.isOnline && isBusy(this.#subscription)) this.ask({ kind: "flush" });
  }

  /** Messages about it came together that are no replies to what it asked. */
  received(messages: readonly OperationMessage[]): void {
    const isHeard = this.#events?.wants("op") ?? false;
    const { events, unanswered } = newsFrom(messages, this.#unanswered, isHeard);
    this.#unanswered = unanswered;
    for (const event of events) if (event !== undefined) this.dispatch(event);
  }

  /** The server says where it is. */
  hinted(at: PartialPosition): void {
    if (this.isSubscribed || this.holds > 0) this.dispatch({ kind: "head", at });
  }

  answered(asked: Asked, data: WireSnapshot | undefined, error: CodedError | undefined): void {
    const isRead = error === undefined && asked !== "u";
    const failure = isRead ? this.#taken(data, this.#askedIn?.[asked]) : error;
    if (isRead && failure === undefined) this.dispatch({ kind: "caughtUp" });
    this.ask({ kind: "answered", asked, error: failure });
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
    this.#cancelWait?.();
    this.#cancelRest?.();
    for (const waiters of [this.waiters, this.idle, this.leavers]) waiters.settleAll(error);
  }

  /** Takes a document that came with a reply; gives what its type has against it, which may not be known here. */
  #taken(data: WireSnapshot | undefined, askedIn: string | undefined): CodedError | undefined {
    try {
      if (data !== undefined) this.load(data, askedIn);
      return undefined;
    } catch (error) {
      if (HoldfastError.is(error)) return error;
      throw error;
    }
  }

  #flushQueue(): void {
    const identity = this.wire.nextIdentity();
    this.dispatch({ kind: "flush", identity });
    const { queue: [head] } = this.#state;
    if (identity !== undefined && head?.identity === identity) this.wire.use(identity);
  }

  /** Takes a whole document that was told. */
  load(data: WireSnapshot, askedIn?: string | undefined): void {
    const { types } = this.wire.context;
    const isForeign = "k" in data && data.k === "foreign" && askedIn === this.#state.epoch;
    const news = withKnown(snapshotFrom(types, data, this.wire.defaultType), data, this.known);
    this.dispatch({ kind: "snapshot", snapshot: { ...news, isForeign } });
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
    if (!this.#isLeaving || this.holds > 0) return;
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
        this.#cancelWait?.();
        this.#cancelWait = this.wire.later(effect.attempt, () => this.dispatch({ kind: "retry" }));
        return;
      case "changed":
      case "loaded":
        return this.#push(effect);
      case "settled":
        return this.#settle(effect.tickets, effect.error);
      default:
        return assertNever(effect, "an effect of a document");
    }
  }

  #doAsked(effect: SubscriptionEffect): void {
    switch (effect.kind) {
      case "ask":
        this.#askedIn = { ...this.#askedIn, [effect.asked]: this.#state.epoch };
        return this.wire.ask(this, effect.asked, effect.isWhole);
      case "settled":
        return this.waiters.settle(effect.tickets, effect.error);
      case "rest":
        this.#cancelRest = this.wire.later(effect.attempt, () => {
          this.ask({ kind: "rested" });
          this.wire.touch(this);
        });
        return;
      case "failed":
        this.#push(effect);
        return this.#tell();
      default:
        return assertNever(effect, "an effect of a subscription");
    }
  }

  #send(identity: OpIdentity | undefined, change: Change): void {
    if (identity !== undefined) this.#unanswered = withSent(this.#unanswered, identity);
    const { version, epoch, tag } = this.#state;
    const { op, create, del } = changeOnWire(change);
    // Written out, as this is every change's way (bench/documents_bench.ts); what is undefined is not sent.
    this.wire.send({
      a: "op",
      c: this.collection,
      d: this.id,
      v: version,
      e: (version !== undefined && epoch) || undefined,
      g: (version !== undefined && tag) || undefined,
      src: identity?.source,
      seq: identity?.sequence,
      op,
      create,
      del,
    });
  }

  #settle(tickets: readonly number[], error: unknown): void {
    const isCoded = HoldfastError.is(error);
    this.waiters.settle(tickets, error, isCoded && this.#events?.wants("error"));
    if (isCoded) this.#push({ kind: "failed", error });
  }

  /** Keeps something to be told, if anybody listens at all. */
  #push(news: DocNews): void {
    if (this.#events !== undefined) this.#news.push(news);
  }

  /** Tells the listeners, one thing after the other, also what their own doing adds. */
  #tell(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    if (this.#events !== undefined) emitAll(this.#events, this.#news);
    this.#isTelling = false;
  }
}
