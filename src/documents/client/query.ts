/**
 * Queries of a client: asked once, or followed over lost connections. A query that comes back says what it has, and is
 * told what is different.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../../errors.ts";
import { Emitter, type OnOptions } from "../../events.ts";
import type { Json } from "../../json.ts";
import type { WaitOptions } from "../../waiting.ts";
import { checkNames } from "../names.ts";
import type { BulkResult, QueryReply, QueryResult, QueryUpdate } from "../protocol/replies.ts";
import type { Doc } from "./face.ts";
import type { Query, QueryEvents, QueryOptions } from "./query_face.ts";
import { stepQuery } from "./query_state.ts";
import { isTransient } from "./transient.ts";
import { Waiters } from "./waiters.ts";
import { errorFrom, type HeldDoc, type Tenant, type Wire } from "./wire.ts";

/** Asks a query, and gives it once it is answered. */
export async function openQuery(
  wire: Wire,
  isLive: boolean,
  collection: string,
  query: unknown,
  { results, ...options }: QueryOptions,
): Promise<Query> {
  options.signal?.throwIfAborted();
  checkNames(collection, []);
  if (wire.closedBy !== undefined) throw wire.closedBy;
  const opened = new ClientQuery(wire, isLive, collection, copied(query), results);
  try {
    await opened.answered(options);
  } catch (error) {
    // What the server has against it, or the caller's own signal: nobody has it.
    opened.destroy();
    throw error;
  }
  return opened;
}

/** A query on its connection. */
export class ClientQuery implements Query, Tenant {
  readonly collection: string;
  isTouched = false;
  readonly query: Json;
  readonly #wire: Wire;
  readonly #isLive: boolean;
  readonly #number: number;
  readonly #events = new Emitter<QueryEvents>();
  readonly #waiters = new Waiters();
  readonly #leave: () => void;
  #held: readonly HeldDoc[] = [];
  #extra: Json | undefined;
  #isOver = false;
  #isAsked = false;
  #isReady = false;
  #attempt = 0;
  #endAsking = NOTHING;
  #cancelAgain = NOTHING;

  constructor(
    wire: Wire,
    isLive: boolean,
    collection: string,
    query: Json,
    results: readonly Doc[] | undefined,
  ) {
    this.#wire = wire;
    this.#isLive = isLive;
    this.collection = collection;
    this.query = query;
    this.#number = wire.nextNumber();
    this.#leave = wire.join(this);
    wire.queries.set(this.#number, this);
    if (results !== undefined && isLive) {
      this.#isReady = true;
      this.#held = results.map(({ id }) => this.#hold(id));
    }
    wire.touch(this);
  }

  get results(): readonly Doc[] {
    return this.#held.map(({ doc }) => doc);
  }

  get ids(): readonly string[] {
    return this.#held.map(({ doc }) => doc.id);
  }

  get extra(): Json | undefined {
    return this.#extra;
  }

  get isSubscribed(): boolean {
    return this.#isLive && !this.#isOver;
  }

  get hasPending(): boolean {
    return this.#waiters.size > 0;
  }

  on<Name extends keyof QueryEvents>(
    name: Name,
    listener: (event: QueryEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  destroy(): void {
    if (this.#isOver) return;
    if (this.#isLive && this.#isAsked && this.#wire.isOnline) {
      this.#wire.send({ a: "qu", id: this.#number });
    }
    this.#end();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.destroy();
    return Promise.resolve();
  }

  /** Resolves when the server has answered. */
  answered(options: WaitOptions): Promise<void> {
    return this.#waiters.wait(this.#waiters.ticket(), options);
  }

  connected(): void {
    this.#isAsked = false;
    this.#endAsking();
    this.#wire.touch(this);
  }

  closed(error: Error): void {
    this.#waiters.settleAll(error);
    this.#end();
  }

  flush(): void {
    if (this.#isOver || this.#isAsked || !this.#wire.isOnline) return;
    this.#isAsked = true;
    const message = {
      a: this.#isLive ? "qs" : "qf",
      id: this.#number,
      c: this.collection,
      q: this.query,
      ...(this.#isReady ? { r: this.#had() } : {}),
    };
    this.#endAsking = this.#wire.inquire(message, (reply) => this.#told(reply as QueryReply));
  }

  /** The server tells what is different. */
  updated({ diff, error, ...update }: QueryUpdate): void {
    if (error !== undefined) return this.#refused(errorFrom(error));
    for (const step of diff ?? []) if (step.type === "insert") this.#load(step.values);
    for (const step of diff ?? []) {
      const { list, news } = stepQuery(this.#held, step, (id) => this.#hold(id));
      this.#held = list;
      const { name, items, index, from } = news;
      if (name === "remove") { for (const item of items) item.letGo(); }
      const docs = items.map(({ doc }) => doc);
      if (name === "move") this.#events.emit(name, { docs, index, from });
      else this.#events.emit(name, { docs, index });
    }
    if ("extra" in update) this.#noteExtra(update.extra);
  }

  #told({ error, data, ...reply }: QueryReply): void {
    this.#endAsking = NOTHING;
    if (error !== undefined) return this.#refused(errorFrom(error));
    this.#attempt = 0;
    if (isList(data)) {
      this.#load(data);
      const held = data.map(({ d }) => this.#hold(d));
      for (const { letGo } of this.#held) letGo();
      this.#held = held;
    } else {
      this.#load(
        Object.entries(data ?? {}).flatMap(([d, found]) =>
          "error" in found ? [] : [{ d, ...found }]
        ),
      );
    }
    if ("extra" in reply) this.#noteExtra(reply.extra);
    this.#isReady = true;
    if (!this.#isLive) this.#end();
    this.#waiters.settleAll();
    this.#wire.check();
    this.#events.emit("ready", undefined);
  }

  /** A server that cannot serve now is asked again; what it refuses, it refuses for good. */
  #refused(error: HoldfastError): void {
    if (this.#isReady && this.#isLive && isTransient(error.code)) {
      this.#cancelAgain = this.#wire.later(this.#attempt++, () => {
        this.#isAsked = false;
        this.#wire.touch(this);
      });
      return;
    }
    if (error.code === "ERR_SNAPSHOT_READS_REJECTED" && this.#isReady) {
      return this.#events.emit("error", error);
    }
    this.#end();
    this.#waiters.settleAll(error);
    this.#wire.check();
    if (this.#isReady) this.#events.emit("error", error);
  }

  #noteExtra(extra: Json | undefined): void {
    if (extra === this.#extra) return;
    this.#extra = extra;
    if (this.#isReady) this.#events.emit("extra", extra);
  }

  #had(): readonly unknown[] {
    return this.#held.map(({ doc: { id }, works: { position } }) => {
      const { version, epoch, tag } = position;
      return [id, version ?? null, ...(epoch && tag ? [epoch, tag] : [])];
    });
  }

  #load(found: readonly QueryResult[]): void {
    for (const { d, ...snapshot } of found) {
      try {
        this.#wire.held(this.collection, d).works.load(snapshot);
      } catch (error) {
        // A type that is not to be had here: the document stays without data, and the others are as they are.
        if (!HoldfastError.is(error)) throw error;
        this.#events.emit("error", error);
      }
    }
  }

  #hold(id: string): HeldDoc {
    const held = this.#wire.held(this.collection, id);
    held.hold();
    return held;
  }

  #end(): void {
    this.#isOver = true;
    this.#endAsking();
    this.#cancelAgain();
    this.#leave();
    this.#wire.queries.delete(this.#number);
    for (const { letGo } of this.#held) letGo();
  }
}

const NOTHING = (): void => {};

function isList(
  data: readonly QueryResult[] | Readonly<Record<string, BulkResult>> | undefined,
): data is readonly QueryResult[] {
  return Array.isArray(data);
}

/** A copy, as the caller may go on changing what he gave. */
function copied(query: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(query ?? null));
  } catch {
    // A TypeError of something that holds itself, or a number that JSON has not.
    throw new ArgumentError("ERR_QUERY_MALFORMED", "Cannot query as a query must be JSON");
  }
}
