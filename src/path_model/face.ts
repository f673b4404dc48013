/**
 * What a user of the path model sees: views of it, and queries.
 *
 * @module
 */

import type { OnOptions } from "../events.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Done, PathAnd } from "./arguments.ts";
import type { Hold } from "./counts.ts";
import type { Value } from "./edit.ts";
import type { EventName } from "./listeners.ts";
import type { PathListener } from "./listening.ts";
import type { Path, Segments } from "./path.ts";
import type { Mutator } from "./promised.ts";

/** Something that a model can hold beside documents, such as a query. */
export interface Held {
  /** Holds it once more for a context. */
  take(context: string, hold: Hold): Promise<void>;
  /** Holds it once less; gives how many are left in all. */
  release(context: string, hold: Hold): number;
}

/** What can be held: a path to or into a document, a view of a model, or something that says how. */
export type Subscribable = Path | { readonly segments: Segments } | Held;

/** Things to be held, and a callback after them. */
export type Subscribables = readonly (Subscribable | Done | undefined)[];

/** What may be given along with a listener. */
export interface ListenOptions extends OnOptions {
  /** Whether it is called with the event and the captures, in place of what `PathListener` says. */
  readonly useEventObjects?: boolean;
}

/** The mutators, each giving a promise of its result that resolves when the mutation is committed. */
export type Promised = {
  readonly [Name in Mutator]: (
    ...args: Parameters<PathModel[Name]>
  ) => Promise<ReturnType<PathModel[Name]>>;
};

/**
 * A view of a model: a path as its root, a context for what it holds, what listeners are handed. Methods take their path
 * below the view's own; without one they mean the view's.
 *
 * Mutators show what they do at once and give what the ancestor's gave. A callback as the last argument is called when the
 * mutation is committed, or with why the server did not; what can be known at once is thrown at once, before anything
 * happens:
 *
 * - `ERR_INVALID_PATH`: no path, or one of a whole collection
 * - `ERR_OP_PATH_FORBIDDEN`: a path through `__proto__`, `constructor` or `prototype`
 * - `ERR_OP_MISMATCH`: a path into a scalar, a list's place that is not there, a document of another type
 * - `ERR_OP_MALFORMED`: a value that is no JSON
 * - `ERR_DOC_DOES_NOT_EXIST`: inside a document that is not here
 * - `ERR_INVALID_ID`: another id than that of the path
 * - `ERR_INVALID_ARGUMENT`: an argument that is missing, or no number, list or object where one must be
 */
export interface PathModel {
  /** The path of this view, from the root on. */
  readonly segments: Segments;
  /** The same mutators as promises. */
  readonly promised: Promised;

  /** A view below this one. */
  at(path?: Path): PathModel;
  /** A view of a path from the root on. */
  scope(path?: Path): PathModel;
  /** A view so many levels above this one, one by default; the root at most. */
  parent(levels?: number): PathModel;
  /** A path from the root on, with dots. */
  path(path?: Path): string;
  /** Whether something can be used as a path. */
  isPath(value: unknown): value is Path;
  /** The last segment of this view's path; empty for the root. */
  leaf(): string;
  /** A view whose holds belong to a context, to be let go of together. */
  context(name: string): PathModel;
  /** A view whose mutations hand this to listeners as their last argument. */
  pass(passed: Readonly<Record<string, unknown>>): PathModel;
  /** A view whose mutations no listener hears; with `false`, one whose mutations are heard again. */
  silent(isSilent?: boolean): PathModel;
  /** A view whose mutations are each sent on their own. */
  preventCompose(): PathModel;
  /** A view whose mutations may be sent together again. */
  allowCompose(): PathModel;

  /** The value at a path; an object document has its `id`. Never changed in place, and must not be. */
  get(path?: Path): Value;
  /** A copy of the value that may be changed at its first level. */
  getCopy(path?: Path): Value;
  /** A copy of the value that may be changed, as deep as it is. */
  getDeepCopy(path?: Path): Value;
  /** The values of a collection, object or list; none where nothing is. */
  getValues(path?: Path): readonly Json[];
  /** The value at a path, or another one where nothing or null is. */
  getOrDefault(path: Path | undefined, otherwise: Json): Json;
  /** The value at a path. @throws {HoldfastError} `ERR_NOT_FOUND` if nothing or null is there. */
  getOrThrow(path?: Path): Json;

  /** Sets a value, makes the parents that are missing, and gives the one before. */
  set(...args: PathAnd<[value: Json]>): Value;
  /** Sets a value where none is, or null; gives the one that is there then. */
  setNull(...args: PathAnd<[value: Json]>): Value;
  /** Sets several properties: of a document or within one by one operation, or several documents of a collection. */
  setEach(...args: PathAnd<[values: JsonObject]>): void;
  /** Sets a value if it does not hold the same as the one before, which it gives. */
  setDiff(...args: PathAnd<[value: Json]>): Value;
  /** Makes a value another one by as few changes as a walk finds, down to texts. Gives the one before. */
  setDiffDeep(...args: PathAnd<[value: Json]>): Value;
  /** Makes a list another one by inserting and removing items. Gives the one before. */
  setArrayDiff(...args: PathAnd<[list: readonly Json[]]>): Value;
  /** The same, and inside of the items. Gives the list before. */
  setArrayDiffDeep(...args: PathAnd<[list: readonly Json[]]>): Value;
  /** Deletes a value, and gives it. What is not there is left alone. */
  del(...args: PathAnd<[]>): Value;
  /**
   * Adds a document to a collection, or an object to an object, under its `id` or a drawn one; gives that, the callback too.
   *
   * @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED` if such a document is here.
   */
  add(...args: PathAnd<[value: JsonObject]> | [done?: Done]): string;
  /**
   * Creates a document, by default an empty object.
   *
   * @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED` if it is here; if it is elsewhere only, the callback hears that.
   */
  create(...args: PathAnd<[value: Json]> | [done?: Done]): void;
  /** Creates a document where none is here. */
  createNull(...args: PathAnd<[value: Json]> | [done?: Done]): void;
  /** Adds to a number, 1 by default; what is missing counts as 0. Gives the sum. */
  increment(...args: PathAnd<[by?: number]>): number;
  /** Adds an item at the end of a list; gives its new length. A list that is missing is made, here and below. */
  push(...args: PathAnd<[item: Json]>): number;
  /** Adds an item at the start of a list; gives its new length. */
  unshift(...args: PathAnd<[item: Json]>): number;
  /** Inserts an item, or a list of items, into a list; gives its new length. */
  insert(...args: PathAnd<[index: number, items: Json | readonly Json[]]>): number;
  /** Removes the last item of a list, and gives it. */
  pop(...args: PathAnd<[]>): Value;
  /** Removes the first item of a list, and gives it. */
  shift(...args: PathAnd<[]>): Value;
  /** Removes items of a list, one by default, and gives them; without an index, the item that the path leads to. */
  remove(...args: PathAnd<[index?: number, howMany?: number]>): readonly Json[];
  /** Moves items of a list, one by default, so that the first of them stands at `to` then; gives them. */
  move(...args: PathAnd<[from: number, to: number, howMany?: number]>): readonly Json[];
  /** Inserts a text into a string; gives the string before. */
  stringInsert(...args: PathAnd<[index: number, text: string]>): string | undefined;
  /** Removes a text from a string; gives the string before. */
  stringRemove(...args: PathAnd<[index: number, howMany: number]>): string | undefined;

  /** A query of a collection, held for this view's context. Asks nothing yet. */
  query(collection: string, expression?: unknown): PathQuery;
  /**
   * Brings documents and queries up to date once, and holds them; without any, the document that the view is in. What
   * fails is not held; the others stay.
   */
  fetch(...things: Subscribables): Promise<void>;
  /** Brings documents and queries up to date, keeps them so, and holds them. */
  subscribe(...things: Subscribables): Promise<void>;
  /** Lets go of what was fetched; gives how many fetches of the last of them are left in all. */
  unfetch(...things: Subscribables): Promise<number>;
  /** Lets go of what was subscribed to; gives how many subscriptions of the last of them are left in all. */
  unsubscribe(...things: Subscribables): Promise<number>;
  /** Brings a document up to date once, and holds it. */
  fetchDoc(collection: string, id: string, done?: Done): Promise<void>;
  /** Brings a document up to date, keeps it so, and holds it. */
  subscribeDoc(collection: string, id: string, done?: Done): Promise<void>;
  /** Lets go of a document that was fetched; gives how many fetches are left in all. */
  unfetchDoc(collection: string, id: string, done?: Done): Promise<number>;
  /** Lets go of a document that was subscribed to; gives how many subscriptions are left in all. */
  unsubscribeDoc(collection: string, id: string, done?: Done): Promise<number>;
  /** Lets go of all that a context holds, or came into being in it: this view's own, if none is named. */
  unload(context?: string): void;
  /** Lets go of all that any context holds. */
  unloadAll(): void;

  /** Calls a listener on every mutation of a kind whose path fits a pattern, until the signal is aborted. */
  on(name: EventName, pattern: Path, listener: PathListener, options?: ListenOptions): () => void;
  /** The same for the path of this view itself. */
  on(name: EventName, listener: PathListener, options?: ListenOptions): () => void;
  /** Resolves when nothing waits for the server any more. */
  whenNothingPending(): Promise<void>;
  /** Ends all timers and listening; the connection is its owner's to close. */
  close(): void;
}

/** A query of a collection, as a context of a model holds it. */
export interface PathQuery extends Held {
  /** The collection. */
  readonly collection: string;
  /** What is asked; nothing in it is undefined. */
  readonly expression: Json;
  /** Asks it once, and holds its results. */
  fetch(done?: Done): Promise<void>;
  /** Asks it, keeps its results up to date, and holds them. */
  subscribe(done?: Done): Promise<void>;
  /** Lets go of it; gives how many fetches are left in all. */
  unfetch(done?: Done): Promise<number>;
  /** Lets go of it; gives how many subscriptions are left in all. */
  unsubscribe(done?: Done): Promise<number>;
  /** The documents that match, in order; none until it was asked. */
  get(): readonly Json[];
  /** Their ids. */
  getIds(): readonly string[];
  /** What the server tells beside them, such as the number of matches. */
  getExtra(): Value;
  /** Has a local path show the documents, and follow them until the signal is aborted. Gives a view of it. */
  ref(path: Path, options?: OnOptions): PathModel;
  /** Has a local path show the ids, and follow them until the signal is aborted. Gives a view of it. */
  refIds(path: Path, options?: OnOptions): PathModel;
  /** Has a local path show what is told beside the documents, and follow it. Gives a view of it. */
  refExtra(path: Path, options?: OnOptions): PathModel;
}
