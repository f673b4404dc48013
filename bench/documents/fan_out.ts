/**
 * One operation to 1,000 subscribers, and what a connection and a subscription cost in memory: our server beside npm
 * `sharedb`'s.
 *
 * @module
 */

import { compare, figures, peer, type Table } from "../harness.ts";
import { otherCrowd, ownCrowd } from "./sockets.ts";

const SUBSCRIBERS = 1_000;

/** Deliveries a second, and bytes of heap. */
export async function fanOut(): Promise<readonly Table[]> {
  const [own, other] = [await ownCrowd(), await otherCrowd()];
  for (const crowd of [own, other]) {
    await crowd.connect(SUBSCRIBERS);
    await crowd.subscribe();
  }
  const deliveries = await compare(
    `Deliveries of an operation to ${SUBSCRIBERS.toLocaleString("en")} subscribers`,
    { "Holdfast": () => own.vote(), [peer("sharedb")]: () => other.vote() },
    { opsPerCall: SUBSCRIBERS, inFlight: 1, rounds: 5, roundMs: 400 },
  );
  for (const crowd of [own, other]) await crowd.close();
  return [deliveries, ...await heaps()];
}

async function heaps(): Promise<readonly Table[]> {
  const [own, other] = [await heapOf("own"), await heapOf("other")];
  return (["connection", "subscription"] as const).map((what) =>
    figures(`Heap of a ${what} on the server`, "bytes", {
      "Holdfast": own[what],
      [peer("sharedb")]: other[what],
    })
  );
}

/** What a process of its own finds, whose heap nobody else uses. */
async function heapOf(which: string): Promise<{ connection: number; subscription: number }> {
  const program = new URL("heap.ts", import.meta.url).pathname;
  const args = ["run", "-A", "--no-check", "--v8-flags=--expose-gc", program, which];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
  return JSON.parse(new TextDecoder().decode(stdout).trim());
}
