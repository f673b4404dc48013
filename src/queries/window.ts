/**
 * A result that is kept in order while documents change, without asking for it again.
 *
 * Of a result with a limit, the window holds the documents that are wanted and some that follow, so that one that
 * leaves is replaced at once; only when those are used up must the store be asked anew. A result without a limit is
 * held whole. Every change gives the difference to what was seen before, in steps that never show a document twice.
 *
 * @module
 */

import { LimitError } from "../errors.ts";
import { type Query, RESULTS_MAX } from "./language.ts";
import { compareRanked, type Ranked } from "./sorting.ts";

/** A step from one list of ids to another; steps are made one after the other. */
export type ListStep =
  | { readonly kind: "insert"; readonly index: number; readonly ids: readonly string[] }
  | { readonly kind: "remove"; readonly index: number; readonly howMany: number }
  | {
    readonly kind: "move";
    readonly from: number;
    readonly to: number;
    readonly howMany: number;
  };

/** At least how many documents are held beyond those that are wanted. */
const SLACK_MIN = 16;

/** A result of a query, in order. */
export class ResultWindow {
  readonly #query: Query;
  readonly #start: number;
  readonly #end: number;
  readonly #heldMax: number;
  #held: Ranked[] = [];
  /** What is held, by id; made when there is something. */
  #places: Map<string, Ranked> | undefined;
  /** Whether there may be matches behind the last one that is held. */
  #hasMore = false;

  /** Makes an empty window; {@linkcode ResultWindow.refill} fills it. */
  constructor(query: Query) {
    this.#query = query;
    this.#start = query.skip;
    this.#end = query.skip + query.limit;
    this.#heldMax = query.limit === Infinity
      ? Infinity
      : this.#end + Math.max(SLACK_MIN, query.limit);
  }

  /** How many matches, from the first on, {@linkcode ResultWindow.refill} wants; `Infinity` for all. */
  get wanted(): number {
    return this.#heldMax;
  }

  /** Whether too few are held to say what the result is. */
  get mustRefill(): boolean {
    return this.#hasMore && this.#held.length < this.#end;
  }

  /** The result's ids in order. */
  get ids(): readonly string[] {
    return this.#held.slice(this.#start, this.#end).map(({ id }) => id);
  }

  /** How many documents the result has. */
  get size(): number {
    return Math.max(0, Math.min(this.#held.length, this.#end) - this.#start);
  }

  /** The ids of all that is held: the result, what comes before it, and some of what follows. */
  get held(): Iterable<string> {
    return this.#places?.keys() ?? [];
  }

  /** Whether a document is in the result, or held behind it. */
  has(id: string): boolean {
    return this.#places?.has(id) ?? false;
  }

  /**
   * Takes the first matches of the store, in any order, and gives the steps to them.
   *
   * @throws {LimitError} `ERR_TOO_LARGE` if a result without a limit has more than {@linkcode RESULTS_MAX} documents.
   */
  refill(matches: readonly Ranked[], hasMore: boolean): readonly ListStep[] {
    const before = this.ids;
    this.#held = [...matches].sort((a, b) => compareRanked(this.#query.sort, a, b));
    this.#hasMore = hasMore;
    this.#cut();
    const places = this.#held.map((ranked) => [ranked.id, ranked] as const);
    this.#places = places.length === 0 ? undefined : new Map(places);
    this.#check();
    return listSteps(before, this.ids);
  }

  /**
   * Takes a document as it is now, or `undefined` if it is no match any more, and gives the steps.
   *
   * @throws {LimitError} `ERR_TOO_LARGE` as {@linkcode ResultWindow.refill}.
   */
  apply(id: string, now: Ranked | undefined): readonly ListStep[] {
    const then = this.#places?.get(id);
    if (then === undefined && (now === undefined || this.#isBehind(now))) return [];
    const isWhole = this.#end === Infinity && this.#start === 0;
    const before = isWhole ? [] : this.ids;
    const from = then === undefined ? undefined : this.#remove(then);
    const to = now === undefined || this.#isBehind(now) ? undefined : this.#insert(now);
    this.#cut();
    this.#check();
    return isWhole ? oneStep(id, from, to) : listSteps(before, this.ids);
  }

  #remove(then: Ranked): number {
    const at = this.#placeOf(then);
    this.#held.splice(at, 1);
    this.#places?.delete(then.id);
    return at;
  }

  #insert(now: Ranked): number {
    const at = this.#placeOf(now);
    this.#held.splice(at, 0, now);
    (this.#places ??= new Map()).set(now.id, now);
    return at;
  }

  /** Where a document stands, or would. */
  #placeOf(ranked: Ranked): number {
    let [low, high] = [0, this.#held.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const held = this.#held[middle];
      if (held !== undefined && compareRanked(this.#query.sort, held, ranked) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Whether a document comes after all that are held, among those of which it is not known which are there. */
  #isBehind(ranked: Ranked): boolean {
    return this.#hasMore && this.#placeOf(ranked) === this.#held.length;
  }

  /** Lets go of what is held beyond need. */
  #cut(): void {
    if (this.#held.length <= this.#heldMax) return;
    for (const { id } of this.#held.splice(this.#heldMax)) this.#places?.delete(id);
    this.#hasMore = true;
  }

  #check(): void {
    if (this.#end === Infinity && this.#held.length > RESULTS_MAX) {
      throw new LimitError(
        "ERR_TOO_LARGE",
        `Cannot keep a result as it must have ${RESULTS_MAX} documents at most without a $limit`,
      );
    }
  }
}

function oneStep(
  id: string,
  from: number | undefined,
  to: number | undefined,
): readonly ListStep[] {
  if (from === to) return [];
  if (from === undefined) return to === undefined ? [] : [{ kind: "insert", index: to, ids: [id] }];
  if (to === undefined) return [{ kind: "remove", index: from, howMany: 1 }];
  return [{ kind: "move", from, to, howMany: 1 }];
}

/** The steps from one list of distinct ids to another: removals from the end on, then insertions and moves in order. */
export function listSteps(
  before: readonly string[],
  after: readonly string[],
): readonly ListStep[] {
  const steps: ListStep[] = [];
  const wanted = new Map(after.map((id, i) => [id, i]));
  const list = before.filter((id) => wanted.has(id));
  for (let end = before.length; end > 0;) {
    let start = end;
    while (start > 0 && !wanted.has(before[start - 1] ?? "")) start--;
    if (start < end) steps.push({ kind: "remove", index: start, howMany: end - start });
    end = start === end ? end - 1 : start;
  }
  const known = new Set(list);
  for (let at = 0; at < after.length; at++) {
    const id = after[at] ?? "";
    if (list[at] === id) continue;
    if (!known.has(id)) {
      let end = at;
      while (end < after.length && !known.has(after[end] ?? "")) end++;
      const ids = after.slice(at, end);
      steps.push({ kind: "insert", index: at, ids });
      list.splice(at, 0, ...ids);
      at = end - 1;
      continue;
    }
    if (list[at + 1] === id) {
      // The one that stands here belongs farther back, and the rest falls into place.
      const [moved = ""] = list.splice(at, 1);
      const to = Math.min(wanted.get(moved) ?? 0, list.length);
      list.splice(to, 0, moved);
      steps.push({ kind: "move", from: at, to, howMany: 1 });
      continue;
    }
    const from = list.indexOf(id, at);
    list.splice(from, 1);
    list.splice(at, 0, id);
    steps.push({ kind: "move", from, to: at, howMany: 1 });
  }
  return steps;
}
