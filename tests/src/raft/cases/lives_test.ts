/** A store's later life is not what its earlier one was. */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { seededRandom } from "../../../../src/random.ts";
import { emptyState, type Entry, type Input, RaftNode } from "../../../../src/raft/core/mod.ts";

Deno.test("A later life that reads in its log that an earlier one was the only voter does not lead", () => {
  const membership = { voters: [{ id: "n1", incarnation: 1 }], outgoing: [], learners: [] };
  const entry: Entry = { kind: "membership", index: 1, term: 1, timeMs: 0, membership };
  const loaded = {
    ...emptyState(),
    hardState: { term: 1, vote: undefined },
    entries: [entry],
    commit: 1,
  };
  const roles = (incarnation: number): readonly string[] => {
    const config = { id: "n1", cluster: "c", incarnation, random: seededRandom(1) };
    const node = new RaftNode(config, loaded);
    const seen: string[] = [];
    const step = (input: Input) => {
      const { writes, storedThrough } = node.step(input);
      if (writes.length > 0) step({ kind: "stored", sequence: storedThrough });
      seen.push(node.status().role);
    };
    for (let ms = 0; ms < 100; ms++) step({ kind: "tick", nowMs: ms, timeMs: ms });
    return [...new Set(seen)];
  };
  deepStrictEqual(roles(2), ["follower"]);
  strictEqual(roles(1).at(-1), "leader");
});
