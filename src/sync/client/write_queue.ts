/**
 * The writes of a client: who waits for them, when they are sent, and where they outlive the client.
 *
 * @module
 */

import { backoffMs } from "../../backoff.ts";
import { type Emitter, report } from "../../events.ts";
import type { JsonObject } from "../../json.ts";
import { randomToken } from "../../random.ts";
import { closed, errorOf, failed, storageFailed, SyncError } from "./sync_error.ts";
import { deferred } from "./deferred.ts";
import type { ClientEvents, WriteOptions } from "./face.ts";
import { type Link, RETRY } from "./link.ts";
import type { ClientPlan } from "./options.ts";
import { QueuePlace } from "./storage.ts";
import { answerOf, messageOf, resolved, writeOf } from "./writes.ts";
import { CLOSE_CODES } from "../messages.ts";
import type { NewWrite, Outcome } from "./queue.ts";
import { afterWrite, type QueueEntry, type RecordId, type SyncRecord } from "./queue_entry.ts";
import type { Replica, ReplicaEffect, ReplicaEvent } from "./replica.ts";

/** The code of a host that does not let a message through to the hub (RFC 6455, section 7.4.1). */
const TOO_LARGE = 1009;

/** Who waits for an entry. */
interface Caller {
  readonly mine: SyncRecord | undefined;
  readonly answered: WriteOptions["answered"];
  readonly promise: Promise<unknown>;
  readonly resolve: (record: SyncRecord | undefined) => void;
  readonly reject: (error: Error) => void;
}

/** What a step of the replica brings that is no matter of writes. */
export type FeedEffect = Extract<ReplicaEffect, { readonly kind: "changed" | "resubscribe" }>;

/** The writes of one client. */
export class WriteQueue {
  readonly #plan: ClientPlan;
  readonly #link: Link;
  readonly #replica: Replica;
  readonly #events: Emitter<ClientEvents>;
  readonly #feed: (effect: FeedEffect) => void;
  readonly #callers = new Map<string, Caller[]>();
  /** What ends the waits for a model's next try. */
  readonly #waits = new Map<string, () => void>();
  #place: QueuePlace | undefined;
  #starting: Promise<void> | undefined;
  #isLoaded = false;
  #isClosed = false;

  constructor(
    plan: ClientPlan,
    link: Link,
    replica: Replica,
    events: Emitter<ClientEvents>,
    feed: (effect: FeedEffect) => void,
  ) {
    this.#plan = plan;
    this.#link = link;
    this.#replica = replica;
    this.#events = events;
    this.#feed = feed;
  }

  /** Takes what an earlier life has left; from then on the link may open. */
  start(): Promise<void> {
    return this.#starting ??= this.#start();
  }

  /** Makes a write: seen at once, sent as soon as it can be. Gives the server's record, or what need not be sent. */
  write(
    model: string,
    verb: "upsert" | "delete",
    id: RecordId | undefined,
    data: unknown,
    { patch = false, queued, answered }: WriteOptions,
  ): Promise<SyncRecord | undefined> {
    const { promise, resolve, reject } = deferred<SyncRecord | undefined>();
    try {
      const write = this.#checked(model, verb, id, data, patch);
      this.step({ kind: "write", write }, undefined, (key) => {
        const entry = this.#replica.entries.find((one) => one.key === key);
        const mine = entry && afterWrite(write.base, entry);
        if (entry !== undefined) queued?.(entry.id);
        const callers = this.#callers.get(key) ?? [];
        this.#callers.set(key, [...callers, { mine, answered, promise, resolve, reject }]);
      });
    } catch (error) {
      // The caller's mistake, found before anything happened.
      reject(error);
    }
    return promise;
  }

  #checked(
    model: string,
    verb: "upsert" | "delete",
    id: RecordId | undefined,
    data: unknown,
    isPatch: boolean,
  ): NewWrite {
    if (this.#isClosed) throw closed();
    const own = id === undefined ? undefined : this.#replica.idOf(id);
    const base = own === undefined ? undefined : this.#replica.seen(model, own);
    // A patch is made on whatever is there: it says itself what it leaves alone.
    const isChecked = this.#plan.onConflict !== "lastWrite" && verb === "upsert" && !isPatch &&
      base?.$version !== undefined;
    return writeOf(
      { model, verb, id: own, data, isPatch, base, isChecked },
      this.#replica.entries.length,
    );
  }

  /** Goes one step, and does what that brings. */
  step(event: ReplicaEvent, error?: SyncError, queued?: (key: string) => void): void {
    let saved: Promise<void> | undefined;
    for (const effect of this.#replica.step(event)) {
      if (effect.kind === "queued") queued?.(effect.key);
      else if (effect.kind === "save") saved = this.#save();
      else if (effect.kind === "send" && saved !== undefined) {
        void saved.then(() => this.#send(effect.entry));
      } else this.#do(effect, error);
    }
  }

  #do(effect: ReplicaEffect, error: SyncError | undefined): void {
    switch (effect.kind) {
      case "send":
        return this.#send(effect.entry);
      case "wait": {
        const { model, failures, afterMs = 0 } = effect;
        const { clock, random } = this.#plan.link;
        const waitMs = afterMs + backoffMs(failures - 1, RETRY, random);
        this.#waits.get(model)?.();
        this.#waits.set(model, clock.after(waitMs, () => this.step({ kind: "retry", model })));
        return;
      }
      case "settle":
        return this.#settle(effect.entry, effect.outcome, error);
      case "changed":
      case "resubscribe":
        return guarded(() => this.#feed(effect));
      default:
    }
  }

  #send(entry: QueueEntry): void {
    const { tx = "" } = entry;
    if (!this.#link.isOpen || this.#replica.entryOf(tx) === undefined) return;
    this.#link.ask(messageOf(entry), (reply) => {
      const sent = this.#replica.entryOf(tx);
      if (sent === undefined) return;
      const answer = answerOf(sent, reply, (current) => this.#resolution(sent, current));
      this.step({ kind: "answer", tx, answer }, errorOf(reply));
    });
  }

  #resolution(entry: QueueEntry, theirs: SyncRecord | undefined): JsonObject | undefined {
    const { onConflict } = this.#plan;
    if (typeof onConflict !== "function") return undefined;
    try {
      return resolved(entry, theirs, onConflict);
    } catch (error) {
      // The user's own function: the write is refused, and he is told why.
      this.#events.emit("error", failed("Cannot resolve a conflict", error));
      return undefined;
    }
  }

  #settle(entry: QueueEntry, outcome: Outcome, refusal: SyncError | undefined): void {
    const { key, model, verb, id, data, sends } = entry;
    const callers = this.#callers.get(key) ?? [];
    this.#callers.delete(key);
    // A late answer may have come before the next try. What was never sent waits behind it.
    if (sends > 0) {
      this.#waits.get(model)?.();
      this.#waits.delete(model);
    }
    if (outcome.kind === "done" || outcome.kind === "dropped") {
      const record = outcome.kind === "done" ? outcome.record : undefined;
      for (const { mine, answered, resolve } of callers) {
        guarded(() => answered?.(record));
        resolve(record ?? mine);
      }
      return;
    }
    const error = outcome.kind !== "orphaned" && refusal || new SyncError(
      "ERR_NOT_FOUND",
      "Cannot write as the record that it names was refused",
    );
    for (const caller of callers) this.#reject(caller, error, this.#events.wants("refused"));
    this.#events.emit("refused", { model, verb, id, data, error });
  }

  #reject({ promise, reject }: Caller, error: SyncError, isTold: boolean): void {
    // Who hears of it otherwise need not take the promise as well.
    if (isTold) promise.catch(() => {});
    reject(error);
  }

  /** Keeps what waits. A storage that fails is told of, and everything goes on in memory. */
  #save(): Promise<void> | undefined {
    if (!this.#isLoaded) return this.#starting;
    const failed = (error: unknown): void => {
      this.#events.emit("error", storageFailed(error));
    };
    try {
      return this.#place?.save(this.#replica.entries)?.catch(failed);
    } catch (error) {
      failed(error);
      return undefined;
    }
  }

  /** Nothing can be sent any more, for now. */
  ended(code: number): void {
    for (const stop of this.#waits.values()) stop();
    this.#waits.clear();
    this.step({ kind: "offline" });
    // A message that the hub may not read must not be sent for ever.
    if (code === CLOSE_CODES.tooLarge || code === TOO_LARGE) this.#refuseLargest();
  }

  /** Nothing is sent any more, for good: who waits is told so, and what waits is kept. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const caller of [...this.#callers.values()].flat()) this.#reject(caller, closed(), true);
    this.#callers.clear();
    await this.#starting;
    await this.#save();
    this.#place?.free();
  }

  /** Of what was sent, refuses what is most likely to be too large. */
  #refuseLargest(): void {
    const sent = this.#replica.entries.filter(({ tx }) => tx !== undefined)
      .map(({ tx = "", data }) => ({ tx, length: JSON.stringify(data).length }))
      .sort((a, b) => b.length - a.length);
    const [largest] = sent;
    if (largest === undefined) return;
    const error = new SyncError(
      "ERR_TOO_LARGE",
      "Cannot write as the server takes no message as large",
    );
    this.step({ kind: "answer", tx: largest.tx, answer: { kind: "refused" } }, error);
  }

  async #start(): Promise<void> {
    const { storage, name, locks, link: { random } } = this.#plan;
    this.step({ kind: "named", client: randomToken(random) });
    try {
      const taken = storage && await QueuePlace.take(storage, name, locks);
      this.#place = taken?.place;
      this.#isLoaded = true;
      if (storage !== undefined && taken === undefined) {
        throw new Error("Every place in it is taken");
      }
      this.step({ kind: "restored", entries: taken?.entries ?? [] });
      await this.#save();
      await taken?.adopted();
    } catch (error) {
      // A storage that is switched off: the queue is in memory, as it is without one.
      this.#isLoaded = true;
      this.#events.emit("error", storageFailed(error));
    }
  }
}

/** Calls what is the user's own. Its failure is for the host to report, never for what is to be done besides. */
function guarded(call: () => void): void {
  try {
    call();
  } catch (error) {
    report(error);
  }
}
