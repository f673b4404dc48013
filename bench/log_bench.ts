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

/** All tables. */
export async function bench(): Promise<readonly Table[]> {
  await using server = await startRedis();
  await using gateway = await startGatewayProgram(server);
  const backend = redis({ url: gateway.url, token: BENCH_TOKEN });
  const log = createLog<typeof EVENT>(backend, { name: "orders", bytesMax: 100_000_000 });
  const batch = Array.from({ length: BATCH }, () => EVENT);
  const bare = () => backend.client.command(["PING"], { effect: "read" });
  const tables: Table[] = [];
  for (const inFlight of [1, 16]) {
    const table = await compare(
      `Appending 256 bytes on Redis through one gateway, ${inFlight} in flight`,
      {
        "the log, one entry at a time": () => log.append([EVENT]),
        "a bare request (PING) by the same client": bare,
      },
      { inFlight, rounds: 5, roundMs: 500 },
    );
    const many = await compare("", {
      many: () => log.append(batch).catch(() => clear(log)),
    }, { inFlight, rounds: 5, roundMs: 500, opsPerCall: BATCH });
    tables.push(withRatios(table, many.rows[0]));
    await clear(log);
  }
  return [...tables, await inMemory(batch)];
}

/** Makes room, so that no round meets the log's bound. */
async function clear(log: ReturnType<typeof createLog<typeof EVENT>>): Promise<void> {
  const { head } = await log.state();
  await log.trim({ upTo: head, isForced: true });
}

function withRatios(table: Table, many: Row | undefined): Table {
  const [one, bare] = table.rows;
  if (one === undefined || bare === undefined || many === undefined) return table;
  const share = (one.value / bare.value * 100).toFixed(0);
  const times = (many.value / bare.value).toFixed(1);
  return {
    ...table,
    unit: "entries/s",
    rows: [
      { ...one, note: `${share} % of the bare requests, at least 60 % wanted` },
      {
        name: `the log, ${BATCH} entries at a time`,
        value: many.value,
        note: `${times} times the bare requests, at least 25 wanted`,
      },
      bare,
    ],
  };
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
