/** @module */

import { deepStrictEqual, rejects } from "node:assert/strict";
import { redis } from "../../../adapters/redis/mod.ts";
import { createDocuments } from "../../../src/documents/mod.ts";
import { eventually } from "../../support/eventually.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const SECRET = "a secret of a test";

function documentsOn(url: string, token: string, shards: number) {
  const things = { index: ["team", "at"], shards };
  return createDocuments(redis({ url, token }), { secret: SECRET, collections: { things } });
}

redisTest(
  "queries on Redis cost the requests and billed commands that the README says",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    const { url, token } = gateway;
    await using documents = documentsOn(url, token, 1);
    await using connection = documents.connect();
    for (let at = 0; at < 60; at++) {
      const data = { team: at % 12, at, text: "x" };
      await documents.submit("things", `${at}`, { create: { data } });
    }
    // Scripts are loaded.
    await documents.submit("things", "1", { op: [{ p: ["team"], na: 0 }] });
    await connection.fetchQuery("things", { _id: "0" });
    const costs: Record<string, readonly number[]> = {};
    const cost = async (name: string, action: () => Promise<unknown>) => {
      const { requests, billed } = await spent(server, gateway, action);
      costs[name] = [requests, billed];
    };
    const fetch = (query: object) => connection.fetchQuery("things", query);
    await cost("byId", () => fetch({ _id: "7" }));
    await cost("byIds", () => fetch({ _id: { $in: ["1", "2", "3"] } }));
    // Five documents of 60: own values, members of lists, and what is longer than an index keeps.
    await cost("byValue", () => fetch({ team: 3 }));
    await cost("firstTen", () => fetch({ $sort: { at: -1 }, $limit: 10 }));
    const ofValue = await connection.subscribeQuery("things", { team: 3 });
    // What changes is heard: nothing is read, whether a document of the result changes or leaves it. Only when the
    // stream begins, which may be while the first changes are made, is the journal read once.
    const live: number[] = [];
    for (const leaving of ["15", "27", "39"]) {
      const left = ofValue.ids.length - 1;
      const { requests } = await spent(server, gateway, async () => {
        await documents.submit("things", "3", { op: [{ p: ["text"], oi: leaving }] });
        await documents.submit("things", leaving, { op: [{ p: ["team"], na: 1 }] });
        await eventually("it is told", () => ofValue.ids.length === left);
      });
      live.push(requests);
    }
    deepStrictEqual(live.toSorted().slice(0, 2), [2, 2], "one for each operation");
    deepStrictEqual(costs, {
      byId: [1, 2],
      byIds: [1, 4],
      byValue: [4, 9],
      firstTen: [4, 15],
    });
  },
);

redisTest(
  "live queries of two servers on one Redis tell what the other one's clients do",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server, { isStrict: true });
    const { url, token } = gateway;
    await using here = documentsOn(url, token, 3);
    await using there = documentsOn(url, token, 3);
    await using reader = here.connect();
    await using writer = there.connect();
    for (let at = 0; at < 20; at++) {
      await there.submit("things", `${at}`, { create: { data: { team: at % 3, at } } });
    }
    const newest = await reader.subscribeQuery("things", { team: 1, $sort: { at: -1 }, $limit: 3 });
    const count = await reader.subscribeQuery("things", { team: { $in: [1, 2] }, $count: true });
    deepStrictEqual([newest.ids, count.extra], [["19", "16", "13"], 13]);
    const doc = writer.get("things", "0");
    await doc.fetch();
    await doc.submit([{ p: ["team"], na: 1 }, { p: ["at"], na: 100 }]);
    await eventually("it comes", () => newest.ids[0] === "0" && count.extra === 14);
    await writer.get("things", "new").create({ team: [1, 7], at: 50 });
    await eventually("one in two teams comes", () => newest.ids.join() === "0,new,19");
    await doc.del();
    await eventually("it goes", () => newest.ids.join() === "new,19,16" && count.extra === 14);
    await doc.create({ team: 1, at: [1, 300] });
    await eventually("it comes back", () => newest.ids.join() === "0,new,19");
    deepStrictEqual((await reader.fetchQuery("things", newest.query)).ids, ["0", "new", "19"]);
  },
);

redisTest(
  "a query on Redis that no declared index answers is refused by the names of its fields",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server);
    await using documents = documentsOn(gateway.url, gateway.token, 1);
    await using connection = documents.connect();
    const unindexed = { code: "ERR_NOT_INDEXED", message: /: text, other$/ };
    await rejects(connection.fetchQuery("things", { text: 1, other: { $gt: 1 } }), unindexed);
    await rejects(connection.subscribeQuery("others", {}), { code: "ERR_NOT_INDEXED" });
    deepStrictEqual((await connection.subscribeQuery("things", { team: 1 })).ids, []);
  },
);
