/**
 * Clients of documents under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { ok } from "node:assert/strict";
import { testWorld } from "../world_tests.ts";
import { EDITS, type Edits, PLAIN_EDITS } from "./edits.ts";
import { MISTAKES } from "./mistakes.ts";
import { NPM_EDITS } from "./npm_edits.ts";
import { runSeed } from "./run.ts";

const ALL: readonly Edits[] = [...EDITS, PLAIN_EDITS, ...NPM_EDITS];

testWorld({
  name: "documents",
  promise: "ClientConnection converges and keeps its word",
  runSeed: (seed) => runSeed(seed, ALL),
  sights: [
    "edit",
    "create",
    "delete",
    "cut",
    "crash",
    "restart",
    "flush",
    "ERR_DOC_ALREADY_CREATED",
    "ERR_DOC_WAS_DELETED",
    "ERR_DOC_EPOCH",
    "ERR_OP_SUBMIT_REJECTED",
  ],
  sightsMin: 10,
  fixedSeeds: 160,
  freshSeeds: 60,
  replayed: undefined,
  mistakes: MISTAKES,
  // A change of the client that is none of its promises may move a mistake to other seeds.
  mistakeSeeds: 600,
});

Deno.test("MISTAKES are at least 8", () => {
  ok(MISTAKES.length >= 8);
});
