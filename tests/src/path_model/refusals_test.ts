import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { text } from "../../../src/ot/mod.ts";
import type { PathModel } from "../../../src/path_model/mod.ts";
import { createPathModel } from "../../../src/path_model/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { withTwo } from "./models.ts";

// What no type lets through, and JavaScript does.
const anything = (value: unknown): never => value as never;

/** What is refused at once, and changes nothing; on a shared document and a local one. */
const REFUSED: readonly [what: string, act: (doc: PathModel) => unknown, code: string][] = [
  ["a path into a number", (doc) => doc.set("n.x", 1), "ERR_OP_MISMATCH"],
  ["a push to a number", (doc) => doc.push("n", 1), "ERR_OP_MISMATCH"],
  ["a path through __proto__", (doc) => doc.set("__proto__.x", 1), "ERR_OP_PATH_FORBIDDEN"],
  [
    "a path through constructor",
    (doc) => doc.set("constructor.prototype.x", 1),
    "ERR_OP_PATH_FORBIDDEN",
  ],
  ["a read through __proto__", (doc) => doc.get("__proto__"), "ERR_OP_PATH_FORBIDDEN"],
  [
    "a property __proto__",
    (doc) => doc.setEach(JSON.parse('{"__proto__":1}')),
    "ERR_OP_PATH_FORBIDDEN",
  ],
  [
    "a value with __proto__",
    (doc) => doc.set("x", JSON.parse('{"__proto__":1}')),
    "ERR_OP_PATH_FORBIDDEN",
  ],
  ["a value that is none", (doc) => doc.set("x", anything(undefined)), "ERR_INVALID_ARGUMENT"],
  ["a number that is none", (doc) => doc.set("x", NaN), "ERR_OP_MALFORMED"],
  ["a date", (doc) => doc.set("x", anything(new Date(0))), "ERR_OP_MALFORMED"],
  ["a function in a value", (doc) => doc.set("x", anything({ f: () => 1 })), "ERR_OP_MALFORMED"],
  ["an empty segment", (doc) => doc.set("a..b", 1), "ERR_INVALID_PATH"],
  ["a sum with a text", (doc) => doc.increment("text", 1), "ERR_OP_MISMATCH"],
  ["to add a text", (doc) => doc.increment("n", anything("1")), "ERR_INVALID_ARGUMENT"],
  ["a sum with NaN", (doc) => doc.increment("n", NaN), "ERR_OP_MALFORMED"],
  ["properties that are a list", (doc) => doc.setEach("x", anything([1])), "ERR_INVALID_ARGUMENT"],
  ["a list that is none", (doc) => doc.setArrayDiff("list", anything(1)), "ERR_INVALID_ARGUMENT"],
  ["a place that is not there", (doc) => doc.insert("list", 7, "x"), "ERR_OP_MISMATCH"],
  [
    "a move without a place",
    (doc) => doc.move("list", 1, anything(undefined)),
    "ERR_INVALID_ARGUMENT",
  ],
  ["a pattern with ** inside", (doc) => doc.on("all", "a.**.b", () => {}), "ERR_INVALID_PATH"],
  ["what is not there", (doc) => doc.getOrThrow("x"), "ERR_NOT_FOUND"],
  ["the values of a text", (doc) => doc.getValues("text"), "ERR_OP_MISMATCH"],
];

for (const [what, act, code] of REFUSED) {
  Deno.test(`PathModel refuses ${what}`, async () => {
    await withTwo(({ model }) => {
      const data = { n: 1, text: "hello", list: ["a"] };
      for (const path of ["posts.1", "_page.doc"]) {
        model.set(path, data);
        const before = model.get(path);
        const heard: unknown[] = [];
        model.on("all", "**", (...args: unknown[]) => heard.push(args));
        throws(() => act(model.at(path)), { code });
        strictEqual(model.get(path), before);
        deepStrictEqual(heard, []);
      }
      strictEqual(Object(Object.prototype).x, undefined);
    });
  });
}

Deno.test("PathModel changes no collection as a whole, and lists none", async () => {
  await withTwo(({ model }) => {
    for (const collection of ["posts", "_page"]) {
      throws(() => model.set(collection, {}), { code: "ERR_INVALID_PATH" });
      throws(() => model.del(collection), { code: "ERR_INVALID_PATH" });
      throws(() => model.push(collection, 1), { code: "ERR_INVALID_PATH" });
      strictEqual(model.get(collection), undefined);
    }
    throws(() => model.get(), { code: "ERR_INVALID_PATH" });
    throws(() => model.set(1), { code: "ERR_INVALID_PATH" });
    throws(() => model.getCopy(""), { code: "ERR_INVALID_PATH" });
  });
});

Deno.test("PathModel takes no name of every object's for a collection or an id", async () => {
  await withTwo(async ({ model }) => {
    for (const name of ["__proto__", "constructor", "prototype"]) {
      throws(() => model.set(["posts", name], {}), { code: "ERR_OP_PATH_FORBIDDEN" });
      throws(() => model.set([name, "1"], {}), { code: "ERR_OP_PATH_FORBIDDEN" });
      throws(() => model.add("posts", { id: name }), { code: "ERR_OP_PATH_FORBIDDEN" });
      await rejects(model.subscribe([name, "1"]), { code: "ERR_OP_PATH_FORBIDDEN" });
    }
    model.set("_page.toString", { valueOf: 1 });
    strictEqual(model.get("_page.toString.valueOf"), 1);
    strictEqual(model.get("_page.hasOwnProperty"), undefined);
    strictEqual(model.get("posts.toString"), undefined);
  });
});

Deno.test("PathModel edits no document that is not here, and leaves nothing of it behind", async () => {
  await withTwo(async ({ model }) => {
    throws(() => model.set("posts.1.n", 1), { code: "ERR_DOC_DOES_NOT_EXIST" });
    strictEqual(model.del("posts.1"), undefined);
    strictEqual(model.del("posts.1", () => {}), undefined);
    await model.subscribe("posts.1");
    throws(() => model.increment("posts.1.n"), { code: "ERR_DOC_DOES_NOT_EXIST" });
    strictEqual(model.get("posts"), undefined);
  });
});

Deno.test("PathModel takes back what the server refuses, and tells that", async () => {
  const failures: unknown[] = [];
  const authorize = ({ action, change }: { readonly action: string; readonly change?: unknown }) =>
    action !== "submit" || !JSON.stringify(change).includes("bad");
  await withTwo(
    async ({ model, other }) => {
      await model.promised.set("posts.1", { word: "good" });
      await model.subscribe("posts.1");
      const heard: unknown[] = [];
      model.on("change", "posts.1.word", (...args: unknown[]) => heard.push(args.slice(0, 2)));
      await rejects(model.promised.set("posts.1.word", "bad"), { code: "ERR_FORBIDDEN" });
      strictEqual(model.get("posts.1.word"), "good");
      deepStrictEqual(heard, [["bad", "good"], ["good", "bad"]]);
      let told: unknown;
      strictEqual(model.set("posts.1.word", "bad", (error) => told = error), "good");
      await eventually("the callback is told", () => told !== undefined);
      strictEqual(Object(told).code, "ERR_FORBIDDEN");
      model.set("posts.1.word", "bad");
      await eventually("the model is told", () => failures.length > 0);
      strictEqual(Object(failures[0]).code, "ERR_FORBIDDEN");
      await model.promised.set("posts.1.word", "better");
      await other.fetch("posts.1");
      strictEqual(other.get("posts.1.word"), "better");
    },
    { onError: (error) => failures.push(error) },
    { authorize: anything(authorize) },
  );
});

Deno.test("PathModel shows documents of other types, and edits them by no path", async () => {
  await withTwo(
    async ({ model, other, connection }) => {
      await connection.get("posts", "1").create("hello", { type: text.uri });
      await other.subscribe("posts.1");
      strictEqual(other.get("posts.1"), "hello");
      throws(() => other.stringInsert("posts.1", 0, "x"), { code: "ERR_OP_MISMATCH" });
      throws(() => other.set("posts.1", {}), { code: "ERR_OP_MISMATCH" });
      const heard: unknown[] = [];
      other.on("change", "posts.1", (...args: unknown[]) => heard.push(args.slice(0, 2)));
      await connection.get("posts", "1").submit([5, "!"]);
      await eventually("it is told", () => heard.length > 0);
      deepStrictEqual(heard, [["hello!", "hello"]]);
      strictEqual(Object(other.del("posts.1")).toString(), "hello!");
      await model.whenNothingPending();
    },
  );
});

Deno.test("PathModel changes nothing where its connection is closed, and says so", async () => {
  await withTwo(async ({ model, connection }) => {
    await model.promised.set("posts.1", { n: 1 });
    connection.close();
    const heard: unknown[] = [];
    model.on("all", "**", (...args: unknown[]) => heard.push(args));
    await rejects(model.promised.set("posts.1.n", 2), { code: "ERR_CLOSED" });
    await rejects(model.promised.set("posts.2", { n: 2 }), { code: "ERR_CLOSED" });
    strictEqual(model.get("posts.1.n"), 1);
    deepStrictEqual(heard, []);
  });
});

Deno.test("createPathModel() refuses what is no connection, and options that are none", () => {
  throws(() => createPathModel(anything({})), { code: "ERR_INVALID_ARGUMENT" });
  throws(() => createPathModel(anything({ get: () => {} }), anything({ delay: 1 })), {
    code: "ERR_INVALID_OPTION",
  });
  throws(() => createPathModel(anything({ get: () => {} }), { unloadDelay: -1 }), {
    code: "ERR_INVALID_OPTION",
  });
});
