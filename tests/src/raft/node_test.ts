import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { HoldfastError, InvariantError } from "../../../src/errors.ts";
import { seededRandom } from "../../../src/random.ts";
import {
  emptyState,
  type LoadedState,
  type RaftConfig,
  RaftNode,
} from "../../../src/raft/core/mod.ts";
import { disk, Lone } from "./lone.ts";

const GOOD: RaftConfig = {
  id: "n1",
  cluster: "test",
  bootstrap: [{ id: "n1", incarnation: 1 }, { id: "n2", incarnation: 1 }],
  random: seededRandom(1),
};

Deno.test("RaftNode() refuses a configuration that cannot work", () => {
  const table: readonly Partial<Record<keyof RaftConfig, unknown>>[] = [
    { id: "" },
    { id: 7 },
    { cluster: "" },
    { incarnation: 0 },
    { incarnation: 1.5 },
    { bootstrap: [] },
    { bootstrap: [{ id: "n2", incarnation: 1 }] },
    { bootstrap: [{ id: "n1", incarnation: 2 }] },
    { bootstrap: [{ id: "n1", incarnation: 1 }, { id: "n1", incarnation: 1 }] },
    { bootstrap: [{ id: "n1", incarnation: 1, isWitness: true }] },
    { isWitness: true },
    { heartbeatTicks: 0 },
    { electionTicks: 2 },
    { electionTicks: 14, heartbeatTicks: 5 },
    { electionTicks: Infinity },
    { electionRank: -1 },
    { random: undefined },
    { limits: { readsMax: 0 } },
    { limits: { messageBytesMax: -1 } },
    { limits: { messageEntriesMax: NaN } },
    { limits: { unknown: 1 } },
    { leaseReads: { tickMs: 50, driftMax: 0.1 } },
    { leaseReads: { tickMs: 50, driftMax: 1 }, isStoreExclusive: true },
    { leaseReads: { tickMs: 0, driftMax: 0.1 }, isStoreExclusive: true },
    { unknown: 1 } as Partial<Record<keyof RaftConfig, unknown>>,
  ];
  for (const wrong of table) {
    // Wrong on purpose: what a caller without types may pass.
    const config = { ...GOOD, ...wrong } as RaftConfig;
    throws(
      () => new RaftNode(config, emptyState()),
      { code: "ERR_INVALID_OPTION" },
      JSON.stringify(wrong),
    );
  }
});

Deno.test("RaftNode() refuses a store that has less than it must have", () => {
  const whole = disk({ terms: [1, 1, 2], term: 2, commit: 2 }).state;
  const membership = { voters: [{ id: "n1", incarnation: 1 }], outgoing: [], learners: [] };
  const snapshot = { index: 3, term: 2, timeMs: 0, membership };
  const table: readonly Partial<LoadedState>[] = [
    { commit: 4 },
    { applied: 4 },
    { hardState: { term: 1, vote: undefined } },
    { entries: whole.entries.filter(({ index }) => index !== 2) },
    { entries: [...whole.entries].reverse() },
    { base: { index: 3, term: 2 }, entries: [] },
    { snapshot: { ...snapshot, index: 9 } },
  ];
  for (const wrong of table) {
    throws(
      () => new RaftNode(GOOD, { ...whole, ...wrong }),
      { code: "ERR_STORE_REGRESSED" },
      JSON.stringify(wrong),
    );
  }
});

Deno.test("RaftNode.step() throws when its loop breaks its word, and refuses everything from then on", () => {
  const n1 = new Lone({ terms: [1, 1] });
  const { core } = n1.cluster.node("n1");
  throws(() => core.step({ kind: "applied", index: 9 }), InvariantError);
  throws(() => core.step({ kind: "tick", nowMs: 0, timeMs: 0 }), /applied what is not handed out/);
  strictEqual(core.status().stopped, "invariant");
});

Deno.test("RaftNode.step() names what is broken", () => {
  const broken = (input: Parameters<RaftNode["step"]>[0]) => () =>
    new Lone().cluster.node("n1").core.step(input);
  const snapshot = new Lone({ terms: [1, 1], commit: 2 }).cluster.node("n1").core;
  snapshot.step({ kind: "tick", nowMs: 0, timeMs: 0 });
  throws(broken({ kind: "stored", sequence: 1 }), /stored what is not written/);
  const meta = snapshot.describeSnapshot(2);
  throws(
    broken({ kind: "compacted", snapshot: meta, base: meta }),
    /compact what is not applied/,
  );
  // Wrong on purpose: an input that no type allows.
  throws(broken({ kind: "unknown" } as never), /an input has no case/);
});

Deno.test("RaftNode.step() says nothing after the store was lost, but tells who asks", () => {
  const n1 = new Lone();
  n1.cluster.step("n1", { kind: "storeLost", reason: "fenced" });
  const { events } = n1.cluster.node("n1");
  deepStrictEqual(events.at(-1), { kind: "stopped", reason: "fenced" });
  n1.cluster.step("n1", { kind: "read", id: 7 });
  deepStrictEqual(n1.cluster.propose("n1", "x"), {
    kind: "refused",
    reason: "stopped",
    leader: undefined,
  });
  deepStrictEqual(n1.cluster.node("n1").reads, [{ kind: "failed", id: 7, reason: "stopped" }]);
  deepStrictEqual(n1.tick(100), []);
});

Deno.test("RaftNode.step() gives the same answers to the same inputs", () => {
  const run = () => {
    const n1 = new Lone({ terms: [1, 1, 2], term: 2 });
    const said = [n1.tick(10), n1.lead("n2"), n1.acknowledge(4, "n2")];
    n1.propose("x");
    return JSON.stringify([said, n1.sent(), n1.status]);
  };
  strictEqual(run(), run());
});

Deno.test("Errors of the core are recognised by code", () => {
  try {
    new RaftNode({ ...GOOD, electionTicks: 1 }, emptyState());
  } catch (error) {
    strictEqual(HoldfastError.is(error, "ERR_INVALID_OPTION"), true);
    strictEqual(
      error instanceof Error && error.message,
      "Cannot make a node as electionTicks must be a whole number from 3: current value is 1",
    );
  }
});
