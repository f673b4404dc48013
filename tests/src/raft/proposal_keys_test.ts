/**
 * Proposals with keys: applied once, whoever leads, as long as the key is known.
 *
 * @module
 */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { memoryRaftStore } from "../../../adapters/memory/raft.ts";
import type { CommandEntry } from "../../../src/raft/core/message.ts";
import { inProcess } from "../../../src/raft/mod.ts";
import { isKeyStamp, keyStamp, ProposalKeys } from "../../../src/raft/proposal_keys.ts";
import { OPEN_SESSION } from "../../../src/raft/sessions.ts";
import { mac } from "../../../src/mac.ts";
import { eventually } from "../../support/eventually.ts";
import { mapNode, startCluster } from "./nodes.ts";

const swap = { kind: "swap", key: "a", expected: 0, value: 1 } as const;

Deno.test("ConsensusNode.propose() with a key has one effect, also after another node leads", async () => {
  await using cluster = await startCluster(3);
  const leader = cluster.leader();
  const first = await leader.node.propose(swap, { key: "order 7" });
  deepStrictEqual([first.reply.done, first.isRepeat], [true, false]);
  // At once, as often as one likes, and together.
  const again = await Promise.all([1, 2].map(() => leader.node.propose(swap, { key: "order 7" })));
  for (const { reply, isRepeat } of again) deepStrictEqual([reply, isRepeat], [first.reply, true]);
  const next = cluster.nodes.find((each) => each !== leader);
  await leader.node.transfer(next?.node.url ?? "");
  await eventually("it leads", () => next?.node.status().role === "leader");
  const late = await next?.node.propose(swap, { key: "order 7" });
  deepStrictEqual([late?.reply, late?.isRepeat], [first.reply, true]);
  const other = await next?.node.propose(swap, { key: "order 8" });
  deepStrictEqual([other?.reply.done, other?.isRepeat], [false, false]);
});

Deno.test("ConsensusNode knows keys from its log and from its snapshot", async () => {
  const store = memoryRaftStore();
  const first = mapNode("local://a", inProcess(), {}, store);
  await first.node.ready();
  await first.node.propose(swap, { key: "one" });
  strictEqual(await first.node.snapshot(), true);
  await first.node.propose({ ...swap, key: "b" }, { key: "two" });
  await first.node.close();
  await using second = mapNode("local://a", inProcess(), {}, store);
  await second.node.ready();
  for (const key of ["one", "two"]) {
    strictEqual((await second.node.propose(swap, { key })).isRepeat, true, key);
  }
});

Deno.test("ConsensusNode.propose() refuses what is no key, before anything is sent", async () => {
  await using one = mapNode("local://a", inProcess());
  await one.node.ready();
  const session = { session: await one.node.openSession(), sequence: 1, acknowledged: 0 };
  const { last } = one.node.status();
  for (const key of ["", "x".repeat(1_025), 7, null, {}]) {
    await rejects(one.node.propose(swap, { key: key as never }), { code: "ERR_INVALID_ARGUMENT" });
  }
  await rejects(one.node.propose(swap, { key: "k", session }), { code: "ERR_INVALID_ARGUMENT" });
  deepStrictEqual(one.node.status().last, last);
  for (const key of ["__proto__", "constructor", "é", "\ud800"]) {
    strictEqual((await one.node.propose(swap, { key })).isRepeat, false, key);
  }
});

Deno.test("keyStamp() takes 96 bits of a digest, and is no session's", async () => {
  const stamp = keyStamp(await mac("proposal key", "order 7"));
  strictEqual(stamp.session, 0);
  strictEqual(isKeyStamp(stamp), true);
  strictEqual(isKeyStamp(OPEN_SESSION), false);
  strictEqual(isKeyStamp({ session: 3, sequence: 1, acknowledged: 0 }), false);
  deepStrictEqual(keyStamp("AAAAAAAAAAAAAAAB"), { session: 0, sequence: 1, acknowledged: 1 });
  deepStrictEqual(keyStamp("________--------"), {
    session: 0,
    sequence: 2 ** 48 - 1,
    acknowledged: 62 * ((2 ** 48 - 1) / 63),
  });
});

Deno.test("ProposalKeys ends keys by the log's time and by their number, alike after a snapshot", () => {
  const limits = { keysMax: 3, keyMs: 1_000 };
  let keys = new ProposalKeys<number>(limits);
  let executed = 0;
  const apply = (key: number, timeMs: number): boolean => {
    const data = new Uint8Array();
    const session = { session: 0, sequence: key, acknowledged: key };
    const entry: CommandEntry = { kind: "command", index: 1, term: 1, timeMs, data, session };
    const outcome = keys.apply(entry, session, () => ++executed);
    // A copy by way of a snapshot goes on alike.
    const copy = new ProposalKeys<number>(limits);
    copy.restore(JSON.parse(JSON.stringify(keys.save())));
    keys = copy;
    return outcome.kind === "executed" && outcome.isRepeat;
  };
  deepStrictEqual([apply(1, 0), apply(1, 999), apply(1, 1_000)], [false, true, false]);
  deepStrictEqual([apply(2, 1_001), apply(3, 1_002), apply(1, 1_003)], [false, false, true]);
  // A fourth ends the first; those that came later are still known.
  deepStrictEqual([apply(4, 1_004), apply(2, 1_005), apply(4, 1_005)], [false, true, true]);
  strictEqual(apply(1, 1_006), false);
  strictEqual(executed, 6);
  strictEqual(keys.save().length, 3);
  for (const bad of [{ keysMax: 0 }, { keyMs: 0 }, { keyMs: 1.5 }]) {
    throws(() => new ProposalKeys(bad), { code: "ERR_INVALID_OPTION" });
  }
});
