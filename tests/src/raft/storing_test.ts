/**
 * A node's writes while its store does not answer.
 *
 * @module
 */

import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import { seededRandom } from "../../../src/random.ts";
import type { Message } from "../../../src/raft/core/message.ts";
import { ATTESTING_MAX, Storing } from "../../../src/raft/storing.ts";
import { manualClock, settle } from "../../contracts/manual_clock.ts";

Deno.test("Storing keeps a bounded number of messages for a store that does not answer, the newest", async () => {
  const store = memoryRaftStore();
  const node = { namespace: "raft", id: "local://a" };
  const { epoch } = await store.open(node, { owner: "o", incarnation: 1, bytesMax: 1 });
  const sent: Message[] = [];
  const stored: number[] = [];
  const never = (): void => {
    throw new Error("not expected");
  };
  const storing = new Storing({
    store,
    node,
    owner: "o",
    epoch,
    clock: manualClock(),
    random: seededRandom(1),
    retry: { firstMs: 10, ceilingMs: 10 },
    send: (message) => void sent.push(message),
    events: {
      stored: (sequence) => void stored.push(sequence),
      published: never,
      lost: never,
      refused: never,
      failed: never,
    },
  });
  const to = { cluster: "raft", from: "local://a", fromIncarnation: 1, to: "local://b" } as const;
  const appended = (match: number): Message => {
    return { kind: "appended", ...to, toIncarnation: 1, term: 1, match };
  };
  store.hold();
  storing.write([{
    kind: "save",
    sequence: 1,
    hardState: { term: 1, vote: undefined },
    commit: 0,
    append: undefined,
  }]);
  for (let match = 1; match <= ATTESTING_MAX + 10; match++) {
    storing.sendOnceStored(1, [appended(match)]);
  }
  await settle();
  strictEqual(sent.length, 0);
  store.sync();
  await storing.drained();
  deepStrictEqual(stored, [1]);
  strictEqual(sent.length, ATTESTING_MAX);
  deepStrictEqual(sent.at(-1), appended(ATTESTING_MAX + 10));
});
