/**
 * Making mutations for a view: where they go, and who is told what becomes of them.
 *
 * @module
 */

import { HoldfastError } from "../errors.ts";
import type { Json, JsonObject } from "../json.ts";
import { randomToken } from "../random.ts";
import type { Done } from "./arguments.ts";
import { type Edit, set, type Value } from "./edit.ts";
import type { Shared, View } from "./options.ts";
import { invalidPath, isLocal, type Path, type Segments, segmentsOf } from "./path.ts";
import type { Edited } from "./store.ts";
import { documentTarget } from "./target.ts";

const ID_LENGTH = 22;

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

  /** Makes a mutation at a path. */
  edit<Result>(
    path: Path | undefined,
    make: (data: Value, path: Segments) => Edit<Result>,
    done: Done | undefined,
  ): Result {
    return this.#settled(this.#shared.store.edit(this.segments(path), make, this.#view), done);
  }

  /** Sets a value: a document as a whole, or what is within one. */
  set(at: Segments, value: Json, done: Done | undefined): Value {
    const { store, holds, fetchOnly } = this.#shared;
    const [collection = "", id = ""] = at;
    const isDocument = at.length === 2;
    const edited = isDocument
      ? store.put(at, value, this.#view)
      : store.edit(at, (data, path) => set(data, path, value), this.#view);
    if (isDocument && !isLocal(collection) && edited.result === undefined) {
      holds.keep(this.#view.context, documentTarget(store, collection, id, fetchOnly));
    }
    return this.#settled(edited, done);
  }

  /** Sets a value where none is, or null; gives the one that is there then. */
  setNull(path: Path | undefined, value: Json, done: Done | undefined): Value {
    const there = this.get(path) ?? undefined;
    if (there === undefined) this.set(this.segments(path), value, done);
    else done?.();
    return there ?? value;
  }

  /** Sets a value if it is not the same; gives the one before. */
  setDiff(path: Path | undefined, value: Json, done: Done | undefined): Value {
    const previous = this.get(path);
    if (previous === value) done?.();
    else this.set(this.segments(path), value, done);
    return previous;
  }

  /** Sets several properties, and tells a callback what becomes of all of them. */
  setEach(path: Path | undefined, values: JsonObject, done: Done | undefined): void {
    const at = this.segments(path);
    const each = Object.entries(values).map(([name, value]) =>
      new Promise<void>((resolve, reject) => {
        const set = (error?: unknown): void => error === undefined ? resolve() : reject(error);
        this.set([...at, ...segmentsOf([name])], value, set);
      })
    );
    void this.#tell(Promise.all(each).then(() => {}), done);
  }

  /** Deletes what is at a path. */
  drop(at: Segments, done: Done | undefined): Value {
    return this.#settled(this.#shared.store.drop(at, this.#view), done);
  }

  /** Creates a document at a path. With `isLax`, one that is there stays. */
  create(path: Path | undefined, value: Json, isLax: boolean, done: Done | undefined): void {
    const at = this.segments(path);
    if (at.length !== 2) throw invalidPath("must name a document");
    if (this.#shared.store.get(at) === undefined) return void this.set(at, value, done);
    if (isLax) return done?.();
    throw new HoldfastError(
      "ERR_DOC_ALREADY_CREATED",
      "Cannot create a document as none must be there",
    );
  }

  /** Adds an object under its id, or a drawn one. */
  add(
    path: Path | undefined,
    value: Readonly<Record<string, Json>>,
    done: Done | undefined,
  ): string {
    const { id: given } = value;
    const id = typeof given === "string" ? given : randomToken(this.#shared.random, ID_LENGTH);
    this.set([...this.segments(path), ...segmentsOf([id])], { ...value, id }, done);
    return id;
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
