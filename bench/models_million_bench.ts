/**
 * A model of a million records on Redis: what they weigh, whether a key of theirs passes what Upstash takes, and what a
 * page costs wherever it lies.
 *
 * It takes some minutes and a gigabyte; `RECORDS=50000` makes a smaller one.
 *
 * @module
 */

import { redis } from "../adapters/redis/mod.ts";
import { createModel, defineModel } from "../src/models/mod.ts";
import { startGateway } from "../tests/support/redis/gateway.ts";
import { type RedisServer, startRedis } from "../tests/support/redis/server.ts";
import { figures, quantile, type Table } from "./harness.ts";
import { z } from "zod";

const RECORDS = Number(Deno.env.get("RECORDS") ?? 1_000_000);
const SHARDS = 8;
const TEAMS = 1_000;
const BATCH = 1_000;
const PAGE = 100;
const PAGES = 50;

const Person = defineModel({
  key: "person",
  schema: z.object({ email: z.string(), team: z.number(), bio: z.string() }),
  unique: ["email"],
  index: ["team"],
  shards: SHARDS,
});

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  const people = createModel(redis({ url, token }), Person);
  const started = performance.now();
  for (let from = 0; from < RECORDS; from += BATCH) {
    await people.batch((batch) => {
      for (let at = from; at < from + BATCH; at++) batch.create(input(at));
    });
  }
  const seconds = (performance.now() - started) / 1_000;
  const sizes = await keySizes(server);
  const page = async (query: Parameters<typeof people.find>[0], reverse = false) => {
    const times: number[] = [];
    for (let round = 0; round < PAGES; round++) {
      const before = performance.now();
      await people.find(query, { limit: PAGE, reverse });
      times.push(performance.now() - before);
    }
    return quantile(times);
  };
  const title = `${RECORDS.toLocaleString("en")} records of 225 bytes in ${SHARDS} shards`;
  return [
    figures(`${title}, each with a unique field and an index`, "bytes", {
      "of a record, all keys of the model together": sizes.reduce((a, b) => a + b, 0) / RECORDS,
    }),
    figures(`The largest of their ${sizes.length} keys`, "MB", {
      "100 at most, as Upstash bounds a key": Math.max(...sizes) / 1_000_000,
    }),
    figures(`${title}, written in batches of ${BATCH.toLocaleString("en")}`, "records/s", {
      "one batch after the other": RECORDS / seconds,
    }),
    figures(`A page of ${PAGE} among them, in the order of the index`, "ms", {
      "at the start": await page({ team: { gte: 0 } }),
      "in the middle": await page({ team: { gte: TEAMS / 2 } }),
      "at the end": await page({ team: { gte: 0 } }, true),
    }),
    figures(`A page of ${PAGE} among them, in the order of ids`, "ms", {
      "at the start": await page({}),
      "at the end": await page({}, true),
    }),
  ];
}

/** A record; about 225 bytes of JSON. */
function input(index: number): { email: string; team: number; bio: string } {
  return { email: `user${index}@example.org`, team: index % TEAMS, bio: "x".repeat(150) };
}

/** What each key of the server takes, in bytes. */
async function keySizes(server: RedisServer): Promise<readonly number[]> {
  const keys = await server.command("KEYS", "*");
  if (!Array.isArray(keys)) throw new Error("KEYS must answer with a list");
  const sizes: number[] = [];
  for (const key of keys) {
    sizes.push(Number(await server.command("MEMORY", "USAGE", String(key), "SAMPLES", "1000")));
  }
  return sizes;
}
