/**
 * The memory driver of the port of models.
 *
 * @module
 */

import { HoldfastError } from "../../src/errors.ts";
import type { Clock } from "../../src/clock.ts";
import { idOfEntry, memberPrefix, rangeOf } from "../../src/models/index_keys.ts";
import type {
  EntryRange,
  ModelShape,
  ModelStore,
  PageOptions,
  RecordPage,
  StoredRecord,
  StoreOptions,
} from "../../src/models/port.ts";
import { wakeChannel } from "../../src/models/port.ts";
import type { WakeFeed } from "../../src/wakes/port.ts";
import type { Line } from "./model_journal.ts";
import { ModelState } from "./model_state.ts";

/** What {@linkcode memoryModelStore} needs. */
export interface MemoryModelOptions {
  /** By which records expire. */
  readonly clock: Clock;
  /** Where wake-ups go. */
  readonly wakes: WakeFeed;
}

/** A store of models in memory. Who shares the value shares the records. */
export function memoryModelStore({ clock, wakes }: MemoryModelOptions): ModelStore {
  const models = new Map<string, ModelState>();

  const stateOf = ({ key, layout }: ModelShape, { signal }: StoreOptions = {}): ModelState => {
    signal?.throwIfAborted();
    if (layout === "seed") throw noSeed();
    let state = models.get(key);
    if (state === undefined) models.set(key, state = new ModelState());
    return state;
  };

  const wake = (shape: ModelShape, epoch: string, lines: readonly Line[]): void => {
    const last = lines.at(-1);
    if (last === undefined || !shape.isWatched) return;
    const { index, tag, previousTag, text } = last;
    const position = { epoch, index, tag, previousTag };
    // Never fails: position and channel are our own. With several entries the reader has to look anyway.
    const given = lines.length === 1 ? { ...position, entry: text } : position;
    void wakes.publish(wakeChannel(shape.key), given);
  };

  // Each method is async only so that a throw is a rejection; none waits between its first and its last step.
  return {
    // deno-lint-ignore require-await
    async commit(shape, writes, options) {
      const state = stateOf(shape, options);
      const { result, lines } = state.commit(shape, writes, options, clock.now());
      wake(shape, state.journal.head.epoch, lines);
      return result;
    },
    // deno-lint-ignore require-await
    async get(shape, ids, options) {
      const state = stateOf(shape, options);
      const nowMs = clock.now();
      return ids.map((id) => state.get(id, nowMs));
    },
    // deno-lint-ignore require-await
    async getByClaim(shape, claim, options) {
      return stateOf(shape, options).getByClaim(claim, clock.now());
    },
    // deno-lint-ignore require-await
    async page(shape, range, options) {
      return pageOf(stateOf(shape, options), range, options, clock.now());
    },
    // deno-lint-ignore require-await
    async members(shape, id, set, options) {
      const state = stateOf(shape, options);
      if (state.get(id, clock.now()) === undefined) return [];
      const { from, to } = rangeOf(memberPrefix(set, id));
      return state.entries.range(from + options.from, to, options)
        .map((entry) => entry.slice(from.length));
    },
    // deno-lint-ignore require-await
    async count(shape, range, options) {
      const state = stateOf(shape, options);
      return range === undefined ? state.visible : state.entries.count(range.from, range.to);
    },
    // deno-lint-ignore require-await
    async changes(shape, after, options) {
      const { journal } = stateOf(shape, options);
      if (!shape.isWatched) return { kind: "reset", head: journal.head };
      return journal.read(after, options.limit);
    },
    // deno-lint-ignore require-await
    async sweep(shape, options) {
      const state = stateOf(shape, options);
      const { lines, isDone } = state.sweep(shape, options.limit, options.tag, clock.now());
      wake(shape, state.journal.head.epoch, lines);
      return { retired: lines.length, isDone };
    },
  };
}

function pageOf(
  state: ModelState,
  { from, to }: EntryRange,
  { limit, isReverse }: PageOptions,
  nowMs: number,
): RecordPage {
  const entries = state.entries.range(from, to, { limit: limit + 1, isReverse });
  const isMore = entries.length > limit;
  const shown = entries.slice(0, limit);
  const records = shown.map((entry) => state.get(idOfEntry(entry), nowMs))
    .filter((record): record is StoredRecord => record !== undefined);
  return { records, next: isMore ? shown.at(-1) : undefined };
}

function noSeed(): HoldfastError {
  return new HoldfastError(
    "ERR_INVALID_OPTION",
    `Cannot use layout "seed" in memory as only a Redis holds data in it`,
  );
}
