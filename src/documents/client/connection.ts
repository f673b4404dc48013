/**
 * The shell of a connection: it carries messages between the line and the documents, keeps what waits in the storage, and
 * asks for many documents at once where many ask in one moment.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { Emitter, type OnOptions } from "../../events.ts";
import type { WaitOptions } from "../../waiting.ts";
import type { OpIdentity } from "../change.ts";
import type { BulkReply, HandshakeReply, HeartbeatMessage } from "../protocol/replies.ts";
import type { ReadReply, ServerMessage } from "../protocol/replies.ts";
import type { DocContext } from "./doc_state.ts";
import type {
  Connection,
  ConnectionEvents,
  ConnectionPhase,
  HistoryOptions,
  PastDocument,
} from "./connection_face.ts";
import type { Doc } from "./face.ts";
import type { Query, QueryOptions } from "./query_face.ts";
import type { UpdatesDoc, UpdatesOptions } from "./updates_face.ts";
import { askPast } from "./history.ts";
import type { PendingStorage } from "./keeper.ts";
import { Line, type LineListener, type LineParts } from "./line.ts";
import { answer, type Asking, requestsFor } from "./outbox.ts";
import { openQuery } from "./query.ts";
import { Replies } from "./replies.ts";
import { Shelf } from "./shelf.ts";
import type { Asked } from "./subscription.ts";
import { Waiters } from "./waiters.ts";
import type { DocumentTenant, Sent, Tenant, Wire } from "./wire.ts";

/** What a connection is made of. */
export interface ConnectionParts extends LineParts {
  readonly context: DocContext;
  readonly storage?: PendingStorage | undefined;
  /** Calls back in the next moment. */
  readonly defer: (callback: () => void) => void;
}

type Hearing = (message: ServerMessage) => void;

/** A connection and all that lives on it. */
export class ClientConnection implements Connection, Wire, LineListener {
  readonly context: DocContext;
  readonly wire: Wire = this;
  readonly #defer: (callback: () => void) => void;
  readonly #line: Line;
  readonly #shelf: Shelf;
  readonly #events = new Emitter<ConnectionEvents>();
  readonly #tenants = new Set<Tenant>();
  readonly #hearings = new Map<string, Set<Hearing>>();
  readonly rooms: Map<string, Tenant> = new Map();
  readonly queries: Wire["queries"] = new Map();
  readonly held: Wire["held"] = (collection, id) => this.#shelf.held(collection, id);
  readonly #inquiries = new Map<Sent, Hearing>();
  readonly #replies = new Replies();
  #touched: Tenant[] = [];
  readonly #flushed = (): void => this.#flush();
  readonly #loading = new Waiters();
  readonly #idle = new Waiters();
  #askings: Asking[] = [];
  #sequence = 0;
  #number = 0;
  #defaultType: string;
  #load: "not begun" | "loading" | "loaded" = "not begun";
  #closedBy: Error | undefined;

  constructor(parts: ConnectionParts) {
    this.context = parts.context;
    this.#defer = parts.defer;
    this.#line = new Line(parts, this);
    this.#defaultType = parts.context.types[0]?.uri ?? "";
    const failed = (error: Error): void => this.#events.emit("error", error);
    this.#shelf = new Shelf(this, parts.storage, failed);
    this.hear("q", (message) => {
      if (message.a === "q") this.queries.get(message.id)?.updated(message);
    });
    this.hear("hb", (message) => this.#shelf.beat(message as HeartbeatMessage));
  }

  get state(): ConnectionPhase {
    return this.#line.state.phase;
  }

  get id(): string | undefined {
    return this.#line.state.id;
  }

  get closedBy(): Error | undefined {
    return this.#closedBy;
  }

  get isOnline(): boolean {
    return this.state === "connected";
  }

  get defaultType(): string {
    return this.#defaultType;
  }

  get hasPending(): boolean {
    return this.#inquiries.size > 0 || this.#load === "loading" ||
      this.#shelf.isBusy || [...this.#tenants].some(({ hasPending }) => hasPending);
  }

  on<Name extends keyof ConnectionEvents>(
    name: Name,
    listener: (event: ConnectionEvents[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  get(collection: string, id: string): Doc;
  get(collection: string, id: string, options: UpdatesOptions): UpdatesDoc;
  get(collection: string, id: string, options?: UpdatesOptions): Doc | UpdatesDoc {
    return options === undefined
      ? this.#shelf.get(collection, id)
      : this.#shelf.updates(collection, id, options);
  }

  fetchQuery(collection: string, query: unknown, options: QueryOptions = {}): Promise<Query> {
    return openQuery(this, false, collection, query, options);
  }

  subscribeQuery(collection: string, query: unknown, options: QueryOptions = {}): Promise<Query> {
    return openQuery(this, true, collection, query, options);
  }

  nextNumber(): number {
    return ++this.#number;
  }

  history(collection: string, id: string, options: HistoryOptions): Promise<PastDocument> {
    return askPast(this, collection, id, options);
  }

  async ready(options: WaitOptions = {}): Promise<void> {
    options.signal?.throwIfAborted();
    this.#begin();
    if (this.#load !== "loaded") await this.#loading.wait(this.#loading.ticket(), options);
  }

  whenNothingPending(options: WaitOptions = {}): Promise<void> {
    const waiting = this.#idle.wait(this.#idle.ticket(), options);
    this.check();
    return waiting;
  }

  close(): void {
    this.#line.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  nextIdentity(): OpIdentity | undefined {
    const { id } = this;
    return id === undefined || !this.isOnline
      ? undefined
      : { source: id, sequence: this.#sequence + 1 };
  }

  use({ sequence }: OpIdentity): void {
    this.#sequence = sequence;
  }

  touch(tenant: Tenant): void {
    const isFirst = this.#touched.length === 0;
    if (isFirst) this.#touched = [tenant];
    else if (!tenant.isTouched) this.#touched.push(tenant);
    tenant.isTouched = true;
    this.#begin();
    if (isFirst) this.#defer(this.#flushed);
  }

  send(message: Sent): void {
    this.#line.send(message);
  }

  inquire(message: Sent, reply: Hearing): () => void {
    const end = (): void => {
      this.#inquiries.delete(message);
      this.check();
    };
    const answered: Hearing = (told) => {
      end();
      reply(told);
    };
    this.#inquiries.set(message, answered);
    this.#begin();
    if (this.isOnline) this.#request(message, answered);
    return end;
  }

  hear(kind: string, listener: Hearing): () => void {
    const listeners = this.#hearings.get(kind) ?? new Set();
    this.#hearings.set(kind, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  join(tenant: Tenant): () => void {
    this.#tenants.add(tenant);
    return () => {
      this.#tenants.delete(tenant);
      tenant.isTouched = false;
    };
  }

  ask(doc: DocumentTenant, asked: Asked, isWhole: boolean): void {
    this.#askings.push({ doc, asked, isWhole });
  }

  later(attempt: number, callback: () => void): () => void {
    return this.#line.later(attempt, callback);
  }

  check(): void {
    if (this.#idle.size > 0 && !this.hasPending) this.#idle.settleAll();
  }

  greeted({ type }: HandshakeReply): void {
    this.#defaultType = type ?? this.#defaultType;
  }

  moved(from: ConnectionPhase, error: Error | undefined): void {
    const { state } = this;
    if (state === "connected" || from === "connected") {
      this.#replies.clear();
      this.#askings = [];
      for (const tenant of this.#tenants) tenant.connected(state === "connected");
    }
    if (state === "connected") {
      for (const [message, reply] of [...this.#inquiries]) this.#request(message, reply);
    }
    this.#events.emit("state", state);
    if (error !== undefined && state !== "connected") this.#events.emit("error", error);
    if (state === "closed") this.#closed(error);
  }

  received(messages: readonly (ServerMessage | undefined)[]): void {
    for (let at = 0; at < messages.length && this.isOnline;) {
      const taken = this.#shelf.received(messages, at);
      const message = taken === 0 ? messages[at] : undefined;
      if (message !== undefined && !this.#replies.take(message)) {
        for (const hearing of this.#hearings.get(message.a) ?? []) hearing(message);
      }
      at += taken || 1;
    }
  }

  /** Looks into the storage, and then begins to connect. */
  #begin(): void {
    if (this.#load !== "not begun") return;
    this.#load = "loading";
    this.#shelf.load(() => {
      this.#load = "loaded";
      this.#line.start();
      this.#loading.settleAll();
      this.check();
    });
  }

  /** Lets everybody who has something to say say it, and asks for all in few messages. */
  #flush(): void {
    const touched = this.#touched;
    // From here on a touch is for the next moment.
    this.#touched = [];
    for (const tenant of touched) {
      const isHere = tenant.isTouched;
      tenant.isTouched = false;
      if (isHere) tenant.flush();
    }
    if (this.#askings.length === 0) return;
    const askings = this.#askings.splice(0);
    for (const { message, askings: group } of this.isOnline ? requestsFor(askings) : []) {
      this.#request(message, (reply) => answer(group, reply as ReadReply | BulkReply));
    }
  }

  #closed(error: Error = new HoldfastError("ERR_CLOSED", CLOSED)): void {
    this.#closedBy = error;
    this.#inquiries.clear();
    this.#loading.settleAll(error);
    this.#idle.settleAll(error);
    for (const tenant of this.#tenants) tenant.closed(error);
  }

  #request(message: Sent, reply: Hearing): void {
    this.send(this.#replies.expect(message, reply));
  }
}

const CLOSED = "Cannot go on as the connection must not be closed";
