/**
 * The mutators of a view: what they are given, where it goes, and who is told what becomes of it.
 *
 * What can be known at once is thrown at once, callback or not; what the server has against a mutation, its callback
 * hears, or the model's `onError`.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { randomToken } from "../random.ts";
import { type Done, taken, takenNumbers } from "./arguments.ts";
import { differences, differencesOfList, isSame } from "./difference.ts";
import { type Edited, withoutId } from "./document.ts";
import * as edits from "./edit.ts";
import type { Edit, Value } from "./edit.ts";
import { editOptions, type Shared, type View } from "./options.ts";
import { invalidPath, isIndex, isLocal, type Path, type Segments, segmentsOf } from "./path.ts";
import { documentTarget } from "./target.ts";

const ID_LENGTH = 22;

/** Arguments as a mutator gets them; `model.ts` says which. */
type Args = readonly unknown[];

/** Makes the mutations of a view. */
export class Editor {
  readonly #shared: Shared;
  readonly #view: View;

  /** For a view of a model. */
  constructor(shared: Shared, view: View) {
    this.#shared = shared;
    this.#view = view;
  }

  /** A path below the view's. */
  segments(path?: Path): Segments {
    return [...this.#view.at, ...segmentsOf(path)];
  }

  /** The value at a path below the view's. */
  get(path?: Path): Value {
    return this.#shared.store.get(this.segments(path));
  }

  /** Sets a value. */
  set(args: Args): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#set(this.segments(path), value as Json, done);
  }

  /** Sets a value where none is, or null. */
  setNull(args: Args): Value {
    const { path, rest: [value], done } = taken(args, 1);
    const there = this.get(path) ?? undefined;
    if (there === undefined) this.#set(this.segments(path), value as Json, done);
    else done?.();
    return there ?? value as Json;
  }

  /** Sets a value if it is not the same. */
  setDiff(args: Args): Value {
    const { path, rest: [value], done } = taken(args, 1);
    const previous = this.get(path);
    if (!isSame(previous, value as Json)) {
      return this.#set(this.segments(path), value as Json, done);
    }
    done?.();
    return previous;
  }

  /** Makes a value another one by few changes. */
  setDiffDeep(args: Args): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#differ(path, value as Json, differences, done);
  }

  /** Makes a list another one by inserting and removing items. */
  setArrayDiff(args: Args): Value {
    const { path, rest: [list], done } = taken(args, 1);
    if (!Array.isArray(list)) throw invalid("be a list");
    return this.#differ(path, list, differencesOfList, done);
  }

  /** Sets several properties, in one operation where they are a document's. */
  setEach(args: Args): void {
    const { path, rest: [values], done } = taken(args, 1);
    const each = objectOf(values);
    const at = this.segments(path);
    if (at.length >= 2) {
      const stored = objectOf(this.#stored(at, each));
      return this.#edit(at, (data, below) => edits.setEach(data, below, stored), done);
    }
    const edited = Object.entries(each).map(([name, value]) =>
      this.#put([...at, ...segmentsOf([name])], value)
    );
    const all = Promise.all(edited.map(({ done }) => done)).then(() => {});
    this.#settled({ result: undefined, done: all }, done);
  }

  /** Deletes what is at a path. */
  del(args: Args): Value {
    const { path, done } = taken(args, 0);
    const at = this.segments(path);
    if (at.length !== 2) return this.#edit(at, edits.del, done);
    return this.#settled(this.#shared.store.drop(at, editOptions(this.#view)), done);
  }

  /** Creates a document. With `isLax`, one that is there stays. */
  create(args: Args, isLax: boolean): void {
    const { path, rest: [value], done } = taken(valueIn(args), 1);
    const at = this.segments(path);
    if (at.length !== 2) throw invalidPath("must name a document");
    if (isLax && this.#shared.store.get(at) !== undefined) return done?.();
    this.#create(at, value as Json, done);
  }

  /** Adds an object under its id, or a drawn one. */
  add(args: Args): string {
    const { path, rest: [given], done } = taken(valueIn(args), 1);
    const value = objectOf(given);
    const id = Object.hasOwn(value, "id") ? value.id : randomToken(this.#shared.random, ID_LENGTH);
    if (typeof id !== "string") throw invalid("have a text as its id, or none");
    const at = [...this.segments(path), ...segmentsOf([id])];
    const told = done && ((error?: unknown) => done(error, id));
    if (at.length === 2) this.#create(at, { ...value, id }, told);
    else this.#set(at, { ...value, id }, told);
    return id;
  }

  /** Adds to a number. */
  increment(args: Args): number {
    const { path, rest: [by = 1], done } = takenNumbers(args);
    return this.#edit(
      this.segments(path),
      (data, at) => edits.increment(data, at, by),
      done,
    );
  }

  /** Inserts an item at the end of a list. */
  push(args: Args): number {
    const { path, rest: [item], done } = taken(args, 1);
    const items = [item as Json];
    return this.#edit(this.segments(path), (data, at) => edits.push(data, at, items), done);
  }

  /** Inserts an item at the start of a list. */
  unshift(args: Args): number {
    const { path, rest: [item], done } = taken(args, 1);
    return this.#insert(path, 0, [item as Json], done);
  }

  /** Inserts items into a list. */
  insert(args: Args): number {
    const { path, rest: [index, items], done } = taken(args, 2);
    return this.#insert(path, Number(index), Array.isArray(items) ? items : [items], done);
  }

  /** Removes the last or the first item of a list. */
  removeEnd(args: Args, edit: typeof edits.pop): Value {
    const { path, done } = taken(args, 0);
    return this.#edit(this.segments(path), edit, done);
  }

  /** Removes items of a list: those from an index on, or the item that the path leads to. */
  remove(args: Args): readonly Json[] {
    const { path, rest, done } = takenNumbers(args);
    const at = this.segments(path);
    const last = at.at(-1) ?? "";
    if (rest.length > 0 || !isIndex(last)) return this.byPlaces(args, 1, edits.remove);
    return this.#edit(
      at.slice(0, -1),
      (data, list) => edits.remove(data, list, Number(last), 1),
      done,
    );
  }

  /** Does something to a list or text whose arguments are numbers, of which so many must be given. */
  byPlaces<Result>(
    args: Args,
    least: number,
    edit: (data: Value, path: Segments, index: number, ...more: number[]) => Edit<Result>,
  ): Result {
    const { path, rest, done } = takenNumbers(args);
    const [index = 0, ...more] = rest;
    if (rest.length < least) throw invalid("be given");
    return this.#edit(
      this.segments(path),
      (data, at) => edit(data, at, index, ...more),
      done,
    );
  }

  /** Inserts a text into a string. */
  stringInsert(args: Args): string | undefined {
    const { path, rest: [index, text], done } = taken(args, 2);
    const edit = edits.stringInsertion(Number(index), String(text));
    return this.#edit(this.segments(path), edit, done);
  }

  #edit<Result>(
    at: Segments,
    make: (data: Value, path: Segments) => Edit<Result>,
    done: Done | undefined,
  ): Result {
    return this.#settled(this.#shared.store.edit(at, make, editOptions(this.#view)), done);
  }

  #insert(path: Path | undefined, index: number, items: readonly Json[], done?: Done): number {
    return this.#edit(
      this.segments(path),
      (data, at) => edits.insert(data, at, index, items),
      done,
    );
  }

  #set(at: Segments, value: Json, done: Done | undefined): Value {
    return this.#settled(this.#put(at, value), done);
  }

  #create(at: Segments, value: Json, done: Done | undefined): void {
    if (this.#shared.store.get(at) === undefined) return void this.#set(at, value, done);
    throw new HoldfastError(
      "ERR_DOC_ALREADY_CREATED",
      "Cannot create a document as none must be there",
    );
  }

  /** Sets a document as a whole, or what is within one. One that came into being stays while its context does. */
  #put(at: Segments, value: Json): Edited<Value> {
    const { store, holds } = this.#shared;
    const [collection = "", id = ""] = at;
    const options = editOptions(this.#view);
    if (at.length !== 2) {
      return store.edit(at, (data, path) => edits.set(data, path, value), options);
    }
    const edited = store.put(at, value, options);
    if (!isLocal(collection) && edited.result === undefined) {
      holds.keep(this.#view.context, documentTarget(this.#shared, collection, id));
    }
    return edited;
  }

  #differ<Wanted extends Json>(
    path: Path | undefined,
    value: Wanted,
    make: (data: Value, path: Segments, value: Wanted) => Edit<Value>,
    done: Done | undefined,
  ): Value {
    const at = this.segments(path);
    const previous = this.#shared.store.get(at);
    if (previous === undefined) return this.#set(at, value, done);
    // What is a list stays one.
    const stored = this.#stored(at, value) as Wanted;
    this.#edit(at, (data, below) => make(data, below, stored), done);
    return previous;
  }

  /** A value as it is stored at a path. */
  #stored(at: Segments, value: Json): Json {
    const [collection = "", id = ""] = at;
    return at.length === 2 && !isLocal(collection) ? withoutId(value, id) : value;
  }

  #settled<Result>({ result, done: committed }: Edited<Result>, done: Done | undefined): Result {
    void this.#tell(committed, done);
    return result;
  }

  async #tell(committed: Promise<void>, done: Done | undefined): Promise<void> {
    let failure: readonly [error: unknown] | undefined;
    try {
      await committed;
    } catch (error) {
      // Why it was not committed: for the one who made it to hear.
      failure = [error];
    }
    if (done !== undefined) done(...failure ?? []);
    else if (failure !== undefined) this.#shared.onError(failure[0]);
  }
}

/** Where nothing but a callback is given, the value is an empty object. */
function valueIn(args: Args): Args {
  return args.length === 0 || typeof args[0] === "function" ? [{}, ...args] : args;
}

function objectOf(value: unknown): JsonObject {
  if (isJsonObject(value)) return value;
  throw invalid("be an object");
}

function invalid(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot use an argument as it must ${rule}`);
}
