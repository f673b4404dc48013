/**
 * What every driver of the port of presence must do.
 *
 * @module
 */

import { MEMBERS_MAX, NO_ROOM } from "../../src/presence/port.ts";
import { equal, ok } from "./assert.ts";
import type { TestFunction } from "./harness.ts";
import { fresh, LONG, type On, type OpenPresenceBench } from "./presence_store_bench.ts";
import { refusing, waking } from "./presence_store_wakes.ts";

export type { OpenPresenceBench, PresenceBench } from "./presence_store_bench.ts";

/** Registers the suite with a runner. */
export function presenceStoreContract(test: TestFunction, open: OpenPresenceBench): void {
  const on: On = (name, run) => {
    test(`PresenceStore.${name}`, async () => {
      await using bench = await open();
      await run(bench);
    });
  };
  coming(on);
  going(on);
  expiring(on);
  waking(on);
  refusing(on);
}

function coming(on: On): void {
  on("list() knows nobody in a room that was never used", async ({ store }) => {
    const { head, members } = await store.list("a", fresh());
    equal([head.epoch, members], [NO_ROOM, []]);
  });

  on("put() puts members in, each with the version in which it came", async ({ store, peer }) => {
    const versions = [];
    for (const member of ["b", "a", "__proto__"]) {
      const put = await store.put("room", member, `"${member}"`, fresh());
      versions.push(put.kind === "present" ? put.version : 0);
    }
    const [b = 0, a = 0, proto = 0] = versions;
    equal([a - b, proto - a], [1, 1], "each change is one more");
    const { head, members } = await (await peer()).list("room", fresh());
    equal(head.index, proto);
    equal(members, [
      { member: "__proto__", meta: '"__proto__"', version: proto },
      { member: "a", meta: '"a"', version: a },
      { member: "b", meta: '"b"', version: b },
    ]);
  });

  on("put() changes a meta, and only then the version", async ({ store }) => {
    const first = await store.put("room", "a", "1", fresh());
    equal(await store.put("room", "a", "1", fresh()), first, "the same again");
    const second = await store.put("room", "a", "2", fresh());
    ok(
      first.kind === "present" && second.kind === "present" && second.version === first.version + 1,
      "another meta is a change",
    );
  });

  on("put() that arrives twice answers like the first", async ({ store }) => {
    const change = fresh();
    const first = await store.put("room", "a", "1", change);
    equal(await store.put("room", "a", "1", change), first);
    equal((await store.list("room", fresh())).members.length, 1);
  });

  on("put() keeps rooms apart, whatever characters their names have", async ({ store }) => {
    const names = ["a", "A", "a:b", "a|b", "{a}", "}{", "ä", "🙂", "a b", "__proto__", "%"];
    for (const name of names) await store.put(name, "m", JSON.stringify(name), fresh());
    for (const name of names) {
      const { members } = await store.list(name, fresh());
      equal(members.map(({ meta }) => meta), [JSON.stringify(name)]);
    }
  });

  on("put() carries any text on one line", async ({ store }) => {
    const metas = ["", " ", "a b", "-x +y z", '{"a":[1,2.50,[]]}', "ünï 🙂\u2028\0", "12 34 t x"];
    for (const [i, meta] of metas.entries()) await store.put("room", `m${i}`, meta, fresh());
    const { members } = await store.list("room", fresh());
    equal(members.map(({ meta }) => meta), metas);
  });

  on("put() takes no more than the bound, and says so", async ({ store }) => {
    const names = Array.from({ length: MEMBERS_MAX }, (_, i) => `m${i}`);
    for (let at = 0; at < names.length; at += 100) {
      await Promise.all(
        names.slice(at, at + 100).map((name) => store.put("room", name, "", fresh())),
      );
    }
    equal(await store.put("room", "one-more", "", fresh()), { kind: "full" });
    equal((await store.put("room", "m7", "changed", fresh())).kind, "present");
    await store.leave("room", ["m3"], fresh());
    equal((await store.put("room", "one-more", "", fresh())).kind, "present");
    equal((await store.list("room", fresh())).members.length, MEMBERS_MAX);
  });
}

function going(on: On): void {
  on("leave() gives who was there to one of two, with a newer version", async ({ store, peer }) => {
    await store.put("room", "a", "1", fresh());
    const before = await store.put("room", "b", "2", fresh());
    const other = await peer();
    const answers = await Promise.all([
      store.leave("room", ["a", "x", "a"], fresh()),
      other.leave("room", ["a"], fresh()),
    ]);
    const left = answers.flat();
    equal(left.map(({ member, meta }) => [member, meta]), [["a", "1"]]);
    ok(before.kind === "present" && (left[0]?.version ?? 0) > before.version, "is newer");
    equal((await store.list("room", fresh())).members.map(({ member }) => member), ["b"]);
  });

  on("leave() of nobody changes nothing", async ({ store }) => {
    equal(await store.leave("nowhere", ["a"], fresh()), []);
    const put = await store.put("room", "a", "", fresh());
    equal(await store.leave("room", ["b", "constructor"], fresh()), []);
    const { head } = await store.list("room", fresh());
    ok(put.kind === "present" && head.index === put.version, "is no change");
  });

  on("leave() of the last one keeps the versions growing", async ({ store }) => {
    const versions: number[] = [];
    for (let round = 0; round < 3; round++) {
      const put = await store.put("room", "a", "", fresh());
      const [left] = await store.leave("room", ["a"], fresh());
      versions.push(put.kind === "present" ? put.version : 0, left?.version ?? 0);
    }
    equal(versions, versions.toSorted((a, b) => a - b));
    equal(new Set(versions).size, 6);
  });
}

function expiring(on: On): void {
  on("list() lets those go whose time is over, in a newer version", async (bench) => {
    const { store } = bench;
    await store.put("room", "short", "1", fresh(300));
    const long = await store.put("room", "long", "2", fresh());
    await bench.advance(350);
    const { head, members } = await store.list("room", fresh());
    equal(members.map(({ member }) => member), ["long"]);
    ok(long.kind === "present" && head.index > long.version, "a crash is a change");
    const again = await store.list("room", fresh());
    equal(again.head, head, "told once");
  });

  on("refresh() prolongs, and gives those that are gone", async (bench) => {
    const { store } = bench;
    const put = await store.put("room", "a", "1", fresh(1_000));
    await store.put("room", "b", "1", fresh(30));
    await bench.advance(60);
    const missing = await store.refresh("room", ["x", "a", "b"], { ttlMs: LONG });
    equal(missing, ["x", "b"]);
    for (let passedMs = 0; passedMs < 1_000; passedMs += 90) await bench.advance(90);
    const { members } = await store.list("room", fresh());
    ok(put.kind === "present", "was put");
    equal(members, [{ member: "a", meta: "1", version: put.kind === "present" ? put.version : 0 }]);
    equal(await store.refresh("room", [], { ttlMs: LONG }), []);
    equal(await store.refresh("nowhere", ["a"], { ttlMs: LONG }), ["a"]);
  });

  on("put() prolongs one whose meta is the same", async (bench) => {
    const { store } = bench;
    await store.put("room", "a", "1", fresh(30));
    await store.put("room", "a", "1", fresh());
    await bench.advance(60);
    equal((await store.list("room", fresh())).members.length, 1);
  });

  on("put() of one whose time is over is a change, also with the same meta", async (bench) => {
    const { store } = bench;
    const first = await store.put("room", "a", "1", fresh(20));
    await bench.advance(50);
    const second = await store.put("room", "a", "1", fresh());
    ok(
      first.kind === "present" && second.kind === "present" && second.version > first.version,
      "comes anew",
    );
  });

  on("leave() gives nobody whose time is over", async (bench) => {
    const { store } = bench;
    await store.put("room", "a", "1", fresh(20));
    await bench.advance(50);
    equal(await store.leave("room", ["a"], fresh()), []);
  });
}
