/**
 * Logs under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { testWorld } from "../world_tests.ts";
import { MISTAKES } from "./mistakes.ts";
import { runSeed } from "./run.ts";

testWorld({
  name: "log",
  promise: "readers of a log miss nothing",
  runSeed,
  sights: [
    "append",
    "repeat",
    "reader",
    "consumer",
    "commit",
    "save",
    "lost wake",
    "lost answer",
    "unreachable",
    "end ERR_TRIMMED",
  ],
  sightsMin: 3,
  fixedSeeds: 100,
  freshSeeds: 100,
  replayed: 3,
  mistakes: MISTAKES,
  mistakeSeeds: 300,
});
