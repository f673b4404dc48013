/**
 * What an operation costs: requests by the gateway's count, commands by Redis' own, those inside scripts included, as
 * Upstash bills them.
 *
 * @module
 */

import type { GatewayCounters } from "../../../adapters/gateway/mod.ts";
import type { RedisServer } from "./server.ts";

/** What was spent. */
export interface Spent {
  /** HTTP requests that reached the gateway. */
  readonly requests: number;
  /** Billed commands, by lower-case name. */
  readonly commands: Readonly<Record<string, number>>;
  /** All of them together. */
  readonly billed: number;
}

/** Spends, and says what. Nothing else may use the server meanwhile. */
export async function spent(
  redis: RedisServer,
  gateway: { counters(): GatewayCounters },
  action: () => Promise<unknown>,
): Promise<Spent> {
  const before = await commandCounts(redis);
  const requests = gateway.counters().requests;
  await action();
  const after = await commandCounts(redis);
  const commands: Record<string, number> = {};
  for (const [name, count] of after) {
    const more = count - (before.get(name) ?? 0);
    if (more > 0) commands[name] = more;
  }
  const billed = Object.values(commands).reduce((sum, count) => sum + count, 0);
  return { requests: gateway.counters().requests - requests, commands, billed };
}

async function commandCounts(redis: RedisServer): Promise<Map<string, number>> {
  const info = String(await redis.command("INFO", "commandstats"));
  const counts = new Map<string, number>();
  for (const [, name = "", calls] of info.matchAll(/cmdstat_([\w|-]+):calls=(\d+)/g)) {
    // The look itself.
    if (name !== "info") counts.set(name, Number(calls));
  }
  return counts;
}
