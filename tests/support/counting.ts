/**
 * A counter that counts each addition once, however often it arrives: the smallest write that proves its identity.
 *
 * @module
 */

import type { RedisConnection } from "../../adapters/redis/connection.ts";
import { unitPrefix } from "../../adapters/redis/keys.ts";
import type { RedisScript } from "../../adapters/redis/scripts.ts";
import { randomToken } from "../../src/random.ts";

/** Adds one, once for each token: a second arrival gets the first answer. */
export const ADD_ONCE: RedisScript = {
  keys: ["counter", "token"],
  effect: "repeatable",
  body: `
local given = redis.call('GET', KEYS[2])
if given then return {given} end
local count = string.format('%.0f', redis.call('INCR', KEYS[1]))
redis.call('SET', KEYS[2], count, 'PX', 120000)
return {count}
`,
};

/** Adds so often, with so many workers at a time. */
export async function addMany(
  connection: RedisConnection,
  count: number,
  workers: number,
): Promise<{ results: string[]; failures: unknown[] }> {
  const prefix = unitPrefix(connection.namespace, "test", "counter");
  const results: string[] = [];
  const failures: unknown[] = [];
  let left = count;
  const work = async (): Promise<void> => {
    while (left-- > 0) {
      const keys = [`${prefix}counter`, `${prefix}token:${randomToken(connection.random)}`];
      await connection.client.run(ADD_ONCE, { keys, args: [] }).then(
        (answer) => results.push(String(answer)),
        (error) => failures.push(error),
      );
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { results, failures };
}
