import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { createPathModel, type PathModel } from "../../../src/path_model/mod.ts";
import { manualClock } from "../../contracts/mod.ts";
import { eventually } from "../../support/eventually.ts";

/** Runs with two models on one server, each over a connection of its own. */
async function withTwo(run: (model: PathModel, other: PathModel) => Promise<void>): Promise<void> {
  await using documents = createDocuments(memory());
  await using first = documents.connect();
  await using second = documents.connect();
  const models = [first, second].map((connection) =>
    createPathModel(connection, { unloadDelay: 0 })
  );
  const [model, other] = models;
  if (model === undefined || other === undefined) throw new Error("there are two");
  await run(model, other);
  for (const each of models) {
    await each.whenNothingPending();
    each.close();
  }
}

Deno.test("PathModel shows an object document with its id, and stores it without", async () => {
  await withTwo(async (model, other) => {
    await model.subscribe("posts.1");
    await model.promised.set("posts.1", { id: "1", title: "x" });
    deepStrictEqual(model.get("posts.1"), { title: "x", id: "1" });
    strictEqual(model.get("posts.1"), model.get("posts.1"), "the same object while it is the same");
    await other.fetch("posts.1");
    strictEqual(other.get("posts.1.id"), "1");
    throws(() => model.set("posts.1", { id: "2" }), { code: "ERR_INVALID_ID" });
    throws(() => model.set("posts.1.id", "2"), { code: "ERR_INVALID_ID" });
  });
});

Deno.test("PathModel's mutators give what the ancestor's gave", async () => {
  await withTwo(async (model) => {
    strictEqual(model.add("posts", { id: "1", n: 1, list: ["a"], text: "hello" }), "1");
    const post = model.at("posts.1");
    strictEqual(post.set("n", 2), 1);
    strictEqual(post.increment("n", 3), 5);
    strictEqual(post.increment("missing"), 1);
    strictEqual(post.push("list", "c"), 2);
    strictEqual(post.insert("list", 1, ["b", "b2"]), 4);
    strictEqual(post.unshift("list", "0"), 5);
    deepStrictEqual(post.get("list"), ["0", "a", "b", "b2", "c"]);
    deepStrictEqual(post.move("list", 0, 2, 2), ["0", "a"]);
    deepStrictEqual(post.get("list"), ["b", "b2", "0", "a", "c"]);
    deepStrictEqual(post.move("list", 3, 0, 2), ["a", "c"]);
    deepStrictEqual(post.get("list"), ["a", "c", "b", "b2", "0"]);
    deepStrictEqual(post.remove("list", 1, 2), ["c", "b"]);
    strictEqual(post.pop("list"), "0");
    strictEqual(post.shift("list"), "a");
    deepStrictEqual(post.get("list"), ["b2"]);
    strictEqual(post.stringInsert("text", 5, "!"), "hello");
    strictEqual(post.stringRemove("text", 0, 1), "hello!");
    strictEqual(post.get("text"), "ello!");
    strictEqual(post.setNull("text", "other"), "ello!");
    strictEqual(post.setNull("fresh", "new"), "new");
    strictEqual(post.set("deep.0.x", 1), undefined);
    deepStrictEqual(post.get("deep"), [{ x: 1 }]);
    post.setDiffDeep("deep", [{ x: 1, y: 2 }, { z: 3 }]);
    deepStrictEqual(post.get("deep"), [{ x: 1, y: 2 }, { z: 3 }]);
    post.setArrayDiff("deep", [{ z: 3 }]);
    deepStrictEqual(post.get("deep"), [{ z: 3 }]);
    post.setEach({ p: 1, q: 2 });
    strictEqual(post.get("q"), 2);
    strictEqual(post.del("q"), 2);
    strictEqual(post.del("nothing.there"), undefined);
    deepStrictEqual(Object.keys(Object(post.del())).includes("text"), true);
    strictEqual(model.get("posts.1"), undefined);
    await rejects(model.promised.set("posts.1.title", "x"), { code: "ERR_DOC_DOES_NOT_EXIST" });
    throws(() => model.set("posts", { 1: {} }), { code: "ERR_INVALID_PATH" });
    throws(() => model.get(), { code: "ERR_INVALID_PATH" });
  });
});

Deno.test("PathModel tells mutations of others and its own, by patterns", async () => {
  await withTwo(async (model, other) => {
    const heard: unknown[] = [];
    await model.subscribe("posts.1");
    await other.subscribe("posts.1");
    model.on("change", "posts.*.title", (...args: unknown[]) => heard.push(["title", ...args]));
    model.on("insert", "posts.1.**", (...args: unknown[]) => heard.push(["insert", ...args]));
    model.on("all", "posts.**", (path: string, kind: string) => heard.push([path, kind]));
    await other.promised.add("posts", { id: "1", tags: [] });
    await other.promised.set("posts.1.title", "x");
    await eventually("the title arrives", () => model.get("posts.1.title") === "x");
    await model.promised.push("posts.1.tags", "new");
    deepStrictEqual(heard, [
      ["1", "change"],
      ["title", "1", "x", undefined, { $remote: true }],
      ["1.title", "change"],
      ["insert", "tags", 0, ["new"], {}],
      ["1.tags", "insert"],
    ]);
  });
});

Deno.test("PathModel keeps local collections to itself", async () => {
  await withTwo((model) => {
    const heard: unknown[] = [];
    model.on("change", "_page.**", (...args: unknown[]) => heard.push(args));
    strictEqual(model.set("_page.count", 1), undefined);
    strictEqual(model.increment("_page.count", 2), 3);
    model.pass({ by: "me" }).set("_page.user.name", "Ada");
    model.silent().set("_page.count", 0);
    deepStrictEqual(model.get("_page"), { count: 0, user: { name: "Ada" } });
    deepStrictEqual(heard, [
      ["count", 1, undefined, {}],
      ["count", 3, 1, {}],
      ["user", { name: "Ada" }, undefined, { by: "me" }],
    ]);
    return Promise.resolve();
  });
});

Deno.test("PathModel counts holds: the last one lets go, and one too many changes nothing", async () => {
  await withTwo(async (model, other) => {
    await other.promised.add("posts", { id: "1", title: "x" });
    await model.subscribe("posts.1");
    await model.subscribe("posts.1");
    await model.fetch("posts.1");
    strictEqual(await model.unsubscribe("posts.1"), 1);
    strictEqual(await model.unsubscribe("posts.1"), 0);
    strictEqual(await model.unsubscribe("posts.1"), 0);
    strictEqual(model.get("posts.1.title"), "x", "still fetched");
    strictEqual(await model.unfetch("posts.1"), 0);
    await model.whenNothingPending();
    await Promise.resolve();
    strictEqual(model.get("posts.1.title"), undefined);
    strictEqual(await model.unfetch("posts.1"), 0);
  });
});

Deno.test("PathModel lets go after its delay, and not at all if it is held again before", async () => {
  await using documents = createDocuments(memory());
  await using connection = documents.connect();
  const clock = manualClock();
  const model = createPathModel(connection, { clock, unloadDelay: "5s" });
  await model.promised.add("posts", { id: "1", title: "x" });
  await model.subscribe("posts.1");
  const doc = connection.get("posts", "1");
  model.unload();
  await clock.advance(4_999);
  strictEqual(doc.isSubscribed, true);
  await model.subscribe("posts.1");
  await clock.advance(10_000);
  strictEqual(doc.isSubscribed, true, "held again");
  model.unload();
  await clock.advance(5_000);
  await model.whenNothingPending();
  strictEqual(doc.isSubscribed, false);
  strictEqual(model.get("posts.1"), undefined);
  model.close();
});

Deno.test("PathModel stops listeners that answer one another without end", async () => {
  await withTwo((model) => {
    model.on("change", "_page.n", (n: number) => model.set("_page.n", n + 1));
    throws(() => model.set("_page.n", 0), { code: "ERR_LIMIT" });
    return Promise.resolve();
  });
});
