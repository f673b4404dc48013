/** @module */

import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { author, coreOn, must } from "../../support/documents/core.ts";

Deno.test("DocumentCore.enter() calls back later, and goes on when a submitter throws", async () => {
  const core = coreOn();
  must(await author(core, "a").create({ n: 0 }), "committed");
  const uncaught = Promise.withResolvers<unknown>();
  const listen = (event: ErrorEvent): void => {
    event.preventDefault();
    uncaught.resolve(event.error);
  };
  globalThis.addEventListener("error", listen, { once: true });
  const mine = new Error("mine");
  let isTold = false;
  const edit = (source: string) => ({ ...EDIT, source, sequence: 1 });
  core.enter("things", "1", edit("b"), {
    resolve: () => {
      isTold = true;
      throw mine;
    },
    reject: () => {},
  });
  strictEqual(isTold, false);
  const next = must(await core.submit("things", "1", edit("c")), "committed");
  deepStrictEqual([isTold, next.op.version, await uncaught.promise], [true, 2, mine]);
  throws(() => core.enter("things", "constructor", edit("d"), NOBODY), { code: "ERR_INVALID_ID" });
  throws(() => core.enter("things", "1", edit(""), NOBODY), { code: "ERR_INVALID_ARGUMENT" });
});

const EDIT = { change: { kind: "op", op: [{ p: ["n"], na: 1 }] } } as const;
const NOBODY = { resolve: () => {}, reject: () => {} };
