/**
 * A process of its own that appends to a shared log: `deno run -A race_program.ts url token who`.
 *
 * It appends plainly, and counts by reading and expecting. Prints how many plain events were acknowledged.
 *
 * @module
 */
// deno-lint-ignore-file no-console

import { redis } from "../../../adapters/redis/mod.ts";
import { HoldfastError } from "../../../src/errors.ts";
import { createLog, foldState, type Log } from "../../../src/log/mod.ts";

/** How many plain events each process appends. */
export const PLAIN = 60;
/** How often each process counts. */
export const COUNTS = 25;

/** What the processes write: a plain event, or the next number of a counter. */
export type RaceEvent = { readonly who: string; readonly at: number } | { readonly count: number };

if (import.meta.main) {
  const [url = "", token = "", who = ""] = Deno.args;
  const log = createLog<RaceEvent>(redis({ url, token }), { name: "race" });
  const plain = Array.from({ length: PLAIN }, (_, at) => log.append([{ who, at }]));
  await Promise.all([...plain, countUp(log)]);
  console.log(PLAIN);
}

async function countUp(log: Log<RaceEvent>): Promise<void> {
  const fold = {
    initial: 0,
    reduce: (count: number, { event }: { event: RaceEvent }) =>
      "count" in event ? event.count : count,
  };
  for (let counts = 0; counts < COUNTS;) {
    const { state, position } = await foldState(log, fold);
    try {
      await log.append([{ count: state + 1 }], { expect: position });
      counts++;
    } catch (error) {
      // Somebody was faster; anything else passes through.
      if (!HoldfastError.is(error, "ERR_CONFLICT")) throw error;
    }
  }
}
