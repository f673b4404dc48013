/**
 * npm's living Raft package, three nodes in one process with stores in memory.
 *
 * @module
 */

import LifeRaft from "npm:@markwylde/liferaft@1.4.0";
import LifeRaftLog from "npm:@markwylde/liferaft@1.4.0/log.js";
import memdown from "npm:memdown@6.1.1";

/** Commands that the peer gets: few, for it is slow, and waits for those that it loses. */
export const PEER_COMMANDS = 512;

const LEADER = 1;

type Reply = (error: unknown, data: unknown) => void;
// deno-lint-ignore no-explicit-any -- the package has no types
type Constructor = new (address: string, options: unknown) => any;

/** The peer: commands committed a second, and how many were proposed and never committed. */
export async function liferaft(
  concurrent: number,
  commandBytes: number,
): Promise<{ readonly rate: number; readonly lost: number }> {
  // deno-lint-ignore no-explicit-any -- the package has no types
  const nodes: any[] = [];

  const write = function (this: { address: string }, packet: unknown, reply: Reply): void {
    const target = nodes.find((node) => node.address === this.address);
    queueMicrotask(() => target?.emit("data", packet, (data: unknown) => reply(undefined, data)));
  };
  for (const address of ["a", "b", "c"]) {
    const timing = { "election min": 500, "election max": 900, heartbeat: 100 };
    const options = { Log: LifeRaftLog, adapter: memdown, path: address, write, ...timing };
    nodes.push(new (LifeRaft as unknown as Constructor)(address, options)); // no types there
  }
  for (const node of nodes) {
    for (const other of nodes) if (other !== node) node.join(other.address, write);
  }
  const leader = await waitFor(() => nodes.find((node) => node.state === LEADER), 5_000);
  const committed = new Set<number>();
  const began = performance.now();
  let lastMs = began;
  leader.on("commit", ({ id }: { readonly id: number }) => {
    committed.add(id);
    lastMs = performance.now();
  });
  for (let sent = 0; sent < PEER_COMMANDS; sent += concurrent) {
    const ids = Array.from({ length: concurrent }, (_, at) => sent + at);
    for (const id of ids) {
      leader.command({ id, data: "x".repeat(commandBytes) }).catch(() => {}); // refused: lost as well
    }
    const isDone = () => ids.every((id) => committed.has(id));
    await waitFor(isDone, 300).catch(() => {}); // lost ones never come
  }
  for (const node of nodes) node.end();
  const rate = committed.size / (lastMs - began) * 1000;
  return { rate, lost: PEER_COMMANDS - committed.size };
}

/** Polls, for at most so long. */
async function waitFor<Value>(look: () => Value, maxMs: number): Promise<Value> {
  const untilMs = performance.now() + maxMs;
  for (let found = look();; found = look()) {
    if (found) return found;
    if (performance.now() > untilMs) throw new Error("waited for too long");
    await new Promise((resolve) => setTimeout(resolve));
  }
}
