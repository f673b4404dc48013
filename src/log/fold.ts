/**
 * Folding a log: into a value by a function, into a model exactly once, into a cache at least once.
 *
 * A fold remembers how far it came as a consumer of the log. What a crash leaves between an effect and that note is
 * done again after it; a model knows the place of each write by the log's own index and makes none twice.
 *
 * @module
 */

import type { Cache } from "../cache/mod.ts";
import type { Json } from "../json.ts";
import type { Model, ModelTypes, WriteOptions } from "../models/mod.ts";
import type { Log, LogCallOptions, LogEntry, LogFrom, LogSavedState } from "./log_face.ts";

/** Options of a fold that goes on as the log grows. */
export interface FoldOptions extends LogCallOptions {
  /** The consumer's name: 1 to 64 visible ASCII characters without `;`. Two folds of one name share one place. */
  readonly name: string;
  /** Where a fold begins that never committed. Default `"start"`. */
  readonly from?: LogFrom | undefined;
}

/** Options of {@linkcode foldIntoModel}. */
export interface FoldIntoModelOptions<Event> extends FoldOptions {
  /**
   * Makes the one write that an entry stands for, with `once` as its options; or none. What follows from the record as
   * it is takes `patch`; several records take `batch`. Must not depend on time or dice.
   */
  readonly apply: (entry: LogEntry<Event>, once: WriteOptions) => unknown;
}

/** Options of {@linkcode foldIntoCache}. */
export interface FoldIntoCacheOptions<Event> extends FoldOptions {
  /** What an entry means for the cache. May come twice after a crash: invalidate or set, do not count. */
  readonly apply: (entry: LogEntry<Event>, cache: Cache) => unknown;
}

/** Options of {@linkcode foldState}. */
export interface FoldStateOptions<Event, State extends Json> extends LogCallOptions {
  /** The state before the first entry. */
  readonly initial: State;
  /** The state after one more entry. */
  readonly reduce: (state: State, entry: LogEntry<Event>) => State;
}

/**
 * The state that follows from the whole log, begun at its snapshot if there is one. Decide by it, append with `expect`,
 * and nobody came in between.
 *
 * @throws As {@linkcode Log.read}.
 *
 * @example
 * ```ts
 * import { createLog, foldState } from "@holdfast/holdfast/log";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { strictEqual } from "node:assert/strict";
 *
 * const log = createLog<number>(memory(), { name: "till" });
 * await log.append([5, 7]);
 * const sum = { initial: 0, reduce: (total: number, { event }: { event: number }) => total + event };
 * const { state, position } = await foldState(log, sum);
 * strictEqual(state, 12);
 * if (state >= 10) await log.append([-10], { expect: position });
 * await log.saveSnapshot(await foldState(log, sum));
 * strictEqual((await log.loadSnapshot())?.state, 2);
 * ```
 */
export async function foldState<Event, State extends Json>(
  log: Log<Event>,
  { initial, reduce, signal }: FoldStateOptions<Event, State>,
): Promise<LogSavedState & { readonly state: State }> {
  const saved = await log.loadSnapshot({ signal });
  // What this fold's own `initial` and `reduce` made, when it saved it.
  let state = saved === undefined ? initial : saved.state as State;
  let from: LogFrom = saved?.position ?? "start";
  for (;;) {
    const { entries, position, head } = await log.read({ from, limit: 1_000, signal });
    state = entries.reduce(reduce, state);
    if (position.index >= head.index) return { state, position };
    from = position;
  }
}

/**
 * Folds a log into a model until the signal is aborted, or to the end of a log that is sealed. Every entry's write
 * happens exactly once, whatever crashes.
 *
 * @throws The signal's reason; what `apply` throws; as {@linkcode Log.tail} and {@linkcode Log.commit}.
 *
 * @example
 * ```ts
 * import { createLog, foldIntoModel } from "@holdfast/holdfast/log";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { createModel, defineModel } from "@holdfast/holdfast/models";
 * import { strictEqual } from "node:assert/strict";
 * import { z } from "zod";
 *
 * const backend = memory();
 * const schema = z.object({ left: z.number() });
 * const stock = createModel(backend, defineModel({ key: "stock", schema }));
 * const log = createLog<{ id: number; left: number }>(backend, { name: "stock" });
 * await log.append([{ id: 7, left: 3 }, { id: 7, left: 2 }]);
 * await log.seal();
 * await foldIntoModel(log, stock, {
 *   name: "stock",
 *   apply: ({ event }, once) => stock.upsert(event, once),
 * });
 * strictEqual((await stock.get(7))?.left, 2);
 * ```
 */
export async function foldIntoModel<Event, T extends ModelTypes>(
  log: Log<Event>,
  model: Pick<Model<T>, "batch">,
  { apply, ...options }: FoldIntoModelOptions<Event>,
): Promise<void> {
  const { signal } = options;
  const source = `${log.name}/${options.name}`;
  // The first place of a source: from then on the model knows it, and an entry's place is its index and one.
  const begin = () => model.batch(() => {}, { position: { source, index: 1 }, signal });
  await consume(log, options, begin, async (entry) => {
    const index = entry.position.index + 1;
    await apply(entry, { position: { source, index }, signal });
  });
}

/**
 * Folds a log into a cache until the signal is aborted, or to the end of a log that is sealed. Every entry is applied
 * at least once.
 *
 * @throws The signal's reason; what `apply` throws; as {@linkcode Log.tail} and {@linkcode Log.commit}.
 */
export async function foldIntoCache<Event>(
  log: Log<Event>,
  cache: Cache,
  { apply, ...options }: FoldIntoCacheOptions<Event>,
): Promise<void> {
  await consume(log, options, () => {}, (entry) => apply(entry, cache));
}

/** Gives every entry from where the consumer stands on, and commits after each page. */
async function consume<Event>(
  log: Log<Event>,
  { name, from, signal }: FoldOptions,
  begin: () => unknown,
  apply: (entry: LogEntry<Event>) => unknown,
): Promise<void> {
  const saved = await log.load(name, { signal });
  if (saved === undefined) await begin();
  for await (const page of log.pages({ from: saved ?? from, signal })) {
    for (const entry of page) await apply(entry);
    const last = page.at(-1);
    if (last !== undefined) await log.commit(name, last.position, { signal });
  }
}
