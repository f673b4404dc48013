/**
 * ShareDB's own suites of a client's submitting and subscribing (npm `sharedb`, `test/client`), with its real client over
 * our server. Prints a report as JSON.
 *
 * @module
 */

import { createRequire } from "node:module";
import { memory } from "../../../adapters/memory/mod.ts";
import { memoryDocumentStore } from "../../../adapters/memory/documents.ts";
import { ShimBackend } from "./backend.ts";
import { runAsProgram, runSuites } from "./runner.ts";

const require = createRequire(import.meta.url);

/** Cases that are left out, with their reasons. */
export const EXCLUSIONS: Readonly<Record<string, string>> = {
  "can create a new doc and pass options to getSnapshot":
    "spies on the arguments of a database method; rules are told who asks instead",
  "submit fails if the server is missing ops required for transforming":
    "replaces a database method; ours cannot lose operations in between (tests/src/documents)",
  "submit fails if ops returned are not the expected version":
    "replaces a database method; ours cannot lose operations in between (tests/src/documents)",
  "submits fail above the backend.maxSubmitRetries threshold":
    "makes two operations of one process race; ours stand in one queue and do not",
  "create metadata enabled does not fail when resubmitting a create op":
    "counts a reply to a socket that is closed; ours makes none (tests/src/documents has the resubmission)",
  "create no snapshot metadata available does not fail when resubmitting a create op":
    "counts a reply to a socket that is closed; ours makes none (tests/src/documents has the resubmission)",
  "returns errors if the database cannot get committed op version":
    "replaces a database method that ours has no need of",
  "does not expose op metadata in the middleware when sending missing ops":
    "looks at the missed operations in a middleware; ours are not told there at all",
  "backend.suppressPublish stops op updates":
    "commits without telling; ours tells by the journal that it commits to, so neither can be without the other",
};

// Mocha gives these to whoever declares suites.
declare const describe: (title: string, declare: () => void) => void;
declare const beforeEach: (act: (this: { backend: ShimBackend }) => void) => void;
declare const afterEach: (
  act: (this: { backend: ShimBackend }, done: () => void) => void,
) => void;

function declareSuites(): void {
  describe("client", () => {
    beforeEach(function () {
      const base = memory();
      this.backend = new ShimBackend({ ...base, documents: memoryDocumentStore(base) });
    });
    afterEach(function (done) {
      this.backend.close(done);
    });
    for (const name of ["submit", "submit-json1", "subscribe"]) {
      require(`sharedb/test/client/${name}`)();
    }
  });
}

await runAsProgram(runSuites(declareSuites, { exclusions: EXCLUSIONS }));
