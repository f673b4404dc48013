/**
 * Memoized functions as their users see them.
 *
 * @module
 */

import type { EntryOptions } from "./options.ts";

/** How the results of a function are kept. */
export interface MemoizeOptions<Args extends readonly unknown[], Value>
  extends EntryOptions<Value> {
  /** The function's name in the cache. Functions of one name in one namespace share their entries. */
  readonly name: string;
  /** What of the arguments tells results apart. Default all of them. */
  readonly key?: (...args: Args) => unknown;
}

/** A function whose results are kept by its arguments: plain data, Date, Map, Set and Uint8Array. */
export interface Memoized<Args extends readonly unknown[], Value> {
  /** The result for these arguments, created once. */
  (...args: Args): Promise<Value>;
  /** The function itself, which asks no cache. */
  readonly original: (...args: Args) => Value | Promise<Value>;
  /** The key of these arguments, for the methods of the cache. */
  key(...args: Args): string;
  /** The result if it is there and fresh; calls nothing. */
  get(...args: Args): Promise<Value | undefined>;
  /** Stores a result. */
  set(args: Args, value: Value): Promise<void>;
  /** Removes a result. */
  invalidate(...args: Args): Promise<void>;
  /** Calls the function whatever is there, and stores its result; calls that come meanwhile share it. */
  refresh(...args: Args): Promise<Value>;
}

/** A function from many arguments to results: in the order of the arguments, or by argument. */
export type OfMany<Arg, Value> = (
  args: readonly Arg[],
) => ManyResults<Arg, Value> | Promise<ManyResults<Arg, Value>>;

/** Results in the order of the arguments, or by argument; those that are left out are not kept. */
export type ManyResults<Arg, Value> = readonly Value[] | ReadonlyMap<Arg, Value>;

/** A function of many arguments whose results are kept one by one. */
export interface MemoizedMany<Arg, Value> {
  /** The results by argument; the function is called once, for those that are missing. */
  (args: readonly Arg[]): Promise<Map<Arg, Value>>;
  /** The function itself, which asks no cache. */
  readonly original: OfMany<Arg, Value>;
  /** The key of an argument, for the methods of the cache. */
  key(arg: Arg): string;
  /** The results that are there and fresh; calls nothing. */
  get(args: readonly Arg[]): Promise<Map<Arg, Value>>;
  /** Stores results. */
  set(values: ReadonlyMap<Arg, Value>): Promise<void>;
  /** Removes results. */
  invalidate(args: readonly Arg[]): Promise<void>;
  /** Calls the function whatever is there, and stores its results. */
  refresh(args: readonly Arg[]): Promise<Map<Arg, Value>>;
}
