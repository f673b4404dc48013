/**
 * ShareDB's own suites of a client's queries and projections (npm `sharedb`, `test/client`), with its real client over
 * our server: in memory, or on Redis with the address and token of a REST front as arguments. Prints a report as JSON.
 *
 * @module
 */

import { createRequire } from "node:module";
import process from "node:process";
import { memory } from "../../../adapters/memory/mod.ts";
import { ShimBackend } from "./backend.ts";
import { freshRedis } from "./fresh_redis.ts";
import { runAsProgram, runSuites } from "./runner.ts";

const require = createRequire(import.meta.url);
const [url, token] = process.argv.slice(2);

/** Cases that are left out, with their reasons. */
export const EXCLUSIONS: Readonly<Record<string, string>> = {
  "query extra is returned to client":
    "replaces a database method; tests/src/documents/queries has what is told beside a result",
  "query extra is updated on change":
    "replaces a database method; tests/src/documents/queries has what is told beside a result",
  "does not reply if the agent is closed before the query returns":
    "looks at a ShareDB agent's stream; tests/src/documents/queries has the closed connection",
  "sends agentCustom to the db's getSnapshot call":
    "spies on the arguments of a database method; rules are told who asks instead",
  "sends agentCustom to the db's getSnapshotBulk call":
    "spies on the arguments of a database method; rules are told who asks instead",
  "returns pubSub error if fails to subscribe to channel":
    "replaces a method of ShareDB's pubsub; tests/src/documents/queries has the store that fails",
};

// Mocha gives these to whoever declares suites.
declare const describe: (title: string, declare: () => void) => void;
declare const beforeEach: (act: (this: { backend: ShimBackend }) => void) => void;
declare const afterEach: (
  act: (this: { backend: ShimBackend }, done: () => void) => void,
) => void;

/** A query of the suites in our language. */
function getQuery(
  { query, sort = [] }: { query: object; sort?: readonly (readonly [string, 1 | -1])[] },
): object {
  return sort.length === 0 ? query : { ...query, $sort: Object.fromEntries(sort) };
}

function declareSuites(): void {
  describe("client", () => {
    beforeEach(function () {
      const isInMemory = url === undefined || token === undefined;
      this.backend = new ShimBackend(isInMemory ? memory() : freshRedis(url, token));
    });
    afterEach(function (done) {
      this.backend.close(done);
    });
    for (const name of ["query", "query-subscribe", "projections"]) {
      require(`sharedb/test/client/${name}`)({ getQuery });
    }
  });
}

await runAsProgram(runSuites(declareSuites, { exclusions: EXCLUSIONS }));
