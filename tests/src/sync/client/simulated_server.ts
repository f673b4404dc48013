/**
 * The server of a simulation: one atom per request, as the models' port promises it, with small memories.
 *
 * @module
 */

import type { JsonObject } from "../../../../src/json.ts";
import type { Random } from "../../../../src/random.ts";
import type { QueueEntry, RecordId, SyncRecord } from "../../../../src/sync/client/queue_entry.ts";
import type { Answer } from "../../../../src/sync/client/queue.ts";

/** One write in a model's journal. */
export interface Place {
  readonly seq: number;
  readonly id: RecordId;
  readonly record: SyncRecord | undefined;
}

const SOURCES_MAX = 4;
const PAGE = 3;

class Model {
  readonly records = new Map<RecordId, SyncRecord>();
  journal: Place[] = [];
  seq = 0;
  lastId = 0;
  /** What was answered, by token. */
  readonly told = new Map<string, Answer>();
  readonly sources = new Map<string, number>();
  readonly listeners: ((place: Place) => void)[] = [];
}

/** A server with its models. */
export class SimulatedServer {
  /** How often each entry was executed. */
  readonly executed: Map<string, number> = new Map();
  readonly #models = new Map<string, Model>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The records of a model. */
  records(model: string): ReadonlyMap<RecordId, SyncRecord> {
    return this.#model(model).records;
  }

  /** Forgets the older half of every journal. */
  trim(): void {
    for (const model of this.#models.values()) {
      model.journal = model.journal.slice(Math.ceil(model.journal.length / 2));
    }
  }

  /** Where events go on, and what was missed. */
  subscribe(name: string, after: number | undefined): {
    readonly seq: number;
    readonly isReset: boolean;
    readonly missed: readonly Place[];
  } {
    const { journal, seq } = this.#model(name);
    const missed = journal.filter((place) => place.seq > (after ?? seq));
    const isReset = after === undefined || after > seq || missed.length !== seq - after;
    return { seq, isReset, missed: isReset ? [] : missed };
  }

  /** Calls the listener with every write from now on. */
  listen(name: string, listener: (place: Place) => void): void {
    this.#model(name).listeners.push(listener);
  }

  /** A page of records. */
  page(name: string, from: number): {
    readonly records: readonly SyncRecord[];
    readonly next: number | undefined;
  } {
    const all = [...this.#model(name).records.values()]
      .filter(({ id }) => Number(id) > from)
      .sort((a, b) => Number(a.id) - Number(b.id));
    const records = all.slice(0, PAGE);
    return { records, next: all.length > PAGE ? Number(records.at(-1)?.id) : undefined };
  }

  /** Makes a write, unless it was made or must not be. */
  write(entry: QueueEntry, isDown: boolean): Answer {
    const { model: name, tx = "", key, verb, isNew, base, isChecked } = entry;
    const model = this.#model(name);
    // Before it is made, or after: the client cannot tell.
    const isAnswered = !isDown || this.#random.float() < 0.5;
    const failed: Answer = { kind: "failed", afterMs: undefined };
    if (isDown && isAnswered) return failed;
    const told = model.told.get(tx);
    if (told !== undefined) return told;
    const [source = "", index = ""] = tx.split("/");
    const reached = model.sources.get(source);
    if (reached === undefined && index !== "1") return { kind: "unknown" };
    if (reached !== undefined && Number(index) <= reached) return { kind: "unknown" };
    const id = isNew ? model.lastId + 1 : entry.id;
    const answer = this.#refusal(model, entry, id, isChecked ? base : undefined) ??
      this.#made(model, entry, id, verb);
    model.told.set(tx, answer);
    if (answer.kind === "done") {
      if (isNew) model.lastId++;
      this.executed.set(key, (this.executed.get(key) ?? 0) + 1);
      model.sources.delete(source);
      model.sources.set(source, Number(index));
      const [oldest = ""] = model.sources.keys();
      if (model.sources.size > SOURCES_MAX) model.sources.delete(oldest);
    }
    return isDown ? failed : answer;
  }

  #refusal(
    model: Model,
    { verb, data }: QueueEntry,
    id: RecordId,
    base: SyncRecord | undefined,
  ): Answer | undefined {
    const current = model.records.get(id);
    if (base !== undefined && current?.$version !== base.$version) {
      return { kind: "conflict", current, resolution: undefined };
    }
    const isTaken = verb === "upsert" && data.name !== undefined &&
      [...model.records.values()].some((one) => one.id !== id && one.name === data.name);
    return isTaken ? { kind: "refused" } : undefined;
  }

  #made(model: Model, { data, isPatch }: QueueEntry, id: RecordId, verb: string): Answer {
    const seq = ++model.seq;
    const fields: JsonObject = isPatch ? { ...model.records.get(id), ...data } : data;
    const record = verb === "delete" ? undefined : { ...fields, id, $version: `${seq}-x` };
    if (record === undefined) model.records.delete(id);
    else model.records.set(id, record);
    const place = { seq, id, record };
    model.journal.push(place);
    // The echo is under way before the answer is: harsher than the hub.
    for (const listener of model.listeners) listener(place);
    return { kind: "done", record, seq };
  }

  #model(name: string): Model {
    const model = this.#models.get(name) ?? new Model();
    this.#models.set(name, model);
    return model;
  }
}
