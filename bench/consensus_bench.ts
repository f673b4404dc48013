/**
 * Consensus in one process: what the core does with three nodes and 256-byte commands, against the ceiling of the very
 * same messages passed through bare arrays, and against npm's living Raft package.
 *
 * Stores here take everything at once, so this measures the protocol alone. The core is to reach 6 % of the ceiling one
 * command at a time, and 13 % in batches of 128; etcd/raft's core in Go does about 149,000 and 1,040,000 a second on two
 * shared cores.
 *
 * @module
 */

import type { Command } from "../src/raft/core/mod.ts";
import { runSeed } from "../tests/simulation/simulation.ts";
import { BareEngine, CoreEngine, type Engine } from "./consensus/engines.ts";
import { startEtcd } from "./consensus/etcd.ts";
import { liferaft, PEER_COMMANDS } from "./consensus/liferaft.ts";
import { startBenchCluster } from "./consensus/nodes.ts";
import { compare, figures, peer, type Table } from "./harness.ts";

const COMMAND_BYTES = 256;
const BATCHES = [1, 16, 128];
const CORE = "Holdfast, three cores";
const BARE = "the same messages through bare arrays";

/** Measures the core. */
export async function bench(): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const batch of BATCHES) {
    const title = `Commands committed by three nodes, ${batch} at a time`;
    const options = { opsPerCall: batch };
    const engines = { [CORE]: new CoreEngine(), [BARE]: new BareEngine() };
    tables.push(
      await compare(title, each(engines, (engine) => committing(engine, batch)), options),
    );
    tables.push(
      await compare(
        `${title}, each with a promise`,
        each(engines, (engine) => promising(engine, batch)),
        options,
      ),
    );
  }
  tables.push(figures("Share of the ceiling", "%", sharesOf(tables)));
  tables.push(figures("Memory of a log entry beside its command", "bytes", {
    "Holdfast": await bytesPerEntry(),
  }));
  tables.push(figures("The simulator, with every invariant after each event", "events/s", {
    "three to five nodes, faults, clients": Math.round(simulatorRate()),
  }));
  return [...tables, ...await peerTables(), ...await clusterTables()];
}

/**
 * Three real processes over TCP next to three etcd-servers, at several proposals at once. Ours keeps its log in memory, or
 * in a Redis per node that does not sync; etcd syncs its disk. Ours is asked in the leader's own process, as a library is;
 * etcd through its JSON gateway.
 */
async function clusterTables(): Promise<readonly Table[]> {
  await using etcd = await startEtcd();
  const value = "x".repeat(COMMAND_BYTES);
  const command = new TextEncoder().encode(value);
  const tables: Table[] = [];
  const rates = new Map<string, number[]>();
  for (const store of ["memory", "redis"] as const) {
    await using cluster = await startBenchCluster(store);
    const name = store === "memory" ? "Holdfast, in memory" : "Holdfast, a Redis per node";
    for (const inFlight of BATCHES) {
      const rows = {
        [name]: () => cluster.leader.propose(command),
        ...(etcd === undefined ? {} : { [etcd.name]: (at: number) => etcd.put(`k${at}`, value) }),
      };
      const options = { inFlight, roundMs: 400, rounds: 5 };
      const title = `Writes committed by three processes, ${inFlight} at once, ${store}`;
      const table = await compare(title, rows, options);
      tables.push(table);
      rates.set(`${store}, ${inFlight} at once`, table.rows.map((row) => row.value));
    }
  }
  const times = [...rates].map(([name, [ours = 0, etcds = NaN]]) => [name, ours / etcds] as const);
  const shown = times.map(([name, ratio]) => [name, Math.round(ratio * 10) / 10] as const);
  return [...tables, figures("Times etcd's writes a second", "times", Object.fromEntries(shown))];
}

/** Commits a batch with every call. */
function committing(engine: Engine, batch: number): () => void {
  const commands = commandsOf(batch);
  return () => {
    engine.onCommit = undefined;
    engine.propose(commands);
    engine.pump();
  };
}

/** Commits a batch with every call, each command with a promise of its own. */
function promising(engine: Engine, batch: number): () => Promise<unknown> {
  const commands = commandsOf(batch);
  const waiting: (() => void)[] = [];
  const onCommit = (count: number) => {
    for (const resolve of waiting.splice(0, count)) resolve();
  };
  return () => {
    engine.onCommit = onCommit;
    const promises = commands.map(() => new Promise<void>((resolve) => waiting.push(resolve)));
    engine.propose(commands);
    engine.pump();
    return Promise.all(promises);
  };
}

function each<From, To>(
  of: Readonly<Record<string, From>>,
  make: (from: From) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(of).map(([name, value]) => [name, make(value)]));
}

function sharesOf(tables: readonly Table[]): Record<string, number> {
  return Object.fromEntries(tables.map(({ title, rows }) => {
    const [core, bare] = rows;
    const share = 100 * (core?.value ?? NaN) / (bare?.value ?? NaN);
    return [title.replace("Commands committed by three nodes, ", ""), Math.round(10 * share) / 10];
  }));
}

function commandsOf(count: number): readonly Command[] {
  return Array.from({ length: count }, () => ({ data: new Uint8Array(COMMAND_BYTES) }));
}

/** What an entry costs in memory, measured by a process that may collect its garbage when it likes. */
async function bytesPerEntry(): Promise<number> {
  const program = new URL("./consensus/memory.ts", import.meta.url).href;
  const args = ["run", "-A", "--no-check", "--v8-flags=--expose-gc", program];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return Number(new TextDecoder().decode(stdout));
}

function simulatorRate(): number {
  const began = performance.now();
  let events = 0;
  for (let seed = 1; seed <= 20; seed++) events += runSeed(seed).events;
  return events / (performance.now() - began) * 1000;
}

async function peerTables(): Promise<readonly Table[]> {
  const rates: Record<string, number> = {};
  const lost: Record<string, number> = {};
  for (const concurrent of BATCHES) {
    const name = `${peer("@markwylde/liferaft")}, ${concurrent} at once`;
    const found = await liferaft(concurrent, COMMAND_BYTES);
    rates[name] = Math.round(found.rate);
    lost[name] = found.lost;
  }
  return [
    figures("A peer: commands committed by three nodes", "ops/s", rates),
    figures(`A peer: never committed, of ${PEER_COMMANDS} commands`, "commands", lost),
  ];
}
