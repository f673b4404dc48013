/**
 * Live queries under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { testWorld } from "../world_tests.ts";
import { MISTAKES } from "./mistakes.ts";
import { runSeed } from "./run.ts";

testWorld({
  name: "queries",
  promise: "live queries always equal a fresh evaluation",
  runSeed,
  sights: [
    "query of things",
    "query of titles",
    "insert",
    "remove",
    "move",
    "edited",
    "cut",
    "lost wake",
    "reset",
    "unreachable",
    "wiped",
  ],
  sightsMin: 3,
  fixedSeeds: 100,
  freshSeeds: 100,
  replayed: 7,
  mistakes: MISTAKES,
  mistakeSeeds: 300,
});
