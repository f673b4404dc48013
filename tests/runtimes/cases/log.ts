/**
 * A log, what follows from it, and its client, made at module scope.
 *
 * @module
 */

import { memory } from "../../../adapters/memory/mod.ts";
import { createHandler, serveLog } from "../../../src/http/mod.ts";
import { connectLog, createLog, foldState } from "../../../src/log/mod.ts";
import { equal, fails } from "../../contracts/assert.ts";
import type { Case } from "../case.ts";

const backend = memory({ isolation: "request" });
const till = createLog<number>(backend, { name: "till" });
const orders = createLog<string>(backend, { name: "orders" });
const handler = createHandler([serveLog(orders)]);
const remote = connectLog<string>("http://localhost/orders", {
  fetch: (input, init) => handler(new Request(input, init)),
});

/** Cases of `createLog`, its folds, `serveLog` and `connectLog`. */
export const logCases: readonly Case[] = [
  {
    name: "Log lets one of two append at a position, and a fold says what follows",
    run: async () => {
      const sum = {
        initial: 0,
        reduce: (all: number, { event }: { event: number }) => all + event,
      };
      await till.append([5, 7]);
      const { state, position } = await foldState(till, sum);
      equal(state, 12);
      await till.append([-10], { expect: position });
      await fails("ERR_CONFLICT", () => till.append([-10], { expect: position }));
      await till.saveSnapshot(await foldState(till, sum));
      equal((await till.loadSnapshot())?.state, 2);
    },
  },
  {
    name: "connectLog() appends once and follows a log over serveLog()",
    run: async () => {
      const stop = new AbortController();
      const tail = remote.tail({ from: "start", signal: stop.signal });
      const writer = { id: "smoke", sequence: 1 };
      equal((await remote.append(["tea"], { writer })).isRepeat, false);
      equal((await remote.append(["tea"], { writer })).isRepeat, true);
      const { last } = await remote.append(["milk"]);
      const heard = [(await tail.next()).value?.event, (await tail.next()).value?.event];
      equal(heard, ["tea", "milk"]);
      await tail.return();
      stop.abort();
      equal((await remote.read({ minIndex: last.index })).entries.length, 2);
    },
  },
];
