import { deepStrictEqual } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import type { SubmitResult } from "../../../src/documents/core.ts";
import { author, coreOn, must, snapshotIn } from "../../support/documents/core.ts";
import { type Spent, spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const VOTE = [{ p: ["n"], na: 1 }];

redisTest("Documents cost the requests and billed commands that the README says", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  const core = coreOn(redis({ url, token }));
  const backend = redis({ url, token });
  const other = coreOn(backend);
  // A process that has seen no document yet, on a server that it knows.
  const cold = coreOn(backend);
  // Every script is loaded, and the server's dialect known, before anything is counted.
  await author(core, "x", "x").create({ n: 0 });
  await author(other, "x2", "x").edit(VOTE);
  await snapshotIn(other, "x");
  await core.history("things", "x", { version: 1 });
  for (let at = 0; at < 20; at++) await author(core, "o", `${at}`).create({ n: 0 });

  const cost = async (action: () => Promise<unknown>): Promise<[number, number]> => {
    const one: Spent = await spent(server, gateway, action);
    return [one.requests, one.billed];
  };
  const committed = (result: Promise<SubmitResult>) => result.then((one) => must(one, "committed"));
  const ada = author(core, "ada");
  const bob = author(other, "bob");
  const costs: Record<string, [number, number]> = {};
  costs.fetch = await cost(() => snapshotIn(core));
  costs.fetchMany = await cost(() =>
    other.read("things", Array.from({ length: 20 }, (_, at) => ({ id: `${at}` })))
  );
  costs.submitWarm = await cost(() => committed(ada.edit(VOTE, { base: { version: 1 } })));
  costs.submitManyWarm = await cost(() =>
    Promise.all(Array.from({ length: 50 }, (_, at) => committed(author(core, `m${at}`).edit(VOTE))))
  );
  costs.submitCold = await cost(() => committed(author(cold, "cold", "2").edit(VOTE)));
  // The other process's copy is 51 operations old: it loses one race.
  costs.submitLostRace = await cost(() => committed(bob.edit(VOTE)));
  costs.catchUp = await cost(() => core.read("things", [{ id: "1", after: { version: 50 } }]));
  const op = { sequence: 99, base: { version: 52 } };
  await bob.edit(VOTE, op);
  costs.duplicate = await cost(() => bob.edit(VOTE, op));
  costs.history = await cost(() => core.history("things", "1", { version: 3 }));
  deepStrictEqual(costs, {
    fetch: [1, 2],
    fetchMany: [1, 21],
    submitWarm: [1, 7],
    submitManyWarm: [1, 7],
    submitCold: [2, 9],
    submitLostRace: [2, 12],
    catchUp: [1, 3],
    duplicate: [1, 3],
    history: [1, 3],
  });
});

redisTest(
  "A commit to an indexed collection costs two commands more where the order changes",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    const core = coreOn(redis({ url, token }), { collections: { things: { index: ["n"] } } });
    await author(core, "x", "x").create({ n: 0 });
    const ada = author(core, "ada");
    await ada.create({ n: 0, t: "" });
    const moved = await spent(server, gateway, () => ada.edit(VOTE));
    deepStrictEqual([moved.requests, moved.billed], [1, 9]);
    const stays = await spent(server, gateway, () => ada.edit([{ p: ["t", 0], si: "x" }]));
    deepStrictEqual([stays.requests, stays.billed], [1, 7]);
  },
);
