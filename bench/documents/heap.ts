/**
 * Prints how many bytes of heap a connection and a subscription take: `own` for our server, `other` for npm `sharedb`'s.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { otherCrowd, ownCrowd } from "./sockets.ts";

const CONNECTIONS = 2_000;

async function heapBytes(): Promise<number> {
  // What was only just let go of is collected in turns of its own.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    (globalThis as { gc?: () => void }).gc?.();
  }
  return Deno.memoryUsage().heapUsed;
}

const crowd = Deno.args[0] === "own" ? await ownCrowd() : await otherCrowd();
await crowd.connect(100);
const before = await heapBytes();
await crowd.connect(CONNECTIONS);
const connected = await heapBytes();
await crowd.subscribe();
const subscribed = await heapBytes();
console.log(JSON.stringify({
  connection: Math.round((connected - before) / CONNECTIONS),
  subscription: Math.round((subscribed - connected) / (CONNECTIONS + 100)),
}));
Deno.exit(0);
