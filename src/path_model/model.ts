/**
 * The path model: one path for every value of every document, as Racer has it. What it promises, `face.ts` says.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import type { Done, PathAnd } from "./arguments.ts";
import * as edits from "./edit.ts";
import type { Value } from "./edit.ts";
import { Editor } from "./editor.ts";
import type { ListenOptions, PathModel, PathQuery, Promised, Subscribables } from "./face.ts";
import { release, take } from "./holder.ts";
import type { EventName } from "./listeners.ts";
import { type PathListener, pathListener } from "./listening.ts";
import type { Shared, View } from "./options.ts";
import { isPath, type Path, type Segments, segmentsOf } from "./path.ts";
import { pathPattern } from "./pattern.ts";
import { promised } from "./promised.ts";
import { ModelQuery } from "./query.ts";

/** A view of a model. */
export class ModelView implements PathModel {
  readonly #shared: Shared;
  readonly #view: View;
  readonly #editor: Editor;
  #promised: Promised | undefined;

  constructor(shared: Shared, view: View) {
    this.#shared = shared;
    this.#view = view;
    this.#editor = new Editor(shared, view);
  }

  get segments(): Segments {
    return this.#view.at;
  }

  get promised(): Promised {
    // A function for each of the names, as its type says.
    return this.#promised ??= promised(this) as unknown as Promised;
  }

  at(path?: Path): PathModel {
    return this.#with({ at: this.#editor.segments(path) });
  }

  scope(path?: Path): PathModel {
    return this.#with({ at: segmentsOf(path) });
  }

  parent(levels = 1): PathModel {
    const { at } = this.#view;
    return this.#with({ at: at.slice(0, Math.max(0, at.length - levels)) });
  }

  path(path?: Path): string {
    return this.#editor.segments(path).join(".");
  }

  isPath(value: unknown): value is Path {
    return isPath(value);
  }

  leaf(): string {
    return this.#view.at.at(-1) ?? "";
  }

  context(name: string): PathModel {
    return this.#with({ context: name });
  }

  pass(passed: Readonly<Record<string, unknown>>): PathModel {
    return this.#with({ passed: { ...this.#view.passed, ...passed } });
  }

  silent(isSilent = true): PathModel {
    return this.#with({ isSilent });
  }

  preventCompose(): PathModel {
    return this.#with({ compose: false });
  }

  allowCompose(): PathModel {
    return this.#with({ compose: true });
  }

  get(path?: Path): Value {
    return this.#editor.get(path);
  }

  getCopy(path?: Path): Value {
    return edits.copy(this.get(path));
  }

  getDeepCopy(path?: Path): Value {
    return edits.deepCopy(this.get(path));
  }

  getValues(path?: Path): readonly Json[] {
    return edits.valuesOf(this.get(path));
  }

  getOrDefault(path: Path | undefined, otherwise: Json): Json {
    return this.get(path) ?? otherwise;
  }

  getOrThrow(path?: Path): Json {
    const value = this.get(path) ?? undefined;
    if (value !== undefined) return value;
    throw new HoldfastError("ERR_NOT_FOUND", "Cannot get a value as one must be at the path");
  }

  set(...args: PathAnd<[value: Json]>): Value {
    return this.#editor.set(args);
  }

  setNull(...args: PathAnd<[value: Json]>): Value {
    return this.#editor.setNull(args);
  }

  setEach(...args: PathAnd<[values: JsonObject]>): void {
    this.#editor.setEach(args);
  }

  setDiff(...args: PathAnd<[value: Json]>): Value {
    return this.#editor.setDiff(args);
  }

  setDiffDeep(...args: PathAnd<[value: Json]>): Value {
    return this.#editor.setDiffDeep(args);
  }

  setArrayDiff(...args: PathAnd<[list: readonly Json[]]>): Value {
    return this.#editor.setArrayDiff(args);
  }

  setArrayDiffDeep(...args: PathAnd<[list: readonly Json[]]>): Value {
    return this.#editor.setDiffDeep(args);
  }

  del(...args: PathAnd<[]>): Value {
    return this.#editor.del(args);
  }

  add(...args: PathAnd<[value: JsonObject]> | [done?: Done]): string {
    return this.#editor.add(args);
  }

  create(...args: PathAnd<[value: Json]> | [done?: Done]): void {
    this.#editor.create(args, false);
  }

  createNull(...args: PathAnd<[value: Json]> | [done?: Done]): void {
    this.#editor.create(args, true);
  }

  increment(...args: PathAnd<[by?: number]>): number {
    return this.#editor.increment(args);
  }

  push(...args: PathAnd<[item: Json]>): number {
    return this.#editor.push(args);
  }

  unshift(...args: PathAnd<[item: Json]>): number {
    return this.#editor.unshift(args);
  }

  insert(...args: PathAnd<[index: number, items: Json | readonly Json[]]>): number {
    return this.#editor.insert(args);
  }

  pop(...args: PathAnd<[]>): Value {
    return this.#editor.removeEnd(args, edits.pop);
  }

  shift(...args: PathAnd<[]>): Value {
    return this.#editor.removeEnd(args, edits.shift);
  }

  remove(...args: PathAnd<[index?: number, howMany?: number]>): readonly Json[] {
    return this.#editor.remove(args);
  }

  move(...args: PathAnd<[from: number, to: number, howMany?: number]>): readonly Json[] {
    return this.#editor.byPlaces(args, 2, edits.move);
  }

  stringInsert(...args: PathAnd<[index: number, text: string]>): string | undefined {
    return this.#editor.stringInsert(args);
  }

  stringRemove(...args: PathAnd<[index: number, howMany: number]>): string | undefined {
    return this.#editor.byPlaces(args, 2, edits.stringRemove);
  }

  query(collection: string, expression: unknown = {}): PathQuery {
    return new ModelQuery(this.#shared, this, collection, expression);
  }

  fetch(...things: Subscribables): Promise<void> {
    return take(this.#shared, this.#view, "fetch", things);
  }

  subscribe(...things: Subscribables): Promise<void> {
    return take(this.#shared, this.#view, "subscribe", things);
  }

  unfetch(...things: Subscribables): Promise<number> {
    return release(this.#shared, this.#view, "fetch", things);
  }

  unsubscribe(...things: Subscribables): Promise<number> {
    return release(this.#shared, this.#view, "subscribe", things);
  }

  fetchDoc(collection: string, id: string, done?: Done): Promise<void> {
    return this.scope().fetch([collection, id], done);
  }

  subscribeDoc(collection: string, id: string, done?: Done): Promise<void> {
    return this.scope().subscribe([collection, id], done);
  }

  unfetchDoc(collection: string, id: string, done?: Done): Promise<number> {
    return this.scope().unfetch([collection, id], done);
  }

  unsubscribeDoc(collection: string, id: string, done?: Done): Promise<number> {
    return this.scope().unsubscribe([collection, id], done);
  }

  unload(context: string = this.#view.context): void {
    this.#shared.holds.releaseAll(context);
  }

  unloadAll(): void {
    for (const context of this.#shared.holds.contexts) this.unload(context);
  }

  on(
    name: EventName,
    ...args:
      | [pattern: Path, listener: PathListener, options?: ListenOptions | undefined]
      | [listener: PathListener, options?: ListenOptions | undefined]
  ): () => void {
    const { at } = this.#view;
    const [pattern, listener, options = {}] = typeof args[0] === "function"
      ? [pathPattern(undefined, at), args[0], args[1] as ListenOptions | undefined]
      : [pathPattern(args[0], at), args[1] as PathListener, args[2]];
    const call = pathListener(name, listener, options.useEventObjects ?? false);
    return this.#shared.listeners.on(name, pattern, call, options);
  }

  whenNothingPending(): Promise<void> {
    return this.#shared.whenNothingPending();
  }

  close(): void {
    this.#shared.holds.close();
    this.#shared.store.close();
  }

  #with(view: Partial<View>): PathModel {
    return new ModelView(this.#shared, { ...this.#view, ...view });
  }
}
