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
import { ModelState } from "./model_state.ts";

/** What {@linkcode memoryModelStore} needs. */
export interface MemoryModelOptions {
  /** By which records expire. */
  readonly clock: Clock;
  /** Where wake-ups go: all of them, unless the feed tells that nobody would hear. */
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

  /** Makes a change and tells of it, if it added to the journal. */
  const waking = <Result>(shape: ModelShape, { journal }: ModelState, change: () => Result) => {
    const before = journal.length;
    const result = change();
    const { last, length } = journal;
    if (last === undefined || length === before || !shape.isWatched) return result;
    const channel = wakeChannel(shape.key);
    if (wakes.hears?.(channel) === false) return result;
    const { tag, previousTag, text } = last;
    // With several entries the reader has to look anyway.
    const entry = length === before + 1 ? text.toString() : undefined;
    const wake = { epoch: journal.head.epoch, index: length, tag, previousTag, entry };
    // Never fails: position and channel are our own.
    void wakes.publish(channel, wake);
    return result;
  };

  // Each method is async only so that a throw is a rejection; none waits between its first and its last step.
  return {
    // deno-lint-ignore require-await
    async commit(shape, writes, options) {
      const state = stateOf(shape, options);
      return waking(shape, state, () => state.commit(shape, writes, options, clock.now()));
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
      const moment = { nowMs: clock.now(), tag: options.tag };
      return waking(shape, state, () => state.sweep(shape, options.limit, moment));
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
