/**
 * The face of a model: one object, put together from its parts.
 *
 * @module
 */

import { changes, cursor } from "./changes.ts";
import { contextOf, type ModelContext, type ModelsBackend } from "./context.ts";
import type { ModelDefinition } from "./definition.ts";
import { membersOf } from "./members.ts";
import type { Model } from "./model_face.ts";
import { count, deleted, find, get, getByUnique, getMany, memberOf } from "./read.ts";
import type { ModelTypes } from "./record_types.ts";
import {
  batch,
  create,
  getOrCreateByUnique,
  patch,
  purge,
  remove,
  replace,
  restore,
  sweep,
  update,
  upsert,
} from "./write.ts";

/**
 * A model on a backend. Does no I/O and may be made at module scope; making it twice is as good as once.
 *
 * @example
 * ```ts
 * import { createModel, defineModel } from "@holdfast/holdfast/models";
 * import { memory } from "@holdfast/holdfast/memory";
 * import { z } from "zod";
 * import { rejects, strictEqual } from "node:assert/strict";
 *
 * const users = createModel(
 *   memory(),
 *   defineModel({
 *     key: "user",
 *     schema: z.object({ email: z.email(), age: z.number() }),
 *     unique: ["email"],
 *     index: ["age"],
 *   }),
 * );
 * const ada = await users.create({ email: "Ada@x.org", age: 36 });
 * await users.update(ada, { age: 37 });
 * strictEqual((await users.getByUnique("email", "ada@X.org"))?.age, 37);
 * strictEqual((await users.find({ age: { gte: 18 } })).records.length, 1);
 * await rejects(users.create({ email: "ada@x.org", age: 1 }), { code: "ERR_UNIQUE", owner: 1 });
 * await rejects(users.update(ada, { age: 38 }), { code: "ERR_CONFLICT" });
 * ```
 */
export function createModel<T extends ModelTypes>(
  backend: ModelsBackend,
  definition: ModelDefinition<T>,
): Model<T> {
  const context = contextOf("create a model", backend, definition);
  const { hooks } = definition;
  if (hooks.after !== undefined) {
    context.events.on("write", (write) => {
      // Its failure is nobody's who waits: it becomes an unhandled rejection of the host.
      void hooks.after?.(write);
    });
  }
  return faceOf(context);
}

function faceOf<T extends ModelTypes>(context: ModelContext<T>): Model<T> {
  return {
    name: context.plan.name,
    definition: context.definition,
    create: (input, options) => create(context, input, options),
    get: (id, options) => get(context, id, options),
    getMany: (ids, options) => getMany(context, ids, options),
    getByUnique: (unique, value, options) => getByUnique(context, unique, value, options),
    update: (record, changes, options) => update(context, record, changes, options),
    patch: (id, change, options) => patch(context, id, change, options),
    replace: (id, input, options) => replace(context, id, input, options),
    upsert: (input, options) => upsert(context, input, options),
    delete: (target, options) => remove(context, target, options),
    getOrCreateByUnique: (unique, input, options) =>
      getOrCreateByUnique(context, unique, input, options),
    find: (query, options) => find(context, query, options),
    count: (query, options) => count(context, query, options),
    members: (id, set) => membersOf(context, id, set),
    memberOf: (set, value, options) => memberOf(context, set, value, options),
    batch: (build, options) => batch(context, build, options),
    cursor: (options) => cursor(context, options),
    changes: (options) => changes(context, options),
    restore: (id, options) => restore(context, id, options),
    purge: (id, options) => purge(context, id, options),
    deleted: (options) => deleted(context, options),
    sweep: (options) => sweep(context, options),
    on: (name, listener, options) => context.events.on(name, listener, options),
    with: ({ signal }) => faceOf({ ...context, signal }),
  };
}
