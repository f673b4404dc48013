/**
 * Our store of documents behind the interface of a ShareDB database, and our wake-ups behind that of its pubsub: thin
 * shims, so that ShareDB's own server works on what ours works on.
 *
 * @module
 */
// deno-lint-ignore-file no-explicit-any explicit-module-boundary-types

import { createRequire } from "node:module";
import process from "node:process";
import type { Op } from "../../../src/documents/change.ts";
import {
  type DocumentStore,
  type DocumentUnit,
  EXISTS_ENTRY,
  type NewOp,
  withDocumentId,
} from "../../../src/documents/port.ts";
import type { WakeFeed } from "../../../src/wakes/port.ts";

const require = createRequire(import.meta.url);
// Packages without types, loaded as their own suites load them.
const sharedb: any = require("sharedb");
const DB: any = sharedb.DB;
const PubSub: any = sharedb.PubSub;
const Snapshot = require("sharedb/lib/snapshot");
const Queryable = require("sharedb/test/BasicQueryableMemoryDB");

type Callback = (error: unknown, ...results: unknown[]) => void;

/** Calls back with what a promise gives, outside of the promise: what the callback throws is its own. Never by a timer, as suites stop those. */
function answer(callback: Callback, promise: Promise<readonly unknown[]>): void {
  promise.then(
    (results) => process.nextTick(() => callback(null, ...results)),
    (error) => process.nextTick(() => callback(error)),
  );
}

/** A ShareDB database over a store. */
export class StoreDatabase extends DB {
  readonly #store: DocumentStore;
  #count = 0;

  constructor(store: DocumentStore, options?: unknown) {
    super(options);
    this.#store = store;
  }

  /** Asked for by ShareDB: whether something was committed, if it is the next version. */
  commit(
    collection: string,
    id: string,
    op: any,
    snapshot: any,
    _: unknown,
    callback: Callback,
  ): void {
    const exists = snapshot.type !== null && snapshot.type !== undefined;
    const committing = Promise.resolve(this.#store.commit(unitOf(collection), {
      id,
      base: { version: snapshot.v - 1 },
      ops: [this.#newOp(op)],
      snapshot: plain({
        type: snapshot.type ?? undefined,
        data: snapshot.data,
        meta: snapshot.m ?? undefined,
      }),
      isMilestone: false,
      entries: exists ? [EXISTS_ENTRY] : [],
    }));
    answer(callback, committing.then(({ kind }) => [kind === "done"]));
  }

  getSnapshot(collection: string, id: string, fields: any, options: any, callback: Callback): void {
    const isWhole = fields?.$submit || options?.metadata;
    answer(callback, this.#snapshots(collection, [id], isWhole));
  }

  getSnapshotBulk(
    collection: string,
    ids: string[],
    fields: any,
    options: any,
    callback: Callback,
  ): void {
    const isWhole = fields?.$submit || options?.metadata;
    const byId = this.#snapshots(collection, ids, isWhole).then((snapshots) => {
      const found = Object.create(null);
      for (const snapshot of snapshots) found[snapshot.id] = snapshot;
      return [found];
    });
    answer(callback, byId);
  }

  getOps(
    collection: string,
    id: string,
    from: number | null,
    to: number | null,
    options: any,
    callback: Callback,
  ): void {
    answer(callback, this.#ops(collection, id, from ?? 0, to ?? undefined, options?.metadata));
  }

  query(collection: string, query: any, _: unknown, options: any, callback: Callback): void {
    const asking = async () => {
      const found = await this.#all(collection, options?.metadata);
      const { snapshots, extra } = Queryable.prototype._querySync.call({}, found, query);
      return [snapshots, extra];
    };
    answer(callback, asking());
  }

  queryPollDoc(collection: string, id: string, query: any, _: unknown, callback: Callback): void {
    const polling = this.#snapshots(collection, [id], false).then(([found]) => {
      const isThere = found?.type !== null;
      const { snapshots } = Queryable.prototype._querySync.call({}, isThere ? [found] : [], query);
      return [snapshots.length > 0];
    });
    answer(callback, polling);
  }

  canPollDoc(_: string, query: any): boolean {
    return !query.sort && !query.skip && !query.limit && !query.$count;
  }

  #newOp(op: any): NewOp {
    const sequence = op.seq ?? ++this.#count;
    const source = op.src ?? `none-${crypto.randomUUID()}`;
    const meta = { m: op.m, hasSource: op.src !== undefined && op.src !== null };
    const named = { source, sequence, tag: crypto.randomUUID(), meta };
    const change = op.create !== undefined
      ? { kind: "create", ...op.create }
      : op.del
      ? { kind: "del" }
      : "op" in op
      ? { kind: "op", op: op.op }
      : { kind: "none" };
    return { ...plain(named), ...plain(change) };
  }

  async #all(collection: string, isWhole: boolean): Promise<readonly any[]> {
    const range = {
      from: withDocumentId(EXISTS_ENTRY, ""),
      to: `${EXISTS_ENTRY}\u0001`,
    };
    const page = { limit: 1_000, isReverse: false };
    const entries = await this.#store.page(unitOf(collection), range, page);
    return this.#snapshots(collection, entries.map((entry) => entry.slice(2)), isWhole);
  }

  async #snapshots(collection: string, ids: readonly string[], isWhole: boolean): Promise<any[]> {
    const reads = await this.#store.read(unitOf(collection), ids.map((id) => ({ id })));
    return reads.map((read, at) => {
      if (read.kind === "absent") return new Snapshot(ids[at], 0, null, undefined, null);
      if (read.kind !== "snapshot") throw new Error(`a read gives ${read.kind}`);
      const { version, type, data, meta } = plain(read.snapshot);
      return new Snapshot(ids[at], version, type ?? null, data, isWhole ? meta : null);
    });
  }

  async #ops(
    collection: string,
    id: string,
    from: number,
    to: number | undefined,
    isWhole: boolean,
  ): Promise<readonly unknown[]> {
    const unit = unitOf(collection);
    const [read] = await this.#store.read(unit, [{ id, after: { version: from } }]);
    const found = read?.kind === "ops" ? read.ops : [];
    const ops = found.filter(({ version }) => to === undefined || version < to);
    if (to !== undefined && ops.length < to - from) throw new Error("Missing ops");
    return [ops.map((op) => shared(op, isWhole))];
  }
}

/** A ShareDB pubsub over wake-ups: each message is a hint's entry. */
export class WakesPubSub extends PubSub {
  readonly #wakes: WakeFeed;
  readonly #stops = new Map<string, AbortController>();
  #index = 0;

  constructor(wakes: WakeFeed) {
    super();
    this.#wakes = wakes;
  }

  _subscribe(channel: string, callback: Callback): void {
    const stop = new AbortController();
    this.#stops.set(channel, stop);
    this.#wakes.subscribe(channel, (event) => {
      // The first event of a subscription says that it stands.
      if (event.kind === "gap") callback?.(null);
      if (event.kind === "wake") this._emit(channel, JSON.parse(event.wake.entry ?? "null"));
    }, stop.signal);
  }

  _unsubscribe(channel: string, callback: Callback): void {
    this.#stops.get(channel)?.abort();
    this.#stops.delete(channel);
    process.nextTick(() => callback(null));
  }

  _publish(channels: string[], data: unknown, callback: Callback): void {
    const publishing = channels.map((channel) => {
      const index = ++this.#index;
      const previousTag = index > 1 ? "t" : "";
      const position = { epoch: "e", index, tag: "t", previousTag };
      return this.#wakes.publish(channel, { ...position, entry: JSON.stringify(data) });
    });
    answer(callback, Promise.all(publishing));
  }
}

function shared(
  { version, source, sequence, meta, tag: _, atMs: __, ...change }: Op,
  isWhole: boolean,
) {
  const { m, hasSource }: any = meta;
  const whole: any = { v: version };
  if (hasSource) Object.assign(whole, { src: source, seq: sequence });
  if (change.kind === "op") whole.op = change.op;
  if (change.kind === "del") whole.del = true;
  if (change.kind === "create") {
    const { kind: ___, ...create } = change;
    whole.create = create;
  }
  if (isWhole) whole.m = m;
  return plain(whole);
}

function unitOf(collection: string): DocumentUnit {
  return {
    collection,
    shard: 0,
    isIndexed: true,
    log: {
      opsMax: 10_000,
      bytesMax: 100_000_000,
      ageMsMax: Infinity,
      identitiesMax: 1_000,
      identityMsMax: Infinity,
      milestonesMax: 1,
    },
    journal: { entriesMax: 100, bytesMax: 1_000_000, ageMsMax: 600_000 },
  };
}

/** A copy as JSON would carry it. */
function plain<T>(value: T): any {
  return JSON.parse(JSON.stringify(value));
}
