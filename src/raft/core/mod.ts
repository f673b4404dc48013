/**
 * Raft's core alone, for people who bring their own loop: `@holdfast/holdfast/consensus/core`.
 *
 * Three nodes in one process, with stores that never fail:
 *
 * @example
 * ```ts
 * import { emptyState, type Input, RaftNode } from "@holdfast/holdfast/consensus/core";
 * import { seededRandom } from "@holdfast/holdfast/testing";
 * import { deepStrictEqual } from "node:assert/strict";
 *
 * const members = ["a", "b", "c"].map((id) => ({ id, incarnation: 1 }));
 * const nodes = new Map(members.map(({ id }, seed) => {
 *   const config = { id, cluster: "shop", bootstrap: members, random: seededRandom(seed) };
 *   return [id, new RaftNode(config, emptyState())];
 * }));
 * const applied: string[] = [];
 *
 * function step(id: string, input: Input): void {
 *   const ready = nodes.get(id)?.step(input);
 *   if (ready === undefined) return;
 *   // A real loop waits for its store here; this one has stored everything at once.
 *   for (const { sequence } of ready.writes) step(id, { kind: "stored", sequence });
 *   for (const entry of ready.committed) {
 *     if (entry.kind === "command") applied.push(`${id}: ${new TextDecoder().decode(entry.data)}`);
 *     step(id, { kind: "applied", index: entry.index });
 *   }
 *   for (const message of [...ready.messages, ...ready.messagesAfterStored]) {
 *     step(message.to, { kind: "message", message });
 *   }
 * }
 *
 * for (let ms = 0; ms < 2_000; ms += 50) step("a", { kind: "tick", nowMs: ms, timeMs: ms });
 * step("a", { kind: "propose", commands: [{ data: new TextEncoder().encode("hello") }] });
 * deepStrictEqual(applied.sort(), ["a: hello", "b: hello", "c: hello"]);
 * ```
 *
 * @module
 */

export type { Random } from "../../random.ts";
export type { LeaseReads, RaftConfig, RaftLimits } from "./config.ts";
export { emptyState, type HardState, type LoadedState } from "./loaded.ts";
export type { Member, Membership, NodeId } from "./membership.ts";
export * from "./message.ts";
export { RaftNode } from "./node.ts";
export * from "./ready.ts";
export type { PeerStatus, RaftStatus } from "./status.ts";
export * from "../sessions.ts";
