/**
 * Path models under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { testWorld } from "../world_tests.ts";
import { MISTAKES } from "./mistakes.ts";
import { runSeed } from "./run.ts";

testWorld({
  name: "path_model",
  promise: "path models have what they hold",
  runSeed,
  sights: [
    "write",
    "set",
    "subscribe",
    "fetch",
    "unload",
    "cut",
    "lost wake",
    "reset",
    "unreachable",
    "wiped",
  ],
  sightsMin: 3,
  fixedSeeds: 100,
  freshSeeds: 100,
  replayed: 3,
  mistakes: MISTAKES,
  mistakeSeeds: 300,
});
