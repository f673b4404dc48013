/**
 * A follower of the benchmark's cluster, in a process of its own.
 *
 * @module
 */

import { startBenchNode } from "./nodes.ts";

// It ends when it is killed, and what it holds with it.
if (import.meta.main) {
  await startBenchNode(JSON.parse(Deno.args[0] ?? "{}"), new AsyncDisposableStack());
}
