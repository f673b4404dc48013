import { deepStrictEqual } from "node:assert/strict";
import { redis as redisBackend } from "../../../adapters/redis/mod.ts";
import { createSync, type SyncOptions } from "../../../src/sync/mod.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";
import { todosOn } from "../../support/sync/todos.ts";

redisTest("Hub operations cost the requests and commands that the README says", async () => {
  await using redis = await startRedis();
  await using gateway = await startGateway(redis);
  const backend = redisBackend({ url: gateway.url, token: gateway.token });
  const models = [todosOn(backend)];
  const sees: NonNullable<SyncOptions["sees"]> = (_subject, { scopes }) => scopes.owner === "ada";
  const plain = createSync(backend, { models });
  const filtered = createSync(backend, { models, sees });
  const asked = async (hub: typeof plain, verb: string, data: object, rest: object = {}) => {
    const body = JSON.stringify({ id: 1, event: `Todo:${verb}`, data, ...rest });
    const [answer] = await (await hub.handle(
      new Request("http://hub/sync", { method: "POST", body }),
    )).json();
    return answer;
  };
  const mine = { text: "x", owner: "ada" };
  // Every script is loaded before it is counted.
  await asked(plain, "upsert", { ...mine, id: 1 });
  await asked(filtered, "upsert", { ...mine, id: 1 });
  await asked(plain, "read", {});
  await asked(plain, "upsert", { ...mine, id: 9 });
  await asked(plain, "delete", { id: 9 });
  await plain.ticket(undefined);
  const cost = async (action: () => Promise<unknown>) => {
    const { requests, billed } = await spent(redis, gateway, action);
    return [requests, billed];
  };
  const { v } = await asked(plain, "read", { id: 1 });
  deepStrictEqual({
    create: await cost(() => asked(plain, "upsert", mine)),
    upsert: await cost(() => asked(plain, "upsert", { ...mine, id: 1, text: "y" })),
    createFiltered: await cost(() => asked(filtered, "upsert", { ...mine, id: 5 })),
    upsertFiltered: await cost(() => asked(filtered, "upsert", { ...mine, id: 5, text: "y" })),
    conflict: await cost(() => asked(plain, "upsert", { ...mine, id: 1 }, { v })),
    readOne: await cost(() => asked(plain, "read", { id: 1 })),
    readPage: await cost(() => asked(plain, "read", {})),
    delete: await cost(() => asked(plain, "delete", { id: 5 })),
    ticket: await cost(() => plain.ticket(undefined)),
  }, {
    create: [1, 7],
    upsert: [1, 8],
    createFiltered: [1, 8],
    upsertFiltered: [3, 13],
    conflict: [1, 4],
    readOne: [1, 1],
    readPage: [2, 4],
    delete: [1, 7],
    ticket: [1, 6],
  });
});
