import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { memory } from "../../../adapters/memory/mod.ts";
import type { Connection, Doc } from "../../../src/documents/client/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { createPathModel, type PathModel } from "../../../src/path_model/mod.ts";
import { type ManualClock, manualClock } from "../../contracts/manual_clock.ts";
import { eventually } from "../../support/eventually.ts";
import { withTwo } from "./models.ts";

/** How often a document was subscribed to, and left, by this client. */
function counted(doc: Doc): { subscribed: number; unsubscribed: number } {
  const calls = { subscribed: 0, unsubscribed: 0 };
  const [subscribe, unsubscribe] = [doc.subscribe.bind(doc), doc.unsubscribe.bind(doc)];
  doc.subscribe = (options) => {
    calls.subscribed++;
    return subscribe(options);
  };
  doc.unsubscribe = (options) => {
    calls.unsubscribed++;
    return unsubscribe(options);
  };
  return calls;
}

/** Runs with a model that lets go after a delay, and its clock. */
async function withDelay(
  unloadDelay: number | undefined,
  run: (model: PathModel, clock: ManualClock, connection: Connection) => Promise<void>,
): Promise<void> {
  await using documents = createDocuments(memory());
  await using connection = documents.connect();
  const clock = manualClock();
  const options = unloadDelay === undefined ? { clock } : { clock, unloadDelay };
  const model = createPathModel(connection, options);
  try {
    await connection.get("posts", "1").create({ n: 1 });
    await run(model, clock, connection);
  } finally {
    await model.whenNothingPending();
    model.close();
  }
}

Deno.test("PathModel keeps what is subscribed to or fetched until the last hold ends (case 37)", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1" });
    const isHere = (): boolean => model.get("posts.1") !== undefined;
    await model.subscribe("posts.1");
    await model.subscribe("posts.1");
    await model.fetch("posts.1");
    const doc = connection.get("posts", "1");
    const calls = counted(doc);
    strictEqual(await model.unsubscribe("posts.1"), 1);
    deepStrictEqual([isHere(), doc.isSubscribed, calls.unsubscribed], [true, true, 0]);
    strictEqual(await model.unsubscribe("posts.1"), 0);
    await eventually("it is unsubscribed", () => !doc.isSubscribed);
    strictEqual(isHere(), true);
    strictEqual(await model.unfetch("posts.1"), 0);
    await eventually("it is unloaded", () => !isHere());
    let called = 0;
    strictEqual(await model.unfetch("posts.1", () => called++), 0);
    strictEqual(await model.unsubscribe("posts.1", () => called++), 0);
    strictEqual(called, 2);
    strictEqual(calls.unsubscribed, 1);
  });
});

Deno.test("PathModel asks nothing if what it lets go of is held again before the delay (case 39)", async () => {
  await withDelay(undefined, async (model, clock, connection) => {
    await model.subscribe("posts.1");
    const calls = counted(connection.get("posts", "1"));
    model.unload();
    await clock.advance(999);
    await model.subscribe("posts.1");
    await clock.advance(60_000);
    deepStrictEqual(calls, { subscribed: 0, unsubscribed: 0 });
    strictEqual(model.get("posts.1.n"), 1);
    strictEqual(clock.pending, 0);
  });
});

Deno.test("PathModel waits as long as unloadDelay says, where the ancestor never did", async () => {
  await withDelay(5_000, async (model, clock) => {
    await model.subscribe("posts.1");
    model.unload();
    await clock.advance(4_999);
    strictEqual(model.get("posts.1.n"), 1);
    await clock.advance(1);
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
  });
  await withDelay(0, async (model, clock) => {
    await model.subscribe("posts.1");
    model.unload();
    strictEqual(clock.pending, 0);
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
  });
});

Deno.test("PathModel unloads a document when its own edits are committed (case 41)", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1", n: 1 });
    await model.subscribe("posts.1");
    connection.get("posts", "1").pause();
    const committed = model.promised.set("posts.1.n", 2);
    model.unload();
    await other.fetch("posts.1");
    strictEqual(model.get("posts.1.n"), 2, "it stays");
    connection.get("posts", "1").resume();
    await committed;
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
    await other.fetch("posts.1");
    strictEqual(other.get("posts.1.n"), 2);
  });
});

Deno.test("PathModel keeps a document that is held again while it waits to leave (case 41)", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1", n: 1 });
    await model.subscribe("posts.1");
    const doc = connection.get("posts", "1");
    doc.pause();
    const committed = model.promised.set("posts.1.n", 2);
    model.unload();
    await other.fetch("posts.1");
    const again = model.subscribe("posts.1");
    connection.get("posts", "1").resume();
    await committed;
    await again;
    await other.promised.set("posts.1.m", 3);
    await eventually("changes of others come", () => model.get("posts.1.m") === 3);
    strictEqual(connection.get("posts", "1"), doc);
  });
});

Deno.test("PathModel keeps a document that is edited while it leaves until that is committed", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1", n: 1 });
    await model.subscribe("posts.1");
    const doc = connection.get("posts", "1");
    doc.pause();
    model.set("posts.1.n", 2);
    model.unload();
    model.set("posts.1.n", 3);
    doc.resume();
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
    await other.fetch("posts.1");
    strictEqual(other.get("posts.1.n"), 3);
  });
});

Deno.test("PathModel subscribes, unsubscribes and subscribes in one breath, and is subscribed", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.add("posts", { id: "1", n: 1 });
    const order: number[] = [];
    const done = [
      model.subscribe("posts.1", () => order.push(1)),
      model.unsubscribe("posts.1", () => order.push(2)),
      model.subscribe("posts.1", () => order.push(3)),
    ];
    await Promise.all(done);
    deepStrictEqual(order.toSorted(), [1, 2, 3]);
    await other.promised.set("posts.1.n", 2);
    await eventually("changes come", () => model.get("posts.1.n") === 2);
  });
});

Deno.test("PathModel.unload() lets go of one context, and leaves what others hold", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("posts", { 1: {}, 2: {}, 3: {} });
    const [page, bar] = [model.context("page"), model.context("bar")];
    await page.subscribe("posts.1", "posts.2");
    await bar.fetch("posts.2");
    await model.subscribe("posts.3");
    page.create("posts.4", {});
    const here = (): string[] => Object.keys(Object(model.get("posts"))).toSorted();
    strictEqual(await bar.unsubscribe("posts.1"), 1, "it is not theirs to end");
    deepStrictEqual(here(), ["1", "2", "3", "4"]);
    model.unload("page");
    await eventually("the page's are gone", () => here().join() === "2,3");
    model.unload("page");
    model.unload("nobody");
    model.unloadAll();
    await eventually("all are gone", () => here().length === 0);
  });
});

Deno.test("PathModel counts no hold that the server refuses, and tells whoever asked", async () => {
  const authorize = ({ id }: { readonly id: string | undefined }): boolean => id !== "secret";
  await withTwo(
    async ({ model, other, connection }) => {
      await other.promised.add("posts", { id: "1" });
      await rejects(model.subscribe("posts.1", "posts.secret"), { code: "ERR_FORBIDDEN" });
      strictEqual(connection.get("posts", "1").isSubscribed, true, "the others stay");
      let told: unknown;
      await model.fetch("posts.secret", (error) => told = error);
      strictEqual(Object(told).code, "ERR_FORBIDDEN");
      strictEqual(await model.unfetch("posts.secret"), 0);
      strictEqual(await model.unsubscribe("posts.secret"), 0);
    },
    {},
    { authorize },
  );
});

Deno.test("PathModel holds views, paths into documents and by the forms for documents", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.setEach("posts", { 1: { t: 1 }, 2: { t: 2 }, 3: { t: 3 } });
    await model.at("_page").subscribe(model.at("posts.1"));
    await model.at("posts.2").fetch();
    await model.at("posts").subscribeDoc("posts", "3");
    await model.fetchDoc("posts", "3");
    await model.subscribe("_page.x", "posts.1.t");
    deepStrictEqual(Object.keys(Object(model.get("posts"))), ["1", "2", "3"]);
    strictEqual(await model.unsubscribe("posts.1"), 1);
    strictEqual(await model.unsubscribeDoc("posts", "3"), 0);
    strictEqual(await model.unfetchDoc("posts", "3"), 0);
    for (const path of ["posts", ""]) {
      await rejects(model.subscribe(path), { code: "ERR_INVALID_PATH" });
      await rejects(model.unfetch(path), { code: "ERR_INVALID_PATH" });
    }
  });
});

Deno.test("PathModel of fetchOnly fetches where it subscribes", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1" });
    await model.subscribe("posts.1");
    deepStrictEqual(model.get("posts.1"), { id: "1" });
    strictEqual(connection.get("posts", "1").isSubscribed, false);
    strictEqual(await model.unsubscribe("posts.1"), 0);
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
  }, { fetchOnly: true });
});

Deno.test("PathModel tells that documents are loaded and unloaded, and nothing of what does not exist", async () => {
  await withTwo(async ({ model, other }) => {
    await other.promised.add("posts", { id: "1" });
    const heard: unknown[] = [];
    model.on("load", "**", (path: string, value: unknown) => heard.push(["load", path, value]));
    model.on("unload", "**", (path: string, was: unknown) => heard.push(["unload", path, was]));
    await model.subscribe("posts.1", "posts.none");
    model.unload();
    await eventually("it is unloaded", () => heard.length > 1);
    deepStrictEqual(heard, [["load", "posts.1", { id: "1" }], ["unload", "posts.1", { id: "1" }]]);
  });
});

Deno.test("PathModel lets go of nothing any more once it is closed", async () => {
  await withDelay(undefined, async (model, clock) => {
    await model.subscribe("posts.1");
    model.unload();
    model.close();
    strictEqual(clock.pending, 0);
    throws(() => model.set("posts.1.n", 2), { code: "ERR_DOC_DOES_NOT_EXIST" });
  });
});

Deno.test("PathModel settles holds that come and go in each other's way", async () => {
  await withTwo(async ({ model, other, connection }) => {
    await other.promised.add("posts", { id: "1" });
    for (let round = 0; round < 20; round++) {
      const taking = [model.subscribe("posts.1"), model.fetch("posts.1")];
      model.unload();
      for (let turn = 0; turn < round; turn++) await Promise.resolve();
      taking.push(model.subscribe("posts.1"));
      const letGo = [model.unsubscribe("posts.1"), model.unfetch("posts.1")];
      await Promise.all([...taking, ...letGo]);
    }
    await eventually("it is unloaded", () => model.get("posts.1") === undefined);
    strictEqual(connection.get("posts", "1").isSubscribed, false);
  });
});
