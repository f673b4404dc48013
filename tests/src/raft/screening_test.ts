import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { Message } from "../../../src/raft/core/mod.ts";
import { bytes } from "./test_node.ts";
import { type Body, entriesAfter, Lone } from "./lone.ts";

/** What a node is but for its counters: what must not change by what is dropped. */
function stateOf(node: Lone): unknown {
  const { dropped: _, ...state } = node.status;
  return { ...state, disk: node.cluster.node("n1").store.state };
}

function total(node: Lone): number {
  return Object.values(node.status.dropped).reduce((sum, count) => sum + count, 0);
}

Deno.test("RaftNode.step() drops and counts what cannot be, and changes nothing", () => {
  const append = {
    kind: "appendEntries",
    term: 3,
    prev: { index: 3, term: 2 },
    entries: [],
    commit: 1,
  } as const;
  const beat = {
    kind: "heartbeat",
    term: 3,
    committed: { index: 0, term: 0 },
    match: 0,
    round: 1,
  } as const;
  const ask = {
    kind: "requestVote",
    term: 3,
    last: { index: 3, term: 2 },
    isTransfer: false,
  } as const;
  const { membership } = new Lone().status;
  const install = {
    kind: "installSnapshot",
    term: 3,
    snapshot: { index: 5, term: 2, timeMs: 0, membership },
    offset: 0,
    data: bytes("x"),
    isLast: true,
  } as const;
  const table: readonly (readonly [reason: string, Body, Partial<Message>?])[] = [
    ["cluster", append, { cluster: "other" }],
    ["stranger", append, { to: "n2" }],
    ["stranger", append, { from: "n1" }],
    ["incarnation", append, { toIncarnation: 2 }],
    ["incarnation", append, { fromIncarnation: 0 }],
    ["stranger", { kind: "appended", term: 3, match: 2 }, { from: "n9" }],
    ["incarnation", { kind: "appended", term: 3, match: 2 }, { fromIncarnation: 2 }],
    ["stranger", { ...ask, last: { index: 2, term: 2 } }, { from: "n9" }],
    ["impossible", { ...append, term: 0 }],
    ["impossible", { ...append, term: -1 }],
    ["impossible", { ...append, term: 2 ** 53 }],
    ["impossible", { ...append, term: 3.5 }],
    ["impossible", { ...append, term: NaN }],
    ["impossible", { ...append, prev: { index: -1, term: 0 } }],
    ["impossible", { ...append, prev: { index: 0, term: 2 } }],
    ["impossible", { ...append, prev: { index: 3, term: 0 } }],
    ["impossible", { ...append, prev: { index: 3, term: 4 } }],
    ["impossible", { ...append, commit: -1 }],
    ["impossible", { ...append, entries: entriesAfter(4, 3) }],
    ["impossible", { ...append, entries: entriesAfter(3, 4) }],
    ["impossible", { ...append, entries: entriesAfter(3, 3, 2) }],
    ["impossible", { ...append, entries: [{ kind: "witnessed", index: 4, term: 3, timeMs: 0 }] }],
    ["impossible", { ...append, prev: { index: 1, term: 1 }, entries: entriesAfter(1, 3) }],
    ["impossible", { ...append, prev: { index: 2, term: 2 } }],
    ["impossible", { ...beat, committed: { index: 2, term: 1 } }],
    ["impossible", { ...beat, round: -1 }],
    ["impossible", { ...ask, last: { index: 3, term: 3 } }],
    ["impossible", { ...install, snapshot: { ...install.snapshot, index: 0, term: 0 } }],
    ["impossible", { ...install, snapshot: { ...install.snapshot, term: 4 } }],
    ["impossible", { ...install, offset: -1 }],
    ["impossible", { kind: "unknown", term: 3 } as unknown as Body], // Wrong on purpose: of a later version.
  ];
  for (const [reason, body, address] of table) {
    const n1 = new Lone({ terms: [1, 1, 2], term: 2, commit: 2 });
    n1.tick();
    const before = stateOf(n1);
    deepStrictEqual(n1.hear("n2", body, address), [], JSON.stringify(body));
    deepStrictEqual(stateOf(n1), before, JSON.stringify(body));
    const counted = Object.entries(n1.status.dropped).filter(([, count]) => count > 0);
    deepStrictEqual(counted, [[reason, 1]], JSON.stringify([body, address]));
  }
});

Deno.test("RaftNode.step() drops what a leader cannot be told", () => {
  const n1 = new Lone();
  n1.lead("n2");
  n1.acknowledge(2, "n2");
  const before = stateOf(n1);
  const dropped = total(n1);
  const { term } = n1.status;
  n1.hear("n3", { kind: "appended", term, match: 3 });
  n1.hear("n3", {
    kind: "appendEntries",
    term,
    prev: { index: 1, term: 1 },
    entries: [],
    commit: 1,
  });
  n1.hear("n3", { kind: "heartbeat", term, committed: { index: 0, term: 0 }, match: 0, round: 1 });
  deepStrictEqual([stateOf(n1), total(n1) - dropped, n1.status.dropped.impossible], [before, 3, 3]);
});

const number = fc.oneof(
  fc.integer({ min: -2, max: 8 }),
  fc.constantFrom(NaN, Infinity, 1.5, 2 ** 53),
);
const position = fc.record({ index: number, term: number });
const anything: fc.Arbitrary<Body> = fc.record({
  kind: fc.constantFrom(
    "requestPreVote",
    "preVote",
    "requestVote",
    "vote",
    "appendEntries",
    "appended",
    "appendRefused",
    "heartbeat",
    "heartbeatHeard",
    "installSnapshot",
    "snapshotProgress",
    "timeoutNow",
    "requestReadIndex",
    "readIndex",
  ),
  term: number,
  last: position,
  prev: position,
  hint: position,
  committed: position,
  snapshot: fc.record({
    index: number,
    term: number,
    timeMs: fc.constant(0),
    membership: fc.constant(new Lone().status.membership),
  }),
  entries: fc.array(
    fc.record({ kind: fc.constant("blank"), index: number, term: number, timeMs: fc.constant(0) }),
    { maxLength: 3 },
  ),
  commit: number,
  match: number,
  refused: number,
  round: number,
  index: number,
  offset: number,
  attempt: number,
  data: fc.constant(new Uint8Array(1)),
  isGranted: fc.boolean(),
  isTransfer: fc.boolean(),
  isLast: fc.boolean(),
  hasAll: fc.boolean(),
}) as unknown as fc.Arbitrary<Body>; // Hostile on purpose: the fields of all kinds with any numbers.

Deno.test("RaftNode.step() survives any messages, and never takes back term, commit or a vote", () => {
  const sender = fc.constantFrom("n2", "n3", "n9");
  const step = fc.tuple(sender, anything, fc.nat(3));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), fc.boolean(), (steps, isLeader) => {
      const n1 = new Lone({ terms: [1, 1, 2], term: 2, commit: 2 });
      if (isLeader) n1.lead("n2");
      for (const [from, body, ticks] of steps) {
        const before = n1.status;
        n1.hear(from, body);
        n1.tick(ticks);
        const { term, commit, vote } = n1.status;
        strictEqual(term >= before.term && commit >= before.commit, true);
        if (term === before.term && before.vote !== undefined) strictEqual(vote, before.vote);
      }
    }),
    { numRuns: 300 },
  );
});
