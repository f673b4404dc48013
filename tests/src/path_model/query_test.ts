import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import type { Connection } from "../../../src/documents/client/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { withTwo } from "./models.ts";

const USERS = {
  ada: { team: 3, age: 36 },
  bob: { team: 4, age: 20 },
  cyd: { team: 3, age: 50 },
};

/** How often queries are asked on a connection. */
function asked(connection: Connection): { fetched: number; subscribed: number } {
  const calls = { fetched: 0, subscribed: 0 };
  const fetchQuery = connection.fetchQuery.bind(connection);
  const subscribeQuery = connection.subscribeQuery.bind(connection);
  connection.fetchQuery = (...args) => {
    calls.fetched++;
    return fetchQuery(...args);
  };
  connection.subscribeQuery = (...args) => {
    calls.subscribed++;
    return subscribeQuery(...args);
  };
  return calls;
}

Deno.test("PathModel.query() fetches once, and holds what it found", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    const query = model.query("users", { team: 3, $sort: { age: 1 } });
    deepStrictEqual([query.get(), query.getIds()], [[], []]);
    await query.fetch();
    deepStrictEqual(query.getIds(), ["ada", "cyd"]);
    deepStrictEqual(query.get(), [
      { team: 3, age: 36, id: "ada" },
      { team: 3, age: 50, id: "cyd" },
    ]);
    deepStrictEqual(Object.keys(Object(model.get("users"))), ["ada", "cyd"]);
    await other.promised.set("users.ada.team", 4);
    strictEqual(await query.unfetch(), 0);
    await eventually("all are unloaded", () => model.get("users") === undefined);
    deepStrictEqual(query.getIds(), []);
  });
});

Deno.test("PathModel.query() follows, beside paths and views in one call", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    await other.promised.add("posts", { id: "1" });
    const query = model.query("users", { team: 3, $sort: { age: 1 } });
    const heard: unknown[] = [];
    model.on("all", "$queries.*.ids.**", (...args: unknown[]) => heard.push(args.slice(1, -1)));
    await model.subscribe("posts.1", query, model.at("posts.2"));
    await other.promised.set("users.bob.team", 3);
    await eventually("one comes in", () => query.getIds().join() === "bob,ada,cyd");
    deepStrictEqual(query.get().map((user) => Object(user).age), [20, 36, 50]);
    await other.promised.set("users.ada.age", 99);
    await eventually("one moves", () => query.getIds().join() === "bob,cyd,ada");
    strictEqual(model.get("users.ada.age"), 99, "changes come without a subscription of their own");
    await other.promised.set("users.cyd.team", 1);
    await eventually("one leaves", () => query.getIds().join() === "bob,ada");
    await eventually("it is unloaded", () => model.get("users.cyd") === undefined);
    strictEqual(heard.length > 0, true);
    await model.unsubscribe(query);
    await eventually("all are unloaded", () => model.get("users") === undefined);
  });
});

Deno.test("PathModel.query() keeps a document that something else holds, and the other way round", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    const query = model.query("users", { team: 3 });
    await model.subscribe(query, "users.ada");
    await model.unsubscribe(query);
    await eventually("the other is unloaded", () => model.get("users.cyd") === undefined);
    strictEqual(model.get("users.ada.age"), 36);
    await model.subscribe(query);
    await model.unsubscribe("users.ada");
    strictEqual(model.get("users.ada.age"), 36);
    await other.promised.set("users.ada.age", 37);
    await eventually("changes come", () => model.get("users.ada.age") === 37);
  });
});

Deno.test("PathModel.query() is counted by context and in all, and asked once", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.setEach("users", USERS);
    const calls = asked(connection);
    const [page, bar] = [model.context("page"), model.context("bar")];
    const query = page.query("users", { team: 3 });
    await Promise.all([query.subscribe(), query.subscribe()]);
    await bar.query("users", { team: 3 }).subscribe();
    deepStrictEqual(calls, { fetched: 0, subscribed: 1 });
    await bar.query("users", { team: 3 }).fetch();
    strictEqual(await query.unsubscribe(), 2);
    strictEqual(await query.unsubscribe(), 1);
    strictEqual(await query.unsubscribe(), 1, "the last is not this context's");
    strictEqual(await query.unfetch(), 1);
    deepStrictEqual(query.getIds(), ["ada", "cyd"], "all see what is held");
    model.unload("bar");
    await eventually("all are unloaded", () => model.get("users") === undefined);
    let told: unknown;
    strictEqual(await query.unsubscribe((...args) => told = args), 0);
    deepStrictEqual(told, [undefined, 0]);
  });
});

Deno.test("PathModel.query() stays as it was when only its fetch is left", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    const query = model.query("users", { team: 3 });
    await model.fetch(query);
    await model.subscribe(query);
    await model.unsubscribe(query);
    await other.promised.set("users.bob.team", 3);
    await model.query("users", { team: 4 }).fetch();
    deepStrictEqual(query.getIds(), ["ada", "cyd"]);
    await model.fetch(query);
    deepStrictEqual(query.getIds().toSorted(), ["ada", "bob", "cyd"]);
  });
});

Deno.test("PathModel.query() tells what comes beside the results", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    const query = model.query("users", { team: 3, $count: true });
    await model.subscribe(query);
    strictEqual(query.getExtra(), 2);
    await other.promised.set("users.bob.team", 3);
    await eventually("the count changes", () => query.getExtra() === 3);
  });
});

Deno.test("PathModel.query() by ids alone is asked as documents", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.setEach("users", USERS);
    const calls = asked(connection);
    const some = model.query("users", { _id: { $in: ["cyd", "none", "ada", "cyd"] } });
    const one = model.query("users", { _id: "bob" });
    await model.subscribe(some);
    await model.fetch(one);
    deepStrictEqual(some.getIds(), ["cyd", "ada"]);
    deepStrictEqual(one.get(), [{ team: 4, age: 20, id: "bob" }]);
    deepStrictEqual(calls, { fetched: 0, subscribed: 0 });
    await other.promised.add("users", { id: "none" });
    await other.promised.del("users.cyd");
    await eventually("it follows", () => some.getIds().join() === "none,ada");
    strictEqual(await some.unsubscribe(), 0);
    await eventually("they are left", () => {
      return Object.keys(Object(model.get("users"))).join() === "bob";
    });
    strictEqual(connection.get("users", "ada").isSubscribed, false);
  });
});

Deno.test("PathModel.query() takes nothing undefined for a condition that is left out", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", { a: { team: null }, b: { team: 1 } });
    const expression = { team: undefined, $or: [{ x: undefined }] };
    const query = model.query("users", expression);
    deepStrictEqual(query.expression, { team: null, $or: [{ x: null }] });
    deepStrictEqual(Object.keys(expression), ["team", "$or"]);
    strictEqual(expression.team, undefined, "what was given stays");
    await query.fetch();
    deepStrictEqual(query.getIds(), ["a"]);
  });
});

Deno.test("PathModel.query() refuses what is none, and counts nothing that the server refuses", async () => {
  await withTwo(async ({ model }) => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    for (const expression of [endless, { f: () => 1 }, { n: 1n }]) {
      throws(() => model.query("users", expression), { code: "ERR_QUERY_MALFORMED" });
    }
    throws(() => model.query("_page", {}), { code: "ERR_INVALID_PATH" });
    throws(() => model.query("__proto__", {}), { code: "ERR_OP_PATH_FORBIDDEN" });
    const query = model.query("users", { $where: "true" });
    await rejects(query.subscribe(), { code: "ERR_QUERY_OPERATOR" });
    await rejects(model.fetch(query), { code: "ERR_QUERY_OPERATOR" });
    let told: unknown;
    await query.fetch((error) => told = error);
    strictEqual(Object(told).code, "ERR_QUERY_OPERATOR");
    deepStrictEqual([await query.unfetch(), await query.unsubscribe()], [0, 0]);
  });
});

Deno.test("PathModel.query() of fetchOnly is fetched", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.setEach("users", USERS);
    const calls = asked(connection);
    await model.subscribe(model.query("users", { team: 3 }));
    deepStrictEqual(calls, { fetched: 1, subscribed: 0 });
    deepStrictEqual(Object.keys(Object(model.get("users"))), ["ada", "cyd"]);
  }, { fetchOnly: true });
});

Deno.test("PathQuery.ref(), refIds() and refExtra() show results at local paths, and follow", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("users", USERS);
    const query = model.query("users", { team: 3, $sort: { age: 1 } });
    const count = model.query("users", { team: 3, $count: true });
    const page = model.at("_page");
    const aborter = new AbortController();
    const team = page.query("users", query.expression).ref("team", { signal: aborter.signal });
    const ids = query.refIds("_page.ids");
    count.refExtra("_page.count");
    deepStrictEqual([team.path(), team.get()], ["_page.team", []]);
    await model.subscribe(query, count);
    deepStrictEqual(page.get(), {
      team: [{ team: 3, age: 36, id: "ada" }, { team: 3, age: 50, id: "cyd" }],
      ids: ["ada", "cyd"],
      count: 2,
    });
    await other.promised.set("users.ada.name", "Ada");
    await eventually("documents are followed", () => page.get("team.0.name") === "Ada");
    aborter.abort();
    await other.promised.set("users.bob.team", 3);
    await eventually("ids are followed", () => ids.getValues().length === 3);
    strictEqual(team.getValues().length, 2);
    await query.unsubscribe();
    await eventually("nothing is left", () => ids.getValues().length === 0);
    for (const path of ["posts.1.x", "_page", ""]) {
      throws(() => model.query("users").ref(path), { code: "ERR_INVALID_PATH" });
    }
  });
});
