import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import * as Y from "yjs";
import { redis } from "../../../adapters/redis/mod.ts";
import { createDocuments, type Documents, journalOf } from "../../../src/documents/mod.ts";
import { openPresence } from "../../../src/documents/client/mod.ts";
import { textOf, writer, yjs } from "../../support/documents/yjs.ts";
import { eventually } from "../../support/eventually.ts";
import { spent } from "../../support/redis/budget.ts";
import { startGateway, type TestGateway } from "../../support/redis/gateway.ts";
import { redisTest } from "../../support/redis/register.ts";
import { startRedis } from "../../support/redis/server.ts";

const SECRET = "a secret of the tests";
const KIND = { kind: "updates" } as const;

function backendOn({ url, token }: TestGateway) {
  return redis({ url, token });
}

function on(gateway: TestGateway): Documents {
  return createDocuments(backendOn(gateway), { types: [yjs], secret: SECRET });
}

redisTest(
  "Documents of updates cost one request a push, also where two processes push",
  async () => {
    await using server = await startRedis();
    await using gateway = await startGateway(server, { isStrict: true });
    await using one = on(gateway);
    await using other = on(gateway);
    const [first, second] = [one, other].map((documents) => documents.updates("drawings", "1"));
    const [author, rival] = [writer(), writer()];
    await first?.push(author.insert(0, "a"));
    await second?.push(rival.insert(0, "b"));
    const { requests } = await spent(server, gateway, async () => {
      for (let n = 0; n < 20; n++) {
        await Promise.all([
          first?.push(author.insert(0, "a")),
          second?.push(rival.insert(0, "b")),
        ]);
      }
    });
    strictEqual(requests, 40);
    const text = textOf(await first?.read());
    deepStrictEqual([text.length, text.replaceAll("a", "").length], [42, 21]);
  },
);

redisTest("UpdatesDoc of two servers hear each other, and who is there", async () => {
  await using server = await startRedis();
  await using gateway = await startGateway(server, { isStrict: true });
  await using one = on(gateway);
  await using other = on(gateway);
  const connections = [one.connect(), other.connect()];
  const seats = await Promise.all(connections.map(async (connection) => {
    const own = writer();
    const drawing = connection.get("drawings", "1", KIND);
    drawing.on("update", ({ update }) => Y.applyUpdate(own.doc, update, "others"));
    await drawing.subscribe();
    return { own, drawing, text: () => own.doc.getText("text").toString() };
  }));
  await Promise.all(seats.map(async ({ own, drawing }, at) => {
    for (let n = 0; n < 10; n++) await drawing.push(own.insert(0, String(at)));
  }));
  await eventually("both have all", () => seats.every(({ text }) => text().length === 20));
  strictEqual(seats[0]?.text(), seats[1]?.text());
  const rooms = seats.map(({ drawing }, at) => {
    const connection = connections[at] ?? one.connect();
    return openPresence(connection, drawing.doc);
  });
  await rooms[1]?.join();
  rooms[0]?.set("cursor", { at: 3 });
  await eventually("the other sees it", () => rooms[1]?.others.size === 1);
  deepStrictEqual([...rooms[1]?.others.values() ?? []], [{ at: 3 }]);
  rooms[0]?.leave();
  await eventually("he is gone", () => rooms[1]?.others.size === 0);
  for (const connection of connections) connection.close();
  await eventually("nobody listens any more", () => gateway.counters().streams === 0);
});

redisTest(
  "Documents of updates survive a wipe of the Redis in front of their journal",
  async () => {
    await using server = await startRedis();
    await using durable = await startRedis({ isDurable: true });
    await using gateway = await startGateway(server, { isStrict: true });
    await using behind = await startGateway(durable, { isStrict: true });
    const open = () =>
      createDocuments(
        { ...backendOn(gateway), journal: journalOf(backendOn(behind).documents) },
        { types: [yjs], secret: SECRET, keep: { snapshotEvery: 7 } },
      );
    await using one = open();
    await using other = open();
    const author = writer();
    const drawings = [one, other].map((documents) => documents.updates("drawings", "1"));
    for (let n = 0; n < 20; n++) {
      if (n % 4 === 3) await server.command("FLUSHALL");
      await drawings[n % 2]?.push(author.insert(n, "x"));
    }
    await server.command("FLUSHALL");
    const state = await other.updates("drawings", "1").read();
    strictEqual(textOf(state), "x".repeat(20));
    ok((await one.fetch("drawings", "1")).version >= 20);
  },
);
