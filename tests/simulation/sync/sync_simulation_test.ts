/**
 * Sync under faults, and the known mistakes that the simulator must find.
 *
 * @module
 */

import { testWorld } from "../world_tests.ts";
import { MISTAKES } from "./mistakes.ts";
import { runSeed } from "./run.ts";

testWorld({
  name: "sync",
  promise: "clients of hubs see what the store has",
  runSeed,
  sights: [
    "creation done",
    "change done",
    "deletion done",
    "behind",
    "upsert",
    "delete",
    "reset",
    "cut",
    "reload",
    "lost wake",
    "lost answer",
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
