import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { PathModel } from "../../../src/path_model/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { type Dice, diceOf, drawData, oneOf, SEED } from "../queries/draw.ts";
import { withTwo } from "./models.ts";

const IDS = ["1", "2", "3"];
const CONTEXTS = ["root", "page"];

/** Edits a document as it is here, wherever that fits. */
function edit(model: PathModel, dice: Dice): void {
  const doc = model.at(["posts", oneOf(dice, IDS)]);
  if (doc.get() === undefined) return;
  const name = oneOf(dice, ["a", "b", "c"]);
  const list = doc.getValues("list");
  const value = drawData(dice, 1).a ?? null;
  const edits: readonly (() => unknown)[] = [
    () => doc.set(name, value),
    () => doc.del(name),
    () => doc.increment("n"),
    () => doc.push("list", value),
    () => doc.insert("list", dice(0, list.length + 1), [value, name]),
    () => doc.remove("list", dice(0, list.length + 1), 2),
    () => list.length > 0 && doc.move("list", dice(0, list.length), dice(0, list.length)),
    () => doc.stringInsert("text", dice(0, String(doc.get("text")).length + 1), name),
    () => doc.stringRemove("text", dice(0, String(doc.get("text")).length + 1), 1),
    () => doc.setEach({ b: value, c: name }),
    () => doc.setDiffDeep("list", [value, ...list.slice(1)]),
  ];
  oneOf(dice, edits)();
}

Deno.test(`PathModel converges with another, and hears all that happens (SEED=${SEED})`, async () => {
  const dice = diceOf(SEED);
  await withTwo(async ({ model, other }) => {
    const content = { n: 0, text: "hello", list: [1, 2, 3] };
    await model.promised.setEach("posts", { 1: content, 2: content, 3: content });
    const models = [model, other];
    for (const each of models) await each.subscribe(...IDS.map((id) => `posts.${id}`));
    // A mirror that knows only what it is told; what is told, it sets anew from the document.
    const mirror = new Map<string, unknown>(IDS.map((id) => [id, other.get(["posts", id])]));
    other.on("all", "posts.*.**", (id: string) => mirror.set(id, other.get(["posts", id])));
    for (let step = 0; step < 400; step++) {
      edit(oneOf(dice, models), dice);
      if (dice(0, 10) === 0) await Promise.resolve();
      if (dice(0, 50) === 0) await oneOf(dice, models).whenNothingPending();
    }
    for (const each of models) await each.whenNothingPending();
    await eventually("they converge", () => {
      return IDS.every((id) => same(model.get(["posts", id]), other.get(["posts", id])));
    });
    for (const id of IDS) deepStrictEqual(mirror.get(id), other.get(["posts", id]));
  });
});

Deno.test(`PathModel has here what is held, and nothing else (SEED=${SEED})`, async () => {
  const dice = diceOf(SEED);
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.setEach("posts", { 1: {}, 2: {}, 3: {} });
    const held = new Map<string, number>();
    const countOf = (id: string, hold: string): number =>
      CONTEXTS.reduce((sum, context) => sum + (held.get(`${context} ${id} ${hold}`) ?? 0), 0);
    const waiting: Promise<unknown>[] = [];
    for (let step = 0; step < 300; step++) {
      const context = oneOf(dice, CONTEXTS);
      const view = model.context(context);
      const id = oneOf(dice, IDS);
      const hold = oneOf(dice, ["fetch", "subscribe"] as const);
      const key = `${context} ${id} ${hold}`;
      const count = held.get(key) ?? 0;
      const kind = dice(0, 20);
      if (kind === 0) {
        view.unload();
        for (const each of held.keys()) if (each.startsWith(context)) held.delete(each);
      } else if (kind < 9) {
        held.set(key, count + 1);
        waiting.push(view[hold](`posts.${id}`));
      } else {
        held.set(key, Math.max(0, count - 1));
        const left = countOf(id, hold);
        const letGo = hold === "fetch"
          ? view.unfetch(`posts.${id}`)
          : view.unsubscribe(`posts.${id}`);
        waiting.push(letGo.then((found) => strictEqual(found, left)));
      }
      if (dice(0, 6) === 0) await Promise.resolve();
      if (dice(0, 30) === 0) await model.whenNothingPending();
    }
    await Promise.all(waiting);
    await eventually("all is settled", () => {
      return IDS.every((id) => {
        const isHeld = countOf(id, "fetch") + countOf(id, "subscribe") > 0;
        return (model.get(["posts", id]) !== undefined) === isHeld;
      });
    });
    await model.whenNothingPending();
    for (const id of IDS) {
      if (model.get(["posts", id]) === undefined) continue;
      const isWanted = countOf(id, "subscribe") > 0;
      await eventually("subscriptions settle", () => {
        return connection.get("posts", id).isSubscribed === isWanted;
      });
    }
  });
});

function same(a: unknown, b: unknown): boolean {
  try {
    deepStrictEqual(a, b);
    return true;
  } catch {
    // Not yet.
    return false;
  }
}
