/**
 * The smallest server of documents that keeps the protocol: one process, no store, nothing asynchronous. It is slow and
 * short on purpose, and what the client is simulated against.
 *
 * @module
 */

import { findType, type OtType } from "../../../src/ot/mod.ts";
import type { Change } from "../../../src/documents/change.ts";
import { applyChange, type Live, meet, serialized } from "../../../src/documents/client/live.ts";
import { changeFrom, changeOnWire } from "../../../src/documents/client/wire.ts";

import { hearPresence, leaveRooms } from "./reference_rooms.ts";

/** A message, as loose as a test likes it. */
// deno-lint-ignore no-explicit-any -- messages of both sides, looked at by hand
export type Message = any;

/** An operation in the log of a document. */
export interface Logged {
  readonly v: number;
  readonly src: string;
  readonly seq: number;
  readonly change: Change;
}

/** A document of the server. */
export interface ServerDoc {
  epoch: string;
  live: Live;
  version: number;
  /** The operations that are kept, the first of them at `version - log.length`. */
  log: Logged[];
  /** What was committed, by source and sequence: at which version. */
  readonly committed: Map<string, number>;
}

/** A client's session. */
export interface Session {
  readonly send: (message: Message) => void;
  id: string;
  readonly follows: Set<string>;
  readonly rooms: Set<string>;
  /** What it said last of each presence. */
  readonly present: Map<string, Message>;
}

/** What a run may change in how the server behaves. */
export interface ServerRules {
  /** Why an operation is refused; nothing if it is not. */
  readonly refuse?: (message: Message) => string | undefined;
  /** An addition to an operation. */
  readonly fixup?: (message: Message, live: Live) => unknown;
  /** How many operations of a document are kept. */
  readonly keep?: number;
  /** Whether there are no rooms. */
  readonly hasNoPresence?: boolean;
  /** Told of each change that is committed. */
  readonly committed?: (change: Change) => void;
  /** Whether a publish is lost. */
  readonly losesPublish?: () => boolean;
}

/** A server. */
export class ReferenceServer {
  readonly types: readonly OtType[];
  readonly rules: ServerRules;
  readonly docs: Map<string, ServerDoc> = new Map();
  readonly sessions: Set<Session> = new Set();
  /** Everything that was ever asked, for tests that count. */
  readonly heard: Message[] = [];
  #ids = 0;
  #epochs = 0;

  constructor(types: readonly OtType[], rules: ServerRules = {}) {
    this.types = types;
    this.rules = rules;
  }

  /** A client comes. */
  open(send: (message: Message) => void): Session {
    const session = {
      send,
      id: "",
      follows: new Set<string>(),
      rooms: new Set<string>(),
      present: new Map(),
    };
    this.sessions.add(session);
    send({ a: "init", protocol: 1, protocolMinor: 2, id: "legacy", type: this.#defaultType });
    return session;
  }

  /** A client goes. */
  close(session: Session): void {
    this.sessions.delete(session);
    leaveRooms(this.sessions, session);
  }

  /** The store loses everything; versions begin anew. */
  flush(): void {
    this.docs.clear();
  }

  /** Tells everybody the heads of what they follow. */
  beat(): void {
    for (const { follows, send } of this.sessions) {
      const b: Message = {};
      for (const key of follows) {
        const [c, d] = JSON.parse(key);
        const { version, epoch } = this.doc(c, d);
        (b[c] ??= {})[d] = [version, epoch];
      }
      send({ a: "hb", b });
    }
  }

  /** The document of a name, made if it is not there. */
  doc(c: string, d: string): ServerDoc {
    const key = JSON.stringify([c, d]);
    const known = this.docs.get(key);
    if (known !== undefined) return known;
    const made: ServerDoc = {
      epoch: `e${++this.#epochs}`,
      live: undefined,
      version: 0,
      log: [],
      committed: new Map(),
    };
    this.docs.set(key, made);
    return made;
  }

  /** A message of a client came. */
  receive(session: Session, message: Message): void {
    this.heard.push(message);
    const { n, a } = message;
    const reply = (rest: Message) => session.send({ a, ...(n && { n }), ...rest });
    if (a === "hs") {
      session.id = message.id ?? `c${++this.#ids}.mac`;
      reply({
        id: session.id,
        protocol: 1,
        protocolMinor: 2,
        type: this.#defaultType,
        holdfast: 1,
      });
    } else if (a === "pp") reply({});
    else if (a === "op") this.#submit(session, message, reply);
    else if (["f", "s", "u"].includes(a)) {
      const { c, d } = message;
      const data = this.#read(session, a, { ...message });
      reply({ c, d, ...(data && { data }) });
    } else if (["bf", "bs", "bu"].includes(a)) this.#bulk(session, message, reply);
    else if (a === "nf") this.#past(message, reply);
    else if (["ps", "pu", "p", "pr"].includes(a)) {
      const { hasNoPresence = false } = this.rules;
      hearPresence({ sessions: this.sessions, session, message, reply, hasNoPresence });
    }
  }

  get #defaultType(): string {
    return this.types[0]?.uri ?? "";
  }

  #bulk(session: Session, message: Message, reply: (rest: Message) => void): void {
    const { a, c, b, e = {}, g = {} } = message;
    const ids: string[] = Array.isArray(b) ? b : Object.keys(b);
    const data = Object.fromEntries(ids.flatMap((d) => {
      const v = Array.isArray(b) ? undefined : b[d];
      const part = this.#read(session, a.slice(1), { c, d, v, e: e[d], g: g[d] });
      return part === undefined ? [] : [[d, part]];
    }));
    reply({ c, ...(Array.isArray(b) ? { data } : { b, data }) });
  }

  #read(session: Session, a: string, { c, d, v, e }: Message): Message {
    const key = JSON.stringify([c, d]);
    if (a === "u") return void session.follows.delete(key);
    if (a === "s") session.follows.add(key);
    const doc = this.doc(c, d);
    if (v === undefined || v === null) return this.#snapshot(doc);
    const isForeign = v > doc.version || (v > 0 && e !== undefined && e !== doc.epoch);
    const isTrimmed = v < doc.version - doc.log.length;
    if (isForeign) return { ...this.#snapshot(doc), k: "foreign" };
    if (isTrimmed) return { ...this.#snapshot(doc), k: "trimmed" };
    for (const op of doc.log.filter((op) => op.v >= v)) {
      session.send(this.#onWire(c, d, doc, op, session));
    }
  }

  #snapshot({ live, version: v, epoch: e }: ServerDoc): Message {
    if (live === undefined) return { v, type: null, e };
    return { v, data: serialized(live), type: live.type.uri, e };
  }

  #past({ id, c, d, v }: Message, reply: (rest: Message) => void): void {
    const { log } = this.doc(c, d);
    let live: Live;
    for (const op of log.filter((op) => op.v < v)) live = applyChange(this.types, live, op.change);
    reply({ id, v, type: live?.type.uri ?? null, data: live && serialized(live), m: null });
  }

  #onWire(c: string, d: string, doc: ServerDoc, op: Logged, session: Session): Message {
    const src = op.src === session.id ? op.src : op.src.split(".")[0];
    return { a: "op", c, d, v: op.v, src, seq: op.seq, ...changeOnWire(op.change), e: doc.epoch };
  }

  #submit(session: Session, message: Message, reply: (rest: Message) => void): void {
    const { c, d, v: from, e, seq, src = session.id } = message;
    const doc = this.doc(c, d);
    const refuse = (code: string) => reply({ c, d, seq, src, error: { code, message: "Refused" } });
    const missed = (upTo: number) => {
      for (const op of doc.log.filter(({ v }) => v >= (from ?? upTo) && v < upTo)) {
        session.send(this.#onWire(c, d, doc, op, session));
      }
    };
    if (from > 0 && e !== undefined && e !== doc.epoch) return refuse("ERR_DOC_EPOCH");
    const committed = doc.committed.get(`${src} ${seq}`);
    if (committed !== undefined) {
      missed(committed);
      return reply({ c, d, v: committed, src, seq, e: doc.epoch });
    }
    if (from > doc.version) return refuse("ERR_OP_VERSION_NEWER_THAN_CURRENT_SNAPSHOT");
    if (from < doc.version - doc.log.length) return refuse("ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND");
    const code = this.rules.refuse?.(message);
    if (code !== undefined) return refuse(code);
    this.#commit(session, message, { doc, refuse, reply, missed });
  }

  #commit(session: Session, message: Message, { doc, refuse, reply, missed }: {
    readonly doc: ServerDoc;
    readonly refuse: (code: string) => void;
    readonly reply: (rest: Message) => void;
    readonly missed: (upTo: number) => void;
  }): void {
    const { c, d, v: from = doc.version, seq, src = session.id } = message;
    let change = changeFrom(message);
    let fixup: unknown;
    let live: Live;
    try {
      for (const op of doc.log.filter(({ v }) => v >= from)) {
        const { mine, error } = meet(
          this.types,
          typeOnly(this.types, doc, change),
          change,
          op.change,
        );
        if (mine === "refused") throw error;
        change = mine;
      }
      live = applyChange(this.types, doc.live, change);
      fixup = this.rules.fixup?.(message, live);
      if (fixup !== undefined && change.kind === "op" && live !== undefined) {
        live = applyChange(this.types, live, { kind: "op", op: fixup as never });
        change = { kind: "op", op: live?.type.compose?.(change.op, fixup) as never };
      }
    } catch (error) {
      missed(doc.version);
      return refuse((error as { code?: string }).code ?? "ERR_OP_MISMATCH");
    }
    missed(doc.version);
    const op = { v: doc.version, src, seq, change };
    doc.live = live;
    doc.version += 1;
    doc.log.push(op);
    doc.log.splice(0, doc.log.length - (this.rules.keep ?? Infinity));
    doc.committed.set(`${src} ${seq}`, op.v);
    this.rules.committed?.(change);
    const fixups = fixup === undefined ? undefined : [{ src, seq, v: op.v, op: fixup }];
    reply({ c, d, v: op.v, src, seq, e: doc.epoch, ...(fixups && { fixup: fixups }) });
    this.#publish(session, c, d, doc, op);
  }

  #publish(by: Session, c: string, d: string, doc: ServerDoc, op: Logged): void {
    for (const session of this.sessions) {
      if (session === by || !session.follows.has(JSON.stringify([c, d]))) continue;
      if (this.rules.losesPublish?.()) continue;
      session.send(this.#onWire(c, d, doc, op, session));
    }
  }
}

/** A document of the type that the log had when the change was made: only its type matters to a meeting. */
function typeOnly(types: readonly OtType[], { live }: ServerDoc, change: Change): Live {
  if (live !== undefined) return live;
  return change.kind === "create"
    ? { type: findType(types, change.type), data: undefined }
    : undefined;
}
