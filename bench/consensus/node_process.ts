/**
 * A follower of the benchmark's cluster, in a process of its own.
 *
 * @module
 */

import { startBenchNode } from "./nodes.ts";

if (import.meta.main) await startBenchNode(JSON.parse(Deno.args[0] ?? "{}"));
