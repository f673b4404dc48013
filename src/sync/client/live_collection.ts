/**
 * A live collection: what is seen of a model, in order, and who is told when it changes.
 *
 * @module
 */

import { Emitter, type OnOptions } from "../../events.ts";
import type { JsonObject } from "../../json.ts";
import { deferred } from "./deferred.ts";
import type {
  CollectionEvents,
  CollectionOptions,
  RecordOf,
  SyncCollection,
  WriteOptions,
} from "./face.ts";
import type { RecordId, SyncRecord } from "./queue_entry.ts";
import type { Replica } from "./replica.ts";

/** Makes writes of a collection. */
export type Write = (
  verb: "upsert" | "delete",
  id: RecordId | undefined,
  data: unknown,
  options: WriteOptions,
) => Promise<SyncRecord | undefined>;

/** A collection on a replica. */
export class LiveCollection implements SyncCollection<JsonObject> {
  readonly model: string;
  readonly ready: Promise<void>;
  readonly #replica: Replica;
  readonly #write: Write;
  readonly #order: (a: RecordOf<JsonObject>, b: RecordOf<JsonObject>) => number;
  readonly #events = new Emitter<CollectionEvents<JsonObject>>();
  /** What listeners were told last. */
  #told = new Map<RecordId, SyncRecord>();
  #sorted: readonly RecordOf<JsonObject>[] | undefined;
  readonly #settle: { readonly resolve: () => void; readonly reject: (error: Error) => void };

  constructor(
    model: string,
    replica: Replica,
    { order = byId }: CollectionOptions<JsonObject>,
    write: Write,
  ) {
    this.model = model;
    this.#replica = replica;
    this.#write = write;
    this.#order = order;
    const { promise, resolve, reject } = deferred<void>();
    this.#settle = { resolve, reject };
    // Nobody has to wait for it: a failure is told to the client's listeners as well.
    promise.catch(() => {});
    this.ready = promise;
  }

  get records(): readonly RecordOf<JsonObject>[] {
    return this.#sorted ??= this.#inOrder();
  }

  get(id: RecordId): RecordOf<JsonObject> | undefined {
    return this.#replica.seen(this.model, this.#replica.idOf(id));
  }

  upsert(record: object, options: WriteOptions = {}): Promise<RecordOf<JsonObject>> {
    const { id } = Object(record);
    // An upsert that is made has a record.
    return this.#write("upsert", id, record, options) as Promise<RecordOf<JsonObject>>;
  }

  delete(id: RecordId, options: WriteOptions = {}): Promise<void> {
    return this.#write("delete", id, {}, options) as Promise<void>;
  }

  on<Name extends keyof CollectionEvents<JsonObject>>(
    name: Name,
    listener: (event: CollectionEvents<JsonObject>[Name]) => void,
    options?: OnOptions,
  ): () => void {
    return this.#events.on(name, listener, options);
  }

  /** Tells the listeners what is seen of these records now. */
  changed(ids: readonly RecordId[] | "all"): void {
    this.#sorted = undefined;
    if (ids === "all") {
      this.#told = new Map(this.#replica.all(this.model).map((record) => [record.id, record]));
      this.#events.emit("reset", { records: this.records });
      return this.#settle.resolve();
    }
    let replaced: RecordId | undefined;
    for (const id of ids) {
      const record = this.#replica.seen(this.model, id);
      // A temporary id that became another is told with the record that has it now, which comes next.
      if (record === undefined && this.#replica.idOf(id) !== id) replaced = id;
      else this.#tell(id, record, replaced);
    }
  }

  /** The records cannot be had. */
  failed(error: Error): void {
    this.#settle.reject(error);
  }

  #tell(id: RecordId, record: SyncRecord | undefined, replaced: RecordId | undefined): void {
    const was = this.#told.get(id);
    if (record === undefined) {
      this.#told.delete(id);
      if (was !== undefined) this.#events.emit("delete", { id, record: was });
      return;
    }
    this.#told.set(id, record);
    const replaces = replaced !== undefined && this.#told.delete(replaced) ? replaced : undefined;
    if (!this.#events.wants("upsert")) return;
    const isPending = this.#replica.entries.some((entry) =>
      entry.model === this.model && entry.id === id
    );
    this.#events.emit("upsert", { record, isPending, replaces });
  }

  #inOrder(): readonly RecordOf<JsonObject>[] {
    const all = this.#replica.all(this.model);
    if (this.#order !== byId) return all.sort(this.#order);
    const isNew = new Set(this.#replica.entries.filter((one) => one.isNew).map(({ id }) => id));
    return [
      ...all.filter(({ id }) => !isNew.has(id)).sort(byId),
      ...all.filter(({ id }) => isNew.has(id)),
    ];
  }
}

/** Numbers by their size, then texts by their code units. */
function byId({ id: a }: { readonly id: RecordId }, { id: b }: { readonly id: RecordId }): number {
  if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
