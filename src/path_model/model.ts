/**
 * The path model: one path for every value of every document, as Racer has it.
 *
 * A model is a view of one store: its root, for which context it holds documents, what it hands to listeners. Mutations happen here
 * at once; a callback as the last argument is called when one is committed, or with why it was not.
 *
 * @module
 */

import type { OnOptions } from "../events.ts";
import type { Json, JsonObject } from "../json.ts";
import { type Done, type PathAnd, taken, takenNumbers } from "./arguments.ts";
import { differences, differencesOfList } from "./difference.ts";
import * as edits from "./edit.ts";
import type { Value } from "./edit.ts";
import { Editor } from "./editor.ts";
import { release, type Subscribables, take } from "./holder.ts";
import type { EventName } from "./listeners.ts";
import { type PathListener, pathListener } from "./listening.ts";
import type { Shared, View } from "./options.ts";
import { type Path, type Segments, segmentsOf } from "./path.ts";
import { pathPattern } from "./pattern.ts";
import { type Mutator, promised } from "./promised.ts";

/** The mutators, each giving a promise of its result that resolves when the mutation is committed. */
export type Promised = {
  readonly [Name in Mutator]: (
    ...args: Parameters<PathModel[Name]>
  ) => Promise<ReturnType<PathModel[Name]>>;
};

/** A view of a model. Methods that take a path take it below the view's own; without one they mean the view's. */
export class PathModel {
  readonly #shared: Shared;
  readonly #view: View;
  readonly #editor: Editor;

  /** Made by {@linkcode createPathModel}. */
  constructor(shared: Shared, view: View) {
    this.#shared = shared;
    this.#view = view;
    this.#editor = new Editor(shared, view);
  }

  /** The path of this view, from the root on. */
  get segments(): Segments {
    return this.#view.at;
  }

  /** The same mutators as promises. */
  get promised(): Promised {
    // A function for each of the names, as its type says.
    return promised(this, this) as unknown as Promised;
  }

  /** A view below this one. */
  at(path?: Path): PathModel {
    return this.#with({ at: this.#editor.segments(path) });
  }

  /** A view of a path from the root on. */
  scope(path?: Path): PathModel {
    return this.#with({ at: segmentsOf(path) });
  }

  /** A view so many levels above this one; the root at most. */
  parent(levels = 1): PathModel {
    return this.#with({ at: this.#view.at.slice(0, Math.max(0, this.#view.at.length - levels)) });
  }

  /** A path from the root on, with dots. */
  path(path?: Path): string {
    return this.#editor.segments(path).join(".");
  }

  /** The last segment of this view's path; empty for the root. */
  leaf(): string {
    return this.#view.at.at(-1) ?? "";
  }

  /** A view whose holds belong to a context, to be let go of together. */
  context(name: string): PathModel {
    return this.#with({ context: name });
  }

  /** A view whose mutations hand this to listeners as their last argument. */
  pass(passed: Readonly<Record<string, unknown>>): PathModel {
    return this.#with({ passed: { ...this.#view.passed, ...passed } });
  }

  /** A view whose mutations no listener hears. */
  silent(): PathModel {
    return this.#with({ passed: undefined });
  }

  /** A view whose mutations are each sent on their own. */
  preventCompose(): PathModel {
    return this.#with({ compose: false });
  }

  /** The value at a path; an object document has its `id`. Never changed in place, and must not be. */
  get(path?: Path): Value {
    return this.#editor.get(path);
  }

  /** A copy of the value that may be changed, as deep as it is. */
  getDeepCopy(path?: Path): Value {
    return structuredClone(this.get(path));
  }

  /** A copy of the value that may be changed at its first level. */
  getCopy(path?: Path): Value {
    return edits.copy(this.get(path));
  }

  /** Sets a value, makes the parents that are missing, and gives the one before. */
  set(...args: PathAnd<[value: Json]>): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#editor.set(this.#editor.segments(path), value as Json, done);
  }

  /** Sets a value where none is, or null; gives the one that is there then. */
  setNull(...args: PathAnd<[value: Json]>): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#editor.setNull(path, value as Json, done);
  }

  /** Sets several properties. */
  setEach(...args: PathAnd<[values: JsonObject]>): void {
    const { path, rest: [values], done } = taken(args, 1);
    this.#editor.setEach(path, values as JsonObject, done);
  }

  /** Sets a value if it is not the same as the one before, which it gives. */
  setDiff(...args: PathAnd<[value: Json]>): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#editor.setDiff(path, value as Json, done);
  }

  /** Makes a value another one by as few changes as a walk finds. Gives the one before. */
  setDiffDeep(...args: PathAnd<[value: Json]>): Value {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#editor.edit(path, (data, at) => differences(data, at, value as Json), done);
  }

  /** Makes a list another one by inserting and removing items. Gives the one before. */
  setArrayDiff(...args: PathAnd<[list: readonly Json[]]>): Value {
    const { path, rest: [list], done } = taken(args, 1);
    const items = list as readonly Json[];
    return this.#editor.edit(path, (data, at) => differencesOfList(data, at, items), done);
  }

  /** The same, and inside of the items. Gives the list before. */
  setArrayDiffDeep(...args: PathAnd<[list: readonly Json[]]>): Value {
    return this.setDiffDeep(...args);
  }

  /** Deletes a value, and gives it. */
  del(path?: Path, done?: Done): Value {
    const at = this.#editor.segments(path);
    return at.length === 2 ? this.#editor.drop(at, done) : this.#editor.edit(path, edits.del, done);
  }

  /** Adds a document to a collection, or an object to an object, under its `id` or a drawn one; gives that. */
  add(...args: PathAnd<[value: JsonObject]>): string {
    const { path, rest: [value], done } = taken(args, 1);
    return this.#editor.add(path, value as JsonObject, done);
  }

  /** Creates a document. @throws {HoldfastError} `ERR_DOC_ALREADY_CREATED` if it is there. */
  create(...args: PathAnd<[value: Json]>): void {
    const { path, rest: [value], done } = taken(args, 1);
    this.#editor.create(path, value as Json, false, done);
  }

  /** Creates a document where none is. */
  createNull(...args: PathAnd<[value: Json]>): void {
    const { path, rest: [value], done } = taken(args, 1);
    this.#editor.create(path, value as Json, true, done);
  }

  /** Adds to a number, 1 by default; what is missing counts as 0. Gives the sum. */
  increment(...args: PathAnd<[by?: number]>): number {
    const { path, rest: [by = 1], done } = takenNumbers(args);
    return this.#editor.edit(path, (data, at) => edits.increment(data, at, by), done);
  }

  /** Adds an item at the end of a list; gives its new length. */
  push(...args: PathAnd<[item: Json]>): number {
    const { path, rest: [item], done } = taken(args, 1);
    return this.#editor.edit(path, (data, at) => edits.push(data, at, [item as Json]), done);
  }

  /** Adds an item at the start of a list; gives its new length. */
  unshift(...args: PathAnd<[item: Json]>): number {
    const { path, rest: [item], done } = taken(args, 1);
    return this.#editor.edit(path, (data, at) => edits.insert(data, at, 0, [item as Json]), done);
  }

  /** Inserts an item, or a list of items, into a list; gives its new length. */
  insert(...args: PathAnd<[index: number, items: Json | readonly Json[]]>): number {
    const { path, rest: [index, given], done } = taken(args, 2);
    const items: readonly Json[] = Array.isArray(given) ? given : [given as Json];
    return this.#editor.edit(
      path,
      (data, at) => edits.insert(data, at, Number(index), items),
      done,
    );
  }

  /** Removes the last item of a list, and gives it. */
  pop(path?: Path, done?: Done): Value {
    return this.#editor.edit(path, edits.pop, done);
  }

  /** Removes the first item of a list, and gives it. */
  shift(path?: Path, done?: Done): Value {
    return this.#editor.edit(path, edits.shift, done);
  }

  /** Removes items of a list, one by default, and gives them. */
  remove(...args: PathAnd<[index: number, howMany?: number]>): readonly Json[] {
    const { path, rest: [index = 0, count = 1], done } = takenNumbers(args);
    return this.#editor.edit(path, (data, at) => edits.remove(data, at, index, count), done);
  }

  /** Moves items of a list, one by default, and gives them. */
  move(...args: PathAnd<[from: number, to: number, howMany?: number]>): readonly Json[] {
    const { path, rest: [from = 0, to = 0, count = 1], done } = takenNumbers(args);
    return this.#editor.edit(path, (data, at) => edits.move(data, at, from, to, count), done);
  }

  /** Inserts a text into a string; gives the string before. */
  stringInsert(...args: PathAnd<[index: number, text: string]>): string | undefined {
    const { path, rest: [at, text], done } = taken(args, 2);
    return this.#editor.edit(path, edits.stringInsertion(Number(at), String(text)), done);
  }

  /** Removes a text from a string; gives the string before. */
  stringRemove(...args: PathAnd<[index: number, howMany: number]>): string | undefined {
    const { path, rest: [index = 0, count = 0], done } = takenNumbers(args);
    return this.#editor.edit(path, (data, at) => edits.stringRemove(data, at, index, count), done);
  }

  /** Brings documents and queries up to date once, and holds them. */
  fetch(...things: Subscribables): Promise<void> {
    return take(this.#shared, this.#view, "fetch", things);
  }

  /** Brings documents and queries up to date, keeps them so, and holds them. */
  subscribe(...things: Subscribables): Promise<void> {
    return take(this.#shared, this.#view, "subscribe", things);
  }

  /** Lets go of what was fetched; gives how many fetches are left in all. */
  unfetch(...things: Subscribables): Promise<number> {
    return release(this.#shared, this.#view, "fetch", things);
  }

  /** Lets go of what was subscribed to; gives how many subscriptions are left in all. */
  unsubscribe(...things: Subscribables): Promise<number> {
    return release(this.#shared, this.#view, "subscribe", things);
  }

  /** Lets go of all that a context holds: this view's own, if none is named. */
  unload(context: string = this.#view.context): void {
    this.#shared.holds.releaseAll(context);
  }

  /** Lets go of all that any context holds. */
  unloadAll(): void {
    for (const context of this.#shared.holds.contexts) this.unload(context);
  }

  /** Calls a listener on every mutation of a kind whose path fits a pattern, until the signal is aborted. */
  on(
    name: EventName,
    pattern: Path,
    listener: PathListener,
    options?: OnOptions & { readonly useEventObjects?: boolean },
  ): () => void {
    const call = pathListener(name, listener, options?.useEventObjects ?? false);
    return this.#shared.listeners.on(name, pathPattern(pattern, this.#view.at), call, options);
  }

  /** Resolves when nothing waits for the server any more. */
  whenNothingPending(): Promise<void> {
    return this.#shared.whenNothingPending();
  }

  /** Ends all timers and listening; the connection is its owner's to close. */
  close(): void {
    this.#shared.holds.close();
    this.#shared.store.close();
  }

  #with(view: Partial<View>): PathModel {
    return new PathModel(this.#shared, { ...this.#view, ...view });
  }
}
