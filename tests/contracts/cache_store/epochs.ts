/**
 * What epochs promise: renewed or lost, they make what was made in them worthless.
 *
 * @module
 */

import { equal, ok } from "../assert.ts";
import { entry, fill, lease, type On, OTHER, record, settle, SPACE, write } from "./tools.ts";

/** Registers them. */
export function testEpochs(on: On): void {
  on("renew() hard changes both parts of an epoch, or forgets it", async ({ store }) => {
    const { epochs: [before = ""] } = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    const { epochs: [after = ""] } = await lease(store, "two", ["b"], { epochs: ["n"] });
    ok(after.split(".")[0] !== before.split(".")[0], "another hard part");
  });

  on("renew() soft changes the soft part alone", async ({ store, peer }) => {
    const { epochs: [before = ""] } = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "soft");
    const { epochs: [after = ""] } = await (await peer()).read(SPACE, [], ["n"]);
    ok(after !== before, "another epoch");
    equal(after.split(".")[0], before.split(".")[0]);
  });

  on("renew() of an epoch that does not exist makes none", async ({ store }) => {
    await store.renew(SPACE, ["n"], "soft");
    await store.renew(SPACE, ["n"], "hard");
    equal((await store.read(SPACE, [], ["n"])).epochs, [undefined]);
  });

  on("renew() leaves other epochs and spaces alone", async ({ store }) => {
    const { epochs } = await lease(store, "one", ["a"], { epochs: ["m", "n"] });
    await store.renew(SPACE, ["n"], "hard");
    await store.renew(OTHER, ["m", "n"], "hard");
    equal((await store.read(SPACE, [], ["m"])).epochs, [epochs[0]]);
  });

  on("settle() leaves a record in the epochs of its lease", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["n"], "hard");
    await settle(store, "one", reply, [fill("a", "A", reply)]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n"]);
    if (found !== undefined) {
      ok(record(found).terms.epochs[0] !== epochs[0], "the record is dead");
    }
  });

  on("settle() adds the epochs of late tags", async ({ store }) => {
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    equal(await settle(store, "one", reply, [fill("a", "A", reply, {}, ["x", "y"])]), [true]);
    const { records: [found], epochs } = await store.read(SPACE, ["a"], ["n", "x", "y"]);
    equal(record(found).terms.tags, ["x", "y"]);
    equal(record(found).terms.epochs, epochs);
  });

  for (const kind of ["hard", "soft"] as const) {
    on(`settle() is refused if a late tag was renewed ${kind} meanwhile`, async ({ store }) => {
      await write(store, [entry("z", "Z")], { epochs: ["n", "x"], tags: ["x"] });
      const reply = await lease(store, "one", ["a", "b", "c"], { epochs: ["n"] });
      await store.renew(SPACE, ["x"], kind);
      await store.renew(SPACE, ["never was"], kind);
      const outcomes = [
        fill("a", "A", reply, {}, ["x"]),
        fill("b", "B", reply, {}, ["never was"]),
        fill("c", "C", reply),
      ];
      equal(await settle(store, "one", reply, outcomes), [false, false, true]);
      equal(await store.leased(SPACE, ["a", "b", "c"]), [false, false, false]);
    });
  }

  on("settle() is not refused for a renewal of other tags", async ({ store }) => {
    await write(store, [entry("z", "Z")], { epochs: ["n", "x", "y"], tags: ["x", "y"] });
    const reply = await lease(store, "one", ["a"], { epochs: ["n"] });
    await store.renew(SPACE, ["y"], "hard");
    equal(await settle(store, "one", reply, [fill("a", "A", reply, {}, ["x"])]), [true]);
  });
}
