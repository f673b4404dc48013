/**
 * ShareDB's `Backend` as its client suites use it, over our server: the real client of npm `sharedb` at one end of a
 * socket, ours at the other, and the middleware of the suites as rules.
 *
 * @module
 */
// The suites and the client have no types: what crosses here is looked at by them.
// deno-lint-ignore-file no-explicit-any

import { createRequire } from "node:module";
import process from "node:process";
import { documentCore } from "../../../src/documents/document_core.ts";
import type { Op } from "../../../src/documents/change.ts";
import type { DocumentsBackend } from "../../../src/documents/port.ts";
import type {
  ApplyContext,
  CommitContext,
  DocumentHooks,
  ReadContext,
  SubmitContext,
} from "../../../src/documents/middleware.ts";
import { rejectedSilently } from "../../../src/documents/middleware.ts";
import type { DocumentServer } from "../../../src/documents/protocol/server.ts";
import { coreSettings } from "../../../src/documents/settings.ts";
import type { Change } from "../../../src/documents/change.ts";
import { checkTypes } from "../../../src/ot/mod.ts";
import { testServer } from "../../support/documents/server.ts";

const require = createRequire(import.meta.url);
const { Connection } = require("sharedb/lib/client");

type Middleware = (request: any, next: (error?: unknown) => void) => void;

/** The types that the suites bring along. */
const TYPES = checkTypes([
  require("sharedb/test/client/deserialized-type").type,
  require("sharedb/test/client/deserialized-type").type2,
  require("sharedb/test/client/number-type").type,
  require("rich-text").type,
  require("ot-json1").type,
]);

/** What the client suites need of a backend. */
export class ShimBackend {
  /** Read by the suites, and set. */
  suppressPublish = false;
  doNotCommitNoOps = false;
  maxSubmitRetries: number | null = null;
  /** The slice of a database that the suites look into. */
  readonly db: {
    getOps(...args: any[]): void;
    getSnapshot(...args: any[]): void;
  };
  readonly #documents: DocumentsBackend;
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
    };
  }

  /** Adds a function on the way of something. */
  use(action: string | string[], middleware: Middleware): void {
    for (const name of [action].flat()) {
      this.#middleware.set(name, [...this.#middleware.get(name) ?? [], middleware]);
    }
  }

  /** A client of npm `sharedb`, connected to our server; or one that was, connected anew. */
  connect(connection?: any, _request?: unknown, callback?: (connection: any) => void): any {
    this.#server ??= this.#newServer();
    const socket = new ClientSocket(
      this.#server,
      this.#greetings,
      (message, tell) => this.#reply(message, tell),
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
    };
    return testServer(this.#documents, {
      rules: { use },
      settings: { types: TYPES },
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

  async #commit(context: CommitContext): Promise<void> {
    await this.#run("commit", {
      op: { ...withChange(context.identity, context.change), v: context.version },
      snapshot: { ...context.after, v: context.after.version },
    });
  }

  #reply(message: any, tell: () => void): void {
    if (message.a === "init" || !this.#middleware.has("reply")) return tell();
    let at = 0;
    const functions = this.#middleware.get("reply") ?? [];
    const next = (): void => {
      const middleware = functions[at++];
      if (middleware === undefined) tell();
      else middleware({ reply: message, request: message }, next);
    };
    next();
  }
}

/**
 * ShareDB's own server shakes hands without waiting for anything, and some cases count on it: so nothing else is
 * delivered to anybody while somebody is being greeted.
 */
class Greetings {
  readonly #greeted = new Set<ClientSocket>();
  #waiting: (() => void)[] = [];

  begin(socket: ClientSocket): void {
    this.#greeted.add(socket);
  }

  end(socket: ClientSocket): void {
    this.#greeted.delete(socket);
    if (this.#greeted.size > 0) return;
    for (const deliver of this.#waiting.splice(0)) process.nextTick(deliver);
  }

  deliver(deliver: () => void): void {
    if (this.#greeted.size > 0) this.#waiting.push(deliver);
    else process.nextTick(deliver);
  }
}

/** The socket that the real client is given. */
class ClientSocket {
  readyState = 0;
  onmessage: (event: { data: string }) => void = () => {};
  onclose: (reason: string) => void = () => {};
  onerror: (error: unknown) => void = () => {};
  onopen: () => void = () => {};
  readonly #link: { send(text: string): void; close(): void };
  readonly #greetings: Greetings;

  constructor(
    server: DocumentServer,
    greetings: Greetings,
    reply: (message: any, tell: () => void) => void,
  ) {
    this.#greetings = greetings;
    greetings.begin(this);
    this.#link = server.link("")({
      opened: () => {},
      received: (text) => {
        const message = JSON.parse(text);
        reply(message, () => this.#deliver(message.a, text));
      },
      closed: () => this.#over("stopped"),
    });
  }

  open(): void {
    this.readyState = 1;
    this.onopen();
  }

  send(text: string): void {
    if (this.readyState === 1) this.#link.send(text);
  }

  close(reason?: string): void {
    if (this.readyState === 3) return;
    this.#link.close();
    this.#over(reason ?? "closed");
  }

  #deliver(action: string, text: string): void {
    const tell = (): void => {
      if (this.readyState === 1) this.onmessage({ data: text });
    };
    if (action === "hs" || action === "init") process.nextTick(tell);
    else this.#greetings.deliver(tell);
    if (action === "hs") this.#greetings.end(this);
  }

  #over(reason: string): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#greetings.end(this);
    this.onclose(reason);
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
