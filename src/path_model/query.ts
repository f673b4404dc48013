/**
 * Queries of a model, as their users hold them. What is known of one stands in the local collection `$queries`, so that
 * whoever has the same query sees the same.
 *
 * @module
 */

import { ArgumentError } from "../errors.ts";
import type { OnOptions } from "../events.ts";
import type { Json } from "../json.ts";
import type { Done } from "./arguments.ts";
import type { Hold } from "./counts.ts";
import { differences } from "./difference.ts";
import type { Value } from "./edit.ts";
import type { PathModel, PathQuery } from "./face.ts";
import type { Shared } from "./options.ts";
import { invalidPath, isLocal, type Path, segmentsOf } from "./path.ts";
import { pathPattern } from "./pattern.ts";
import { EXTRA, IDS, QUERIES, queryKey, QueryTarget, QUIET } from "./query_target.ts";

/** A query of one context. */
export class ModelQuery implements PathQuery {
  readonly collection: string;
  readonly expression: Json;
  readonly #shared: Shared;
  readonly #model: PathModel;
  readonly #key: string;

  /** For a view of a model, whose context holds it. */
  constructor(shared: Shared, model: PathModel, collection: string, expression: unknown) {
    const [name = ""] = segmentsOf([collection]);
    if (isLocal(name)) throw invalidPath("must name a collection that is shared to query it");
    this.collection = name;
    this.expression = sanitized(expression);
    this.#shared = shared;
    this.#model = model;
    this.#key = queryKey(name, this.expression);
  }

  fetch(done?: Done): Promise<void> {
    return this.#model.fetch(this, done);
  }

  subscribe(done?: Done): Promise<void> {
    return this.#model.subscribe(this, done);
  }

  unfetch(done?: Done): Promise<number> {
    return this.#model.unfetch(this, done);
  }

  unsubscribe(done?: Done): Promise<number> {
    return this.#model.unsubscribe(this, done);
  }

  take(context: string, hold: Hold): Promise<void> {
    const target = new QueryTarget(this.#shared, this.collection, this.expression);
    return this.#shared.holds.take(context, target, hold);
  }

  release(context: string, hold: Hold): number {
    return this.#shared.holds.release(context, this.#key, hold);
  }

  get(): readonly Json[] {
    return this.getIds().flatMap((id) => {
      const value = this.#shared.store.get([this.collection, id]);
      return value === undefined ? [] : [value];
    });
  }

  getIds(): readonly string[] {
    const ids = this.#shared.store.get([QUERIES, this.#key, IDS]);
    return Array.isArray(ids) ? ids.map(String) : [];
  }

  getExtra(): Value {
    return this.#shared.store.get([QUERIES, this.#key, EXTRA]);
  }

  ref(path: Path, options?: OnOptions): PathModel {
    const read = (): Json => this.get();
    const view = this.#follow(path, IDS, read, options);
    this.#shared.listeners.on(
      "all",
      pathPattern([this.collection, "*", "**"]),
      ({ path: [, id] }) => {
        if (this.getIds().includes(id ?? "")) this.#show(view, read());
      },
      options,
    );
    return view;
  }

  refIds(path: Path, options?: OnOptions): PathModel {
    return this.#follow(path, IDS, () => this.getIds(), options);
  }

  refExtra(path: Path, options?: OnOptions): PathModel {
    return this.#follow(path, EXTRA, () => this.getExtra() ?? null, options);
  }

  /** Has a local path show something of the query whenever that changes. */
  #follow(path: Path, what: string, read: () => Json, options?: OnOptions): PathModel {
    const view = this.#model.at(path);
    const [collection = "", id] = view.segments;
    if (!isLocal(collection) || id === undefined) {
      throw invalidPath("must be inside a local collection to show a query there");
    }
    this.#show(view, read());
    for (const changing of [[what, "**"], []]) {
      const pattern = pathPattern([QUERIES, this.#key, ...changing]);
      this.#shared.listeners.on("all", pattern, () => this.#show(view, read()), options);
    }
    return view;
  }

  #show({ segments }: PathModel, value: Json): void {
    this.#shared.store.edit(segments, (data, at) => differences(data, at, value), QUIET);
  }
}

/** A query without anything undefined: it would be lost on its way, and the query match more than was meant. */
function sanitized(expression: unknown): Json {
  try {
    return JSON.parse(JSON.stringify(expression, (_, value) => {
      if (typeof value === "function" || typeof value === "symbol") throw new TypeError();
      return value === undefined ? null : value;
    }));
  } catch (error) {
    // What is no JSON, or has no end.
    throw new ArgumentError("ERR_QUERY_MALFORMED", "Cannot query as a query must be JSON", {
      cause: error,
    });
  }
}
