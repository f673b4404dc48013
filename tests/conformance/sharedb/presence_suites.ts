/**
 * ShareDB's own suites of presence (npm `sharedb`, `test/client/presence`), with its real client over our server. They make
 * their own backend; so ours stands where they look for it. Prints a report as JSON.
 *
 * @module
 */

import { createRequire } from "node:module";
import { memory } from "../../../adapters/memory/mod.ts";
import { ShimBackend } from "./backend.ts";
import { runAsProgram, runSuites } from "./runner.ts";

const require = createRequire(import.meta.url);

/** Cases that are left out, with their reasons. */
export const EXCLUSIONS: Readonly<Record<string, string>> = {
  ...because("counts streams of ShareDB's own hub", [
    "does not leak Streams when subscribing the same presence multiple times",
    "does not leak Streams when subscribing the same presence multiple times in parallel",
  ]),
  ...because("looks at the words of a message; ours has others, and a code", [
    "Rejects presence with channel __proto__",
    "Rejects presence with channel constructor",
    "returns errors when failing to transform old presence to the latest doc",
    "returns errors sent from the middleware",
  ]),
  ...because("looks into the server's agent, or changes what is on its way there", [
    "receivePresence can mutate the presence in the middleware",
    "receivePresence can cancel a presence broadcast by erroring",
    "sendPresence emits errors on the server instead of sending to the client",
    "does not call getOps() when presence is already up-to-date",
  ]),
  ...because("holds back single messages; a room tells the last state, and not each on the way", [
    "Presence ignores presence that arrives out of order",
    "DocPresence ignores pending presence that arrives out of order",
    "queues two updates immediately after one another",
    "transforms old presence when new ops keep beating the presence responses",
    "transforms old presence when a doc is deleted and then created",
    "transforms pending presence by a re-creation submitted before a flush",
  ]),
  ...because("our json type has places", [
    "errors when trying to submit presence on a type that does not support it",
  ]),
  ...because("says a place on a document over a message that names no document; ours refuses it", [
    "emits an error and drops stale remote presence that cannot be transformed",
  ]),
};

function because(reason: string, cases: readonly string[]): Record<string, string> {
  return Object.fromEntries(cases.map((name) => [name, reason]));
}

class Backend extends ShimBackend {
  constructor() {
    super(memory());
  }
}

function declareSuites(): void {
  const path = require.resolve("sharedb/lib/backend");
  require("sharedb/lib/backend");
  const cached = require.cache[path];
  if (cached === undefined) throw new Error("Cannot stand in for sharedb's backend");
  cached.exports = Backend;
  require("sharedb/test/client/presence/presence.js");
  require("sharedb/test/client/presence/doc-presence.js");
}

await runAsProgram(runSuites(declareSuites, { exclusions: EXCLUSIONS }));
