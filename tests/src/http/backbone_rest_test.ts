/**
 * Backbone as npm gives it, its own `sync` and all, against models over HTTP; only jQuery's `ajax` is played by `fetch`.
 *
 * @module
 */

import Backbone from "backbone";
import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveModels } from "../../../src/http/mod.ts";
import { createModel, defineModel } from "../../../src/models/mod.ts";
import { z } from "zod";

const Todo = defineModel({
  key: "todo",
  schema: z.object({ title: z.string().min(1), done: z.boolean().default(false) }),
  unique: ["title"],
  index: ["done"],
});

/** What jQuery's `ajax` does for Backbone. */
// deno-lint-ignore no-explicit-any -- Backbone's options have no types
function ajax({ url, type, data, contentType, headers, success, error }: any): Promise<unknown> {
  const isRead = type === "GET";
  const query = isRead && data ? `?${new URLSearchParams(data)}` : "";
  return fetch(url + query, {
    method: type,
    headers: { ...headers, ...(contentType && { "content-type": contentType }) },
    ...(!isRead && data !== undefined && { body: data }),
  }).then(async (response) => {
    const text = await response.text();
    const body = text === "" ? undefined : JSON.parse(text);
    if (response.ok) success?.(body, response.statusText, response);
    else error?.({ status: response.status, responseJSON: body });
  });
}

function serveTodos() {
  const todos = createModel(memory(), Todo);
  const handler = createHandler([serveModels({ todos })]);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  const url = `http://127.0.0.1:${server.addr.port}/todos`;
  const Collection = Backbone.Collection.extend({ url });
  return {
    todos,
    collection: () => new Collection(),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** Settles as one of the two callbacks of Backbone's options says. */
// deno-lint-ignore no-explicit-any -- Backbone has no types
function done(act: (options: any) => unknown, options: object = {}): Promise<any> {
  return new Promise((resolve, reject) => {
    act({
      ...options,
      success: (model: unknown) => resolve(model),
      error: (_model: unknown, refusal: { responseJSON: unknown }) => reject(refusal.responseJSON),
    });
  });
}

Deno.test("Backbone creates, fetches, saves, patches and destroys over HTTP", async () => {
  Backbone.ajax = ajax;
  await using served = serveTodos();
  const [mine, theirs] = [served.collection(), served.collection()];
  const todo = await done((options) => mine.create({ title: "milk" }, { ...options, wait: true }));
  deepStrictEqual([todo.id, todo.get("done"), mine.length], [1, false, 1]);
  await done((options) => theirs.fetch(options));
  deepStrictEqual(theirs.toJSON(), mine.toJSON());
  await done((options) => todo.save({ done: true }, options));
  await done((options) => todo.save({ title: "bread" }, options), { patch: true });
  deepStrictEqual((await served.todos.get(1))?.title, "bread");
  const other = theirs.get(1);
  await done((options) => other.fetch(options));
  strictEqual(other.get("title"), "bread");
  await done((options) => theirs.fetch(options), { data: { done: true, limit: 5 }, reset: true });
  deepStrictEqual(theirs.pluck("title"), ["bread"]);
  await done((options) => todo.destroy(options), { wait: true });
  deepStrictEqual([mine.length, await served.todos.count()], [0, 0]);
});

Deno.test("Backbone hears of taken values, of issues, and of a record that somebody else changed", async () => {
  Backbone.ajax = ajax;
  await using served = serveTodos();
  const [mine, theirs] = [served.collection(), served.collection()];
  const refused = async (act: (options: object) => unknown) =>
    await done(act, { wait: true }).then(() => undefined, (refusal) => refusal);
  const todo = await done((options) => mine.create({ title: "milk" }, { ...options, wait: true }));
  const taken = await refused((options) => mine.create({ title: "MILK" }, options));
  deepStrictEqual([taken.code, taken.fields, taken.owner], ["ERR_UNIQUE", ["title"], 1]);
  const misfit = await refused((options) => mine.create({ title: "" }, options));
  deepStrictEqual([misfit.code, misfit.errors[0].pointer], ["ERR_INVALID_VALUE", "/title"]);
  await done((options) => theirs.fetch(options));
  await done((options) => theirs.get(1).save({ done: true }, options));
  const late = await refused((options) => todo.save({ title: "tea" }, options));
  deepStrictEqual([late.code, late.current], ["ERR_CONFLICT", theirs.get(1).toJSON()]);
  todo.set(late.current);
  await done((options) => todo.save({ title: "tea" }, options));
  deepStrictEqual(
    [todo.get("title"), todo.get("done"), await served.todos.count()],
    ["tea", true, 1],
  );
});
