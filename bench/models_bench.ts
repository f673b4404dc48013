/**
 * Models beside what their users would write without them: in memory a bare `Map` with the same duties and unstorage's
 * memory driver; on Redis the four commands of the ancestor, through the same gateway, and redis-om's save over TCP.
 *
 * What the issue asks for stands beside the figures: in memory a quarter of the bare Map's creates, on Redis twice the
 * ancestor's creates and at most its time in the server.
 *
 * @module
 */

import { createModel, defineModel, type Model } from "../src/models/mod.ts";
import { memory } from "../adapters/memory/mod.ts";
import { redis } from "../adapters/redis/mod.ts";
import type { RedisClient } from "../adapters/redis/client.ts";
import { startGateway } from "../tests/support/redis/gateway.ts";
import { type RedisServer, startRedis } from "../tests/support/redis/server.ts";
import { compare, figures, peer, quantile, type Table } from "./harness.ts";
import { createClient } from "npm:redis@^6.3.1";
import { Repository, Schema as OmSchema } from "redis-om";
import { createStorage } from "unstorage";
import { z } from "zod";

const schema = z.object({ email: z.string(), team: z.number(), bio: z.string() });
const User = defineModel({ key: "user", schema, unique: ["email"], index: ["team"] });
const BIO = "x".repeat(150);

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  return [await creationsInMemory(), ...await onRedis()];
}

/** A record as the tables create it; about 225 bytes of JSON. */
function input(index: number): { email: string; team: number; bio: string } {
  return { email: `user${index}@example.org`, team: index % 1_000, bio: BIO };
}

async function creationsInMemory(): Promise<Table> {
  const title = "Creating in memory, one unique field, one index, one listener";
  return await compare(title, {
    "Holdfast": renewed(watchedModel, (users, record) => users.create(record)),
    "a bare Map with the same duties": renewed(bareMap, (bare, record) => bare.create(record)),
    [`${peer("unstorage")} (no schema, unique field or index)`]: renewed(
      () => createStorage(),
      (storage, record) => storage.setItem(record.email, record),
    ),
  }, { rounds: 9 });
}

/** How many records a store in memory gets before the next one takes its place, so that no heap grows without end. */
const STORED_MAX = 50_000;

/** An operation that creates the next record. */
function renewed<Store>(
  make: () => Store,
  create: (store: Store, record: ReturnType<typeof input>) => unknown,
): () => unknown {
  let store = make();
  let next = 0;
  return () => {
    if (++next % STORED_MAX === 0) store = make();
    return create(store, input(next));
  };
}

function watchedModel(): Model<NonNullable<(typeof User)["types"]>> {
  const users = createModel(memory(), User);
  users.on("write", () => {});
  return users;
}

/** What one writes by hand: check, copy, two maps, an index that can be walked in order, a journal, listeners. */
function bareMap(): { create(record: ReturnType<typeof input>): object } {
  const records = new Map<number, string>();
  const byEmail = new Map<string, number>();
  const byTeam = new Map<number, Set<number>>();
  const teams: number[] = [];
  let journal: { index: number; id: number; text: string }[] = [];
  const listeners = [(_change: object) => {}];
  let last = 0;
  const idsOf = (team: number): Set<number> => {
    const known = byTeam.get(team);
    if (known !== undefined) return known;
    const ids = new Set<number>();
    const at = teams.findIndex((other) => other > team);
    teams.splice(at < 0 ? teams.length : at, 0, team);
    byTeam.set(team, ids);
    return ids;
  };
  return {
    create(record) {
      const checked = schema.parse(record);
      const email = checked.email.toLowerCase();
      if (byEmail.has(email)) throw new Error("taken");
      const id = ++last;
      const text = JSON.stringify({ id, ...checked, $version: id });
      records.set(id, text);
      byEmail.set(email, id);
      idsOf(checked.team).add(id);
      journal.push({ index: id, id, text });
      if (journal.length > 20_000) journal = journal.slice(10_000);
      const created = JSON.parse(text);
      for (const listener of listeners) listener(created);
      return created;
    },
  };
}

async function onRedis(): Promise<readonly Table[]> {
  await using server = await startRedis();
  await using gateway = await startGateway(server);
  const { url, token } = gateway;
  const backend = redis({ url, token });
  const users = createModel(backend, User);
  const plain = createModel(
    backend,
    defineModel({ key: "plain", schema, unique: ["email"], journal: false }),
  );
  let next = 0;
  const create = (): Promise<unknown> => users.create(input(next++));
  const seed = (): Promise<void> => seedCreate(backend.client, input(next++));
  const raced = await compare("Creating on Redis through one gateway, 16 in flight", {
    "Holdfast": create,
    "the ancestor's four commands": seed,
  }, { inFlight: 16, rounds: 5, roundMs: 500 });
  const reads = await compare("Reading on Redis through one gateway, 16 in flight", {
    "get": (index) => users.get(index % 1_000 + 1),
    "getByUnique": (index) => users.getByUnique("email", `user${index % 100}@example.org`),
    "find, 50 of a team": (index) => users.find({ team: index % 1_000 }, { limit: 50 }),
  }, { inFlight: 16, rounds: 3, roundMs: 300 });
  const server_ = figures("Time in the server of one create (INFO commandstats)", "µs", {
    "Holdfast: unique field, index, journal": await serverTime(server, create),
    "Holdfast: unique field, no journal": await serverTime(
      server,
      () => plain.create(input(next++)),
    ),
    "the ancestor's four commands": await serverTime(server, seed),
  });
  return [raced, await savingByRedisOm(server), reads, server_];
}

/** For the record: no gateway between, no unique field, no index, no journal; those need modules of Redis. */
async function savingByRedisOm(server: RedisServer): Promise<Table> {
  const client = createClient({ url: server.url });
  await client.connect();
  const fields = { email: { type: "string" }, team: { type: "number" }, bio: { type: "string" } };
  // redis-om was made for an older version of the client, of which a save only calls hSet.
  const users = new Repository(
    new OmSchema("om", fields as never, { dataStructure: "HASH" }),
    client as never,
  );
  let next = 0;
  try {
    return await compare("Saving over TCP, 16 in flight", {
      [`${peer("redis-om")} (HASH; no unique field, index or journal)`]: () =>
        users.save(input(next++)),
    }, { inFlight: 16, rounds: 3, roundMs: 300 });
  } finally {
    client.destroy();
  }
}

/** What backbone-redis-store sends for a new model with one unique field. */
async function seedCreate(client: RedisClient, record: ReturnType<typeof input>): Promise<void> {
  const once = { effect: "once" } as const;
  const unique = `unique|seed:email|${record.email.toLowerCase()}`;
  await client.command(["MGET", unique], once);
  const id = await client.command(["INCR", "next|seed"], once);
  await client.command(["MSETNX", unique, String(id)], once);
  await client.command(["HSETNX", "seed", String(id), JSON.stringify({ ...record, id })], once);
}

/**
 * Microseconds of one operation in the server: of the commands that arrive, which contain those of their scripts. The
 * median of several rounds, as the server measures by the clock and is interrupted now and then.
 */
async function serverTime(server: RedisServer, operation: () => Promise<unknown>): Promise<number> {
  const [rounds, count] = [25, 200];
  const found: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    await server.command("CONFIG", "RESETSTAT");
    for (let at = 0; at < count; at += 50) {
      await Promise.all(Array.from({ length: 50 }, operation));
    }
    const info = String(await server.command("INFO", "commandstats"));
    // The first round loads the script.
    if (round > 0) found.push(microsOf(info) / count);
  }
  return quantile(found);
}

function microsOf(info: string): number {
  const micros = new Map(
    [...info.matchAll(/cmdstat_(\w+):calls=\d+,usec=(\d+)/g)].map(([, name, usec]) =>
      [name ?? "", Number(usec)] as const
    ),
  );
  const sum = (names: readonly string[]) =>
    names.reduce((all, name) => all + (micros.get(name) ?? 0), 0);
  return sum(["evalsha", "eval"]) || sum(["mget", "incr", "msetnx", "hsetnx"]);
}
