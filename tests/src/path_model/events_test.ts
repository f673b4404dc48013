import { deepStrictEqual } from "node:assert/strict";
import type { PathModel } from "../../../src/path_model/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { withTwo } from "./models.ts";

const DATA = { n: 1, text: "hello", list: ["a", "b", "c", "d"] };

/** What is done, and what a listener to all hears of it. */
const EVENTS: readonly [what: string, act: (doc: PathModel) => void, heard: unknown[]][] = [
  ["set", (doc) => doc.set("n", 2), ["n", "change", 2, 1]],
  ["implied parents", (doc) => doc.set("a.0.b", 1), ["a", "change", [{ b: 1 }], undefined]],
  ["del", (doc) => doc.del("n"), ["n", "change", undefined, 1]],
  ["increment", (doc) => doc.increment("n"), ["n", "change", 2, 1]],
  ["push", (doc) => doc.push("list", "e"), ["list", "insert", 4, ["e"]]],
  ["insert", (doc) => doc.insert("list", 1, ["x", "y"]), ["list", "insert", 1, ["x", "y"]]],
  ["remove", (doc) => doc.remove("list", 1, 2), ["list", "remove", 1, ["b", "c"]]],
  ["pop", (doc) => doc.pop("list"), ["list", "remove", 3, ["d"]]],
  ["move", (doc) => doc.move("list", 0, 2, 2), ["list", "move", 0, 2, 2]],
  ["move back", (doc) => doc.move("list", 2, 0, 2), ["list", "move", 2, 0, 2]],
  ["set an item", (doc) => doc.set("list.1", "B"), ["list.1", "change", "B", "b"]],
  ["stringInsert", (doc) => doc.stringInsert("text", 5, "!"), [
    "text",
    "change",
    "hello!",
    "hello",
  ]],
];

for (const [what, act, heard] of EVENTS) {
  Deno.test(`PathModel tells of ${what} here and elsewhere`, async () => {
    await withTwo(async ({ model, other }) => {
      await model.promised.set("posts.1", DATA);
      await model.subscribe("posts.1");
      await other.subscribe("posts.1");
      const [here, there]: [unknown[], unknown[]] = [[], []];
      model.on("all", "posts.1.**", (...args: unknown[]) => here.push(args));
      other.on("all", "posts.1.**", (...args: unknown[]) => there.push(args));
      act(model.at("posts.1"));
      deepStrictEqual(here, [[...heard, {}]]);
      await eventually("it is heard elsewhere", () => there.length > 0);
      deepStrictEqual(there, [[...heard, { $remote: true }]]);
    });
  });
}

Deno.test("PathModel.pass(), silent() and passed by others reach listeners", async () => {
  await withTwo(({ model }) => {
    const heard: unknown[] = [];
    model.at("_page.n").on("change", (...args: unknown[]) => heard.push(args));
    model.pass({ a: 1 }).pass({ b: 2 }).set("_page.n", 1);
    model.silent().set("_page.n", 2);
    model.silent().silent(false).pass({ c: 3 }).set("_page.n", 3);
    deepStrictEqual(heard, [[1, undefined, { a: 1, b: 2 }], [3, 2, { c: 3 }]]);
  });
});

Deno.test("PathModel.on() hands events and captures, until its signal or what it gave ends it", async () => {
  await withTwo(({ model }) => {
    const heard: unknown[] = [];
    const aborter = new AbortController();
    const options = { signal: aborter.signal, useEventObjects: true };
    model.on("change", "_page.*", (event: unknown, captured: unknown) => {
      heard.push([event, captured]);
    }, options);
    const end = model.on("change", "_page.*", (name: string) => heard.push(name));
    model.set("_page.n", 1);
    end();
    aborter.abort();
    model.set("_page.n", 2);
    const mutation = { kind: "change", value: 1, previous: undefined };
    deepStrictEqual(heard, [[{ path: ["_page", "n"], mutation, passed: {} }, ["n"]], "n"]);
  });
});

Deno.test("PathModel tells what listeners change after what they hear, to all in one order", async () => {
  await withTwo(({ model }) => {
    const heard: unknown[] = [];
    model.on("change", "_page.n", (n: number) => {
      if (n < 3) model.set("_page.n", n + 1);
    });
    model.on("change", "_page.n", (n: number) => heard.push([n, model.get("_page.n")]));
    model.set("_page.n", 1);
    deepStrictEqual(heard, [[1, 2], [2, 3], [3, 3]]);
  });
});
