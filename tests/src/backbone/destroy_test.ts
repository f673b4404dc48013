import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { people, refusalOf } from "../../support/backbone/people.ts";

Deno.test("Model.destroy() frees what the record held, and nothing else", async () => {
  const { store, collection } = people();
  const users = collection();
  const ada = users.add({ username: "ada" });
  await ada.save();
  const stranger = users.add({ id: 99, username: "ada" });
  await stranger.destroy();
  strictEqual((await refusalOf(users.add({ username: "ada" }).save())).owner, 1);
  deepStrictEqual(await ada.destroy(), {});
  deepStrictEqual(await ada.destroy(), {});
  strictEqual(await store.model.count(), 0);
  await users.add({ username: "ada" }).save();
});

Deno.test("Model.destroy() removes whatever others wrote since, and after the saves before it", async () => {
  const { store, collection } = people();
  const [here, there] = [collection(), collection()];
  const ada = here.add({ username: "ada" });
  await ada.save();
  await there.fetch();
  await there.at(0).save({ age: 36 });
  await ada.destroy({ wait: true });
  const bob = there.at(0);
  await rejects(bob.save({ age: 37 }), { errorCode: 404 });
  const eve = here.add({ id: 7, username: "eve" });
  await Promise.all([eve.save(), eve.destroy()]);
  strictEqual(await store.model.count(), 0);
});
