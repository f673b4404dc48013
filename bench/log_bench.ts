/**
 * The shared log on Redis beside the bare gateway that it goes through, and in memory.
 *
 * What the issue asks for stands beside the figures: at batch 1 at least 60 % of the bare requests, at batch 128 at least
 * 25 times the entries. The gateway and redis-server are processes of their own.
 *
 * @module
 */

import { memory } from "../adapters/memory/mod.ts";
import { redis } from "../adapters/redis/mod.ts";
import { createLog } from "../src/log/mod.ts";
import { startRedis } from "../tests/support/redis/server.ts";
import { compare, quantile, type Row, type Table } from "./harness.ts";
import { BENCH_TOKEN, startGatewayProgram } from "./support/programs.ts";

const EVENT = { kind: "sold", text: "x".repeat(226) };
const BATCH = 128;
const BYTES = "x".repeat(256);
const ONE = "the log, one entry at a time";
const MANY = `the log, ${BATCH} entries at a time`;
const BARE = "a bare request by the same client: SET of 256 bytes";

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  await using server = await startRedis();
  await using gateway = await startGatewayProgram(server);
  const backend = redis({ url: gateway.url, token: BENCH_TOKEN });
  const log = createLog<typeof EVENT>(backend, { name: "orders", bytesMax: 100_000_000 });
  const batch = Array.from({ length: BATCH }, () => EVENT);
  const tables: Table[] = [];
  for (const inFlight of [1, 16]) {
    const table = await compare(
      `Appending 256 bytes on Redis through one gateway, ${inFlight} in flight`,
      {
        [ONE]: () => log.append([EVENT]).catch(() => clear(log)),
        [MANY]: () => log.append(batch).catch(() => clear(log)),
        [BARE]: () => backend.client.command(["SET", "k", BYTES], { effect: "repeatable" }),
        "a bare request by the same client: PING": () =>
          backend.client.command(["PING"], { effect: "read" }),
      },
      { inFlight, rounds: 7, roundMs: 400 },
    );
    tables.push(withRatios(table));
    await clear(log);
  }
  return [...tables, await inMemory(batch)];
}

/** Makes room, so that no round meets the log's bound. */
async function clear(log: ReturnType<typeof createLog<typeof EVENT>>): Promise<void> {
  const { head } = await log.state();
  await log.trim({ upTo: head, isForced: true });
}

/** Calls as entries, and each beside the bare request that carries the same bytes as one entry. */
function withRatios(table: Table): Table {
  const bare = table.rows.find(({ name }) => name === BARE)?.value ?? NaN;
  const rows = table.rows.map((row): Row => {
    if (row.name === ONE) {
      const share = (row.value / bare * 100).toFixed(0);
      return { ...row, note: `${share} % of the bare requests, at least 60 % wanted` };
    }
    if (row.name !== MANY) return row;
    const value = row.value * BATCH;
    const times = (value / bare).toFixed(1);
    return { name: MANY, value, note: `${times} times the bare requests, at least 25 wanted` };
  });
  return { ...table, unit: "entries/s", rows };
}

async function inMemory(batch: readonly (typeof EVENT)[]): Promise<Table> {
  const one = createLog<typeof EVENT>(memory(), { name: "a", bytesMax: 100_000_000 });
  const many = createLog<typeof EVENT>(memory(), { name: "b", bytesMax: 100_000_000 });
  const rates: Record<string, number[]> = { one: [], many: [] };
  for (let round = 0; round < 5; round++) {
    rates.one?.push(await rate(() => one.append([EVENT]), 10_000, 1));
    rates.many?.push(await rate(() => many.append(batch), 300, BATCH));
    await clear(one);
    await clear(many);
  }
  return {
    title: "Appending 256 bytes in memory",
    unit: "entries/s",
    rows: [
      { name: "one entry at a time", value: quantile(rates.one ?? []) },
      { name: `${BATCH} entries at a time`, value: quantile(rates.many ?? []) },
    ],
  };
}

async function rate(append: () => Promise<unknown>, calls: number, each: number): Promise<number> {
  const startedMs = performance.now();
  for (let call = 0; call < calls; call++) await append();
  return calls * each * 1_000 / (performance.now() - startedMs);
}
