/**
 * ShareDB's `Backend` as its client suites use it, over our server: the real client of npm `sharedb` at one end of a
 * socket, ours at the other, and the middleware of the suites as rules.
 *
 * @module
 */
// The suites and the client have no types: what crosses here is looked at by them.
// deno-lint-ignore-file no-explicit-any explicit-module-boundary-types

import { createRequire } from "node:module";
import process from "node:process";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { Op } from "../../../src/documents/change.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import type {
  ApplyContext,
  CommitContext,
  DocumentHooks,
  QueryContext,
  ReadContext,
  SubmitContext,
} from "../../../src/documents/middleware.ts";
import { rejectedSilently } from "../../../src/documents/middleware.ts";
import type { ProjectionOptions } from "../../../src/documents/projection.ts";
import type { DocumentServer } from "../../../src/documents/protocol/server.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import type { Change } from "../../../src/documents/change.ts";
import { checkTypes } from "../../../src/ot/mod.ts";
import { testServer } from "../../support/documents/server.ts";
import { ClientSocket, Greetings } from "./client_socket.ts";

const require = createRequire(import.meta.url);
const { Connection } = require("sharedb/lib/client");

/** The collections of the suites' queries, as Redis must have them: what they ask for is indexed. */
const INDEXED = {
  dogs: { index: ["age", "color"] },
  items: { index: ["age"] },
};

type Middleware = (request: any, next: (error?: unknown) => void) => void;

/** The types that the suites bring along. */
const TYPES = checkTypes([
  require("sharedb/test/client/deserialized-type").type,
  require("sharedb/test/client/deserialized-type").type2,
  require("sharedb/test/client/number-type").type,
  require("rich-text").type,
  require("ot-json1").type,
  { ...require("sharedb/test/client/presence/presence-test-type").type, transform: same },
]);

/** ShareDB asks no type of presence to transform operations; ours asks every one, and the suites never need it. */
function same(op: unknown): unknown {
  return op;
}

/** What the client suites need of a backend. */
export class ShimBackend {
  /** Names of what a function may stand on the way of. */
  readonly MIDDLEWARE_ACTIONS: Readonly<Record<string, string>> = {
    apply: "apply",
    receivePresence: "receivePresence",
    sendPresence: "sendPresence",
  };
  /** Read by the suites, and set. */
  suppressPublish = false;
  /** What the suites replace, and nobody asks. */
  readonly pubsub: { subscribe(...args: any[]): void } = { subscribe: () => {} };
  doNotCommitNoOps = false;
  maxSubmitRetries: number | null = null;
  /** The slice of a database that the suites look into. */
  readonly db: {
    getOps(...args: any[]): void;
    getSnapshot(...args: any[]): void;
    /** Nobody asks it; suites count on that. */
    queryPoll(...args: any[]): void;
    pollDebounce?: number;
    pollInterval?: number;
  };
  readonly #documents: DocumentsBackend;
  readonly #projections: Record<string, ProjectionOptions> = {};
  /** ShareDB's agents, by what the connection came with. */
  readonly #agents = new Map<string, any>();
  readonly #middleware = new Map<string, Middleware[]>();
  readonly #greetings = new Greetings();
  #server: DocumentServer | undefined;

  constructor(documents: DocumentsBackend) {
    this.#documents = documents;
    const core = documentCore(documents, coreSettings({ types: TYPES }));
    this.db = {
      getOps: (collection, id, from, _to, _options, callback) => {
        const read = core.read(collection, [{ id, after: { version: from } }]);
        tell(read, callback, ([found]) => found?.kind === "ops" ? found.ops.map(opOf) : []);
      },
      getSnapshot: (collection, id, _fields, _options, callback) => {
        const read = core.read(collection, [{ id }]);
        tell(read, callback, ([found]) => found?.kind === "snapshot" ? found.snapshot : undefined);
      },
      queryPoll: () => {},
    };
  }

  /** Adds a function on the way of something. */
  use(action: string | string[], middleware: Middleware): void {
    for (const name of [action].flat()) {
      this.#middleware.set(name, [...this.#middleware.get(name) ?? [], middleware]);
    }
  }

  /** Shows a collection under another name. */
  addProjection(name: string, of: string, fields: Record<string, boolean>): void {
    this.#projections[name] = { of, fields: Object.keys(fields) };
  }

  /** A client of npm `sharedb`, connected to our server; or one that was, connected anew. */
  connect(connection?: any, request?: unknown, callback?: (connection: any) => void): any {
    this.#server ??= this.#newServer();
    const subject = typeof request === "string" ? request : "";
    const agent = { custom: {} };
    this.#agents.set(subject, agent);
    for (const middleware of this.#middleware.get("connect") ?? []) {
      middleware({ agent, req: request }, () => {});
    }
    const socket = new ClientSocket(
      this.#server.link(subject),
      this.#greetings,
      (message, send, tell) => this.#received(message, send, tell),
      (message, source, tell) => this.#reply(message, source, tell),
    );
    if (connection) connection.bindToSocket(socket);
    else connection = new Connection(socket);
    connection.agent = { custom: {} };
    if (callback !== undefined) connection.once("connected", () => callback(connection));
    socket.open();
    return connection;
  }

  /** Ends everything. */
  close(callback?: () => void): void {
    this.#server?.close();
    if (callback !== undefined) process.nextTick(callback);
  }

  #newServer(): DocumentServer {
    const use: DocumentHooks = {
      read: (context) => context.kind === "snapshots" ? this.#read(context) : undefined,
      submit: (context) => this.#submit(context),
      apply: (context) => this.#apply(context),
      commit: (context) => this.#commit(context),
      query: (context) => this.#query(context),
    };
    return testServer(this.#documents, {
      rules: { use },
      settings: { types: TYPES, collections: INDEXED },
      projections: this.#projections,
      server: { skipsEmpty: this.doNotCommitNoOps },
    });
  }

  async #run(action: string, request: any): Promise<void> {
    for (const middleware of this.#middleware.get(action) ?? []) {
      await new Promise<void>((resolve, reject) => {
        middleware(request, (error) => error ? reject(error) : resolve());
      });
    }
  }

  async #read(context: ReadContext): Promise<void> {
    const snapshots = context.documents.map((document) => ({
      id: document.id,
      v: document.version,
      type: document.type ?? null,
      data: document.data,
    }));
    await this.#run("readSnapshots", {
      collection: context.collection,
      snapshots,
      rejectSnapshotRead: ({ id }: { id: string }, error: unknown) => context.reject(id, error),
      rejectSnapshotReadSilent: ({ id }: { id: string }, message: string) =>
        context.rejectSilently(id, message),
    });
  }

  async #submit(context: SubmitContext): Promise<void> {
    const op = withChange(context.identity, context.change);
    await this.#run("submit", { op, rejectedError: () => rejectedSilently() });
    if (context.change.kind === "op" && !("op" in op)) context.change = { kind: "none" };
  }

  async #apply(context: ApplyContext): Promise<void> {
    await this.#run("apply", {
      op: { ...withChange(context.identity, context.change), v: context.version },
      snapshot: { ...context.before, v: context.before.version },
      $fixup: (op: any) => context.fixup(op),
    });
  }

  async #query(context: QueryContext): Promise<void> {
    const { collection, query, session, extra } = context;
    const options: Record<string, any> = { ...extra };
    const request: any = {
      ...{ collection, query, options },
      agent: this.#agents.get(session.subject),
      channels: [collection],
    };
    await this.#run("query", request);
    const channels: string[] = request.channel ? [request.channel] : request.channels ?? [];
    if (!channels.includes(collection)) context.channels = channels;
    context.pollDebounce = options.pollDebounce ?? this.db.pollDebounce;
    context.pollInterval = options.pollInterval ?? this.db.pollInterval;
  }

  async #commit(context: CommitContext): Promise<void> {
    await this.#run("commit", {
      agent: this.#agents.get(context.session.subject),
      channels: context.channels,
      op: { ...withChange(context.identity, context.change), v: context.version },
      snapshot: { ...context.after, v: context.after.version },
    });
  }

  /** A message is about to be received: what of the middleware stands on its way. */
  #received(message: any, send: () => void, tell: (message: any) => void): void {
    const { a, ch, id, pv } = message;
    if (a !== "p" || !this.#middleware.has("receivePresence")) return send();
    this.#run("receivePresence", { presence: message, collection: message.c }).then(
      send,
      (error) => tell({ a, ch, id, pv, error: { code: error.code, message: error.message } }),
    );
  }

  /** A message is about to be delivered: what of the middleware stands on its way. */
  #reply(message: any, source: string, tell: (message: any) => void): void {
    const { a, ch, id, src } = message;
    if (a === "p" && src !== source && this.#middleware.has("sendPresence")) {
      this.#run("sendPresence", { presence: message, collection: message.c }).then(
        () => tell(message),
        (error) => tell({ a, ch, id, error: { code: error.code, message: error.message } }),
      );
      return;
    }
    if (a === "init" || !this.#middleware.has("reply")) return tell(message);
    let at = 0;
    const functions = this.#middleware.get("reply") ?? [];
    const next = (error?: any): void => {
      if (error) return tell({ ...message, error: { code: error.code, message: error.message } });
      const middleware = functions[at++];
      if (middleware === undefined) tell(message);
      else middleware({ reply: message, request: message }, next);
    };
    next();
  }
}

/** Calls back in a task of its own, so that what a case throws there is the case's. */
function tell<T>(
  promise: Promise<T>,
  callback: (error: unknown, value?: unknown) => void,
  value: (found: T) => unknown,
): void {
  promise.then(
    (found) => process.nextTick(() => callback(null, value(found))),
    (error) => process.nextTick(() => callback(error)),
  );
}

function withChange(identity: { source: string; sequence: number }, change: Change): any {
  const origin = { src: identity.source, seq: identity.sequence };
  switch (change.kind) {
    case "op":
      return { ...origin, op: change.op };
    case "create":
      return { ...origin, create: { type: change.type, data: change.data } };
    case "del":
      return { ...origin, del: true };
    case "none":
      return origin;
  }
}

function opOf(op: Op): any {
  return { ...withChange(op, op), v: op.version };
}
