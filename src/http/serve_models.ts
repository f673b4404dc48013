/**
 * Models over HTTP: lists, records, unique values, sets, batches and changes, with versions as entity tags.
 *
 * @module
 */

import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { JsonObject } from "../json.ts";
import type { Model, ModelTypes } from "../models/mod.ts";
import { once } from "../once.ts";
import { listRoutes } from "./model_lists.ts";
import { jsonSchemaOf, modelSchemas } from "./model_schema.ts";
import type { ModelService } from "./model_service.ts";
import { setRoutes } from "./model_sets.ts";
import { writeRoutes } from "./model_writes.ts";
import { changesRoute } from "./model_changes.ts";
import type { Part } from "./part.ts";

/** Options of {@linkcode serveModels}. */
export interface ServeModelsOptions {
  /**
   * JSON Schemas of what is written, by the models' names: for the description of the API, and to tell numbers from texts
   * in queries. Only needed where the schema's library does not give it by itself, as zod and arktype do.
   */
  readonly schemas?: Readonly<Record<string, JsonObject>>;
}

/**
 * Serves models by name. Of `{ users }`:
 *
 * - `GET /users?team=7&age:gte=18&limit=20` an array in the order of an index, and a `Link` to the next page; filters are
 *   the first fields of an index, of which the last may be a range of `gt`, `gte`, `lt`, `lte`.
 * - `POST /users`, `GET | PUT | PATCH | DELETE /users/{id}` one record. Its version is its `ETag`; `If-Match`, or else a
 *   `$version` in the body, says what a write builds on. PUT replaces, and creates only with `If-None-Match: *`. PATCH
 *   takes some fields as `application/json`, or `application/merge-patch+json` (RFC 7396).
 * - `GET /users:count`, `GET /users:by/email/{email}`, `POST /users:batch` (all or none).
 * - `GET | PUT | POST /users/{id}/sets/tags`, `GET | PUT | DELETE /users/{id}/sets/tags/{value}`, and
 *   `GET /users:with/tags/{value}`: the records that have it.
 * - `GET /users:changes` the journal as server-sent events: each with its cursor as id, so that a client that comes back
 *   with `Last-Event-ID` misses nothing; `reset` where the journal no longer has what follows.
 *
 * A write with an `Idempotency-Key` that is sent again answers like the first. Hidden records are not there; restoring
 * and purging are not served. The store bears what it bears anywhere: pages of at most 1,000 records, batches of at most
 * 1,000 writes.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT` if something is no model, or its name does not fit a path.
 *
 * @example
 * ```ts
 * import { createHandler, serveModels } from "@holdfast/holdfast/http";
 * import { createModel, defineModel } from "@holdfast/holdfast/models";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { deepStrictEqual, strictEqual } from "node:assert/strict";
 * import { z } from "zod";
 *
 * const User = defineModel({ key: "user", schema: z.object({ email: z.email() }), unique: ["email"] });
 * const handler = createHandler([serveModels({ users: createModel(memory(), User) })]);
 * const send = (method: string, path: string, body?: unknown) =>
 *   handler(
 *     new Request(`http://localhost${path}`, {
 *       method,
 *       headers: { "content-type": "application/json" },
 *       ...(body !== undefined && { body: JSON.stringify(body) }),
 *     }),
 *   );
 *
 * const created = await send("POST", "/users", { email: "ada@x.org" });
 * strictEqual(created.headers.get("location"), "/users/1");
 * strictEqual((await send("POST", "/users", { email: "Ada@x.org" })).status, 409);
 * deepStrictEqual(await (await send("GET", "/users")).json(), [await created.json()]);
 * ```
 */
export function serveModels(
  models: Readonly<Record<string, Model<ModelTypes>>>,
  options: ServeModelsOptions = {},
): Part {
  checkOptions("serve models", options, ["schemas"]);
  const services = Object.entries(models ?? {}).map(([name, model]): ModelService => {
    checkServed(name, model);
    const { schemas = {} } = options;
    const given = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
    const schema = once(() => given ?? jsonSchemaOf(model.definition.schema));
    return { name, model, schema: () => schema(undefined) };
  });
  return {
    name: "models",
    routes: services.flatMap((service) => [
      ...listRoutes(service),
      ...changesRoute(service),
      ...writeRoutes(service),
      ...setRoutes(service),
    ]),
    schemas: () =>
      Object.assign({}, ...services.map(({ name, schema }) => modelSchemas(name, schema()))),
    check: ({ signal }) => Promise.all(services.map(({ model }) => model.count({}, { signal }))),
  };
}

function checkServed(name: string, model: Model<ModelTypes>): void {
  if (!/^[\w-]{1,64}$/.test(name)) {
    throw refused("its name must have 1 to 64 letters, digits, _ and -", name);
  }
  if (model?.definition?.plan === undefined) {
    throw refused("it must be one that createModel made", model);
  }
}

function refused(rule: string, value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_ARGUMENT",
    `Cannot serve a model as ${rule}: current value is ${shown(value)}`,
  );
}
