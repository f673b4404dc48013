/**
 * What npm racer 2.3.1's model does, as a table: each row on a local and on a shared document, and what it differs in.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import type { PathModel } from "../../../src/path_model/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { withTwo } from "./models.ts";

const DATA = {
  n: 1,
  none: null,
  text: "hello",
  list: ["a", "b", "c", "d"],
  deep: { x: { y: 1 } },
  items: { p: { id: "p", name: "P" }, q: { id: "q", name: "Q" } },
};

/** What is done to a document, what that gives, and what is at a path then. */
const MUTATORS: readonly [
  what: string,
  act: (doc: PathModel) => unknown,
  gives: unknown,
  at: string,
  then: unknown,
][] = [
  ["set gives what was there", (doc) => doc.set("n", 2), 1, "n", 2],
  ["set makes what is missing", (doc) => doc.set("a.0.b", 1), undefined, "a", [{ b: 1 }]],
  ["set on a scope without a path", (doc) => doc.at("n").set(5), 1, "n", 5],
  ["set takes null", (doc) => doc.set("n", null), 1, "n", null],
  ["setNull leaves what is there", (doc) => doc.setNull("n", 9), 1, "n", 1],
  ["setNull sets in place of null", (doc) => doc.setNull("none", 9), 9, "none", 9],
  ["setNull sets what is missing", (doc) => doc.setNull("a.b", 9), 9, "a", { b: 9 }],
  ["setEach sets several", (doc) => doc.setEach("deep", { y: 2, z: 3 }), undefined, "deep", {
    x: { y: 1 },
    y: 2,
    z: 3,
  }],
  [
    "setDiff leaves what is the same",
    (doc) => doc.setDiff("deep", { x: { y: 1 } }),
    {
      x: { y: 1 },
    },
    "deep",
    { x: { y: 1 } },
  ],
  ["setDiff sets what is not", (doc) => doc.setDiff("n", 2), 1, "n", 2],
  [
    "setDiffDeep sets inside",
    (doc) => doc.setDiffDeep("deep", { x: { y: 2 }, z: 1 }),
    {
      x: { y: 1 },
    },
    "deep",
    { x: { y: 2 }, z: 1 },
  ],
  ["setDiffDeep deletes", (doc) => doc.setDiffDeep("deep", {}), { x: { y: 1 } }, "deep", {}],
  ["setDiffDeep of what is missing", (doc) => doc.setDiffDeep("a.b", [1]), undefined, "a.b", [1]],
  [
    "setDiffDeep into another kind",
    (doc) => doc.setDiffDeep("deep", [1]),
    { x: { y: 1 } },
    "deep",
    [1],
  ],
  [
    "setArrayDiff inserts and removes",
    (doc) => doc.setArrayDiff("list", [..."axd"]),
    [..."abcd"],
    "list",
    [..."axd"],
  ],
  ["setArrayDiff of what is missing", (doc) => doc.setArrayDiff("a", [1]), undefined, "a", [1]],
  [
    "setArrayDiffDeep",
    (doc) => doc.setArrayDiffDeep("list", [..."bcd"]),
    [..."abcd"],
    "list",
    [..."bcd"],
  ],
  ["del gives what was there", (doc) => doc.del("deep.x"), { y: 1 }, "deep", {}],
  ["del on a scope", (doc) => doc.at("n").del(), 1, "n", undefined],
  ["del makes nothing", (doc) => doc.del("a.b.c"), undefined, "a", undefined],
  ["add with an id", (doc) => doc.add("items", { id: "r", n: 1 }), "r", "items.r", {
    id: "r",
    n: 1,
  }],
  ["increment by one", (doc) => doc.increment("n"), 2, "n", 2],
  ["increment on a scope by a number", (doc) => doc.at("n").increment(5), 6, "n", 6],
  ["increment what is missing", (doc) => doc.increment("a.b", 3), 3, "a", { b: 3 }],
  ["increment in place of null", (doc) => doc.increment("none", 3), 3, "none", 3],
  ["push gives the length", (doc) => doc.push("list", "e"), 5, "list", [..."abcde"]],
  ["push makes a list", (doc) => doc.push("a", "e"), 1, "a", ["e"]],
  ["push in place of null", (doc) => doc.push("none", "e"), 1, "none", ["e"]],
  ["push a list as one item", (doc) => doc.push("a", ["e"]), 1, "a", [["e"]]],
  ["unshift gives the length", (doc) => doc.unshift("list", "_"), 5, "list", [..."_abcd"]],
  ["insert one", (doc) => doc.insert("list", 1, "x"), 5, "list", [..."axbcd"]],
  ["insert several", (doc) => doc.insert("list", 1, ["x", "y"]), 6, "list", [..."axybcd"]],
  ["insert on a scope", (doc) => doc.at("list").insert(4, "x"), 5, "list", [..."abcdx"]],
  ["pop gives the last", (doc) => doc.pop("list"), "d", "list", [..."abc"]],
  ["pop of nothing", (doc) => doc.pop("a"), undefined, "a", undefined],
  ["shift gives the first", (doc) => doc.at("list").shift(), "a", "list", [..."bcd"]],
  ["remove one", (doc) => doc.remove("list", 1), ["b"], "list", [..."acd"]],
  ["remove several", (doc) => doc.remove("list", 1, 2), ["b", "c"], "list", [..."ad"]],
  ["remove the item of a scope", (doc) => doc.at("list.2").remove(), ["c"], "list", [..."abd"]],
  ["move one", (doc) => doc.move("list", 0, 3), ["a"], "list", [..."bcda"]],
  ["move several back", (doc) => doc.move("list", 2, 0, 2), ["c", "d"], "list", [..."cdab"]],
  ["move from the end", (doc) => doc.at("list").move(-1, 0), ["d"], "list", [..."dabc"]],
  ["move to the end", (doc) => doc.move("list", 0, -1), ["a"], "list", [..."bcda"]],
  ["stringInsert", (doc) => doc.stringInsert("text", 5, "!"), "hello", "text", "hello!"],
  ["stringInsert makes a string", (doc) => doc.stringInsert("a", 0, "!"), undefined, "a", "!"],
  ["stringRemove", (doc) => doc.stringRemove("text", 1, 3), "hello", "text", "ho"],
  [
    "getCopy is one's own",
    (doc) => Object.assign(Object(doc.getCopy("deep")), { z: 1 }),
    {
      x: { y: 1 },
      z: 1,
    },
    "deep",
    { x: { y: 1 } },
  ],
  [
    "getDeepCopy is one's own",
    (doc) => {
      const copy = doc.getDeepCopy("deep") as { x: { y: number } };
      copy.x.y = 2;
      return copy;
    },
    { x: { y: 2 } },
    "deep",
    { x: { y: 1 } },
  ],
  ["getValues", (doc) => doc.getValues("items").length, 2, "n", 1],
  ["getValues of nothing", (doc) => doc.getValues("a"), [], "n", 1],
  [
    "getOrDefault",
    (doc) => [doc.getOrDefault("n", 5), doc.getOrDefault("none", 5)],
    [1, 5],
    "n",
    1,
  ],
  ["getOrThrow", (doc) => doc.getOrThrow("n"), 1, "n", 1],
  ["get past a scalar", (doc) => doc.get("n.x"), undefined, "n", 1],
  ["get of a text's length", (doc) => doc.get("text.length"), undefined, "n", 1],
];

for (const [what, act, gives, at, then] of MUTATORS) {
  for (const path of ["_page.doc", "posts.1"]) {
    Deno.test(`PathModel, as its ancestor: ${what} (${path})`, async () => {
      await withTwo(async ({ model, other }) => {
        model.set(path, DATA);
        const doc = model.at(path);
        deepStrictEqual(act(doc), gives);
        deepStrictEqual(doc.get(at), then);
        await model.whenNothingPending();
        if (path === "_page.doc") return;
        await other.fetch(path);
        deepStrictEqual(other.at(path).get(at), then);
      });
    });
  }
}

Deno.test("PathModel.at(), scope(), parent(), path(), leaf() and isPath() find their way", async () => {
  await withTwo(({ model }) => {
    const title = model.at("posts.1").at("title");
    strictEqual(title.path(), "posts.1.title");
    strictEqual(title.leaf(), "title");
    strictEqual(title.parent().path(), "posts.1");
    strictEqual(title.parent(9).path(), "");
    strictEqual(title.scope("_page").path("x"), "_page.x");
    strictEqual(title.scope().path(), "");
    strictEqual(model.at(3).path(), "3");
    strictEqual(model.isPath("a.b"), true);
    strictEqual(model.isPath(undefined), false);
    deepStrictEqual(model.at(["posts", "a.b"]).segments, ["posts", "a.b"]);
  });
});

Deno.test("PathModel reaches ids with dots by segments", async () => {
  await withTwo(async ({ model, other }) => {
    await model.promised.set(["posts", "a.b"], { t: 1 });
    await other.fetch(["posts", "a.b"]);
    strictEqual(other.get(["posts", "a.b", "t"]), 1);
  });
});

Deno.test("PathModel.add() draws ids, tells the callback, and replaces nothing", async () => {
  await withTwo(async ({ model }) => {
    let told: unknown;
    const id = model.add("posts", { n: 1 }, (error, given) => told = [error, given]);
    await model.whenNothingPending();
    await eventually("the callback is called", () => told !== undefined);
    deepStrictEqual(told, [undefined, id]);
    strictEqual(model.get(["posts", id, "n"]), 1);
    throws(() => model.add("posts", { id, n: 2 }), { code: "ERR_DOC_ALREADY_CREATED" });
    throws(() => model.add("posts", { id: 5 }), { code: "ERR_INVALID_ARGUMENT" });
    strictEqual(await model.promised.add("posts", { id: "given" }), "given");
  });
});

Deno.test("PathModel.create() creates once; createNull() calls back also where one is there", async () => {
  await withTwo(async ({ model, other }) => {
    await model.promised.create("posts.1", { n: 1 });
    await model.at("posts.2").promised.create();
    deepStrictEqual(model.get("posts.2"), { id: "2" });
    throws(() => model.create("posts.1", {}), { code: "ERR_DOC_ALREADY_CREATED" });
    await rejects(model.promised.create("posts.1", {}), { code: "ERR_DOC_ALREADY_CREATED" });
    throws(() => model.create("posts.1.x", {}), { code: "ERR_INVALID_PATH" });
    // The ancestor never called back here.
    await model.promised.createNull("posts.1", { n: 2 });
    strictEqual(model.get("posts.1.n"), 1);
    await model.promised.createNull("posts.3", { n: 3 });
    // What is elsewhere only, the server knows.
    await rejects(other.promised.create("posts.1", {}), { code: "ERR_DOC_ALREADY_CREATED" });
  });
});

Deno.test("PathModel takes values that two documents share, and shows each with its id", async () => {
  await withTwo(async ({ model }) => {
    const template = { n: 1 };
    model.setEach("posts", { a: template, b: template });
    await model.whenNothingPending();
    deepStrictEqual([model.get("posts.a.id"), model.get("posts.b.id")], ["a", "b"]);
    deepStrictEqual(template, { n: 1 });
    deepStrictEqual(model.get("posts"), { a: { n: 1, id: "a" }, b: { n: 1, id: "b" } });
  });
});

Deno.test("PathModel stores no id, however a document is set", async () => {
  await withTwo(async ({ model, connection }) => {
    const post = model.at("posts.1");
    const stored = () => Object(connection.get("posts", "1").data);
    post.setDiffDeep({ id: "1", n: 1 });
    deepStrictEqual(stored(), { n: 1 });
    deepStrictEqual(post.setDiffDeep({ id: "1", n: 2 }), { id: "1", n: 1 });
    deepStrictEqual(stored(), { n: 2 });
    post.setEach({ id: "1", n: 3, m: 1 });
    post.set({ id: "1", n: 4 });
    deepStrictEqual(stored(), { n: 4 });
    throws(() => post.setEach({ id: "2" }), { code: "ERR_INVALID_ID" });
    throws(() => post.del("id"), { code: "ERR_INVALID_ID" });
    deepStrictEqual(stored(), { n: 4 });
    await model.whenNothingPending();
  });
});

Deno.test("PathModel sets what belongs together in one operation", async () => {
  await withTwo(async ({ model, connection }) => {
    await model.promised.set("posts.1", { n: 1 });
    const doc = connection.get("posts", "1");
    const { version = 0 } = doc;
    await Promise.all([
      model.preventCompose().promised.setEach("posts.1", { a: 1, b: 2, c: 3 }),
      model.preventCompose().promised.set("posts.1.x.y.0.z", 1),
      model.preventCompose().allowCompose().promised.set("posts.1.n", 2),
    ]);
    strictEqual(doc.version, version + 3);
  });
});
