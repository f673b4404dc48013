import type { SkiffOptions } from "../../../adapters/skiff/mod.ts";

/** Ten times the ancestor's, as machines are busy. */
export const CALM: SkiffOptions = {
  heartbeatInterval: 100,
  minElectionTimeout: 1_000,
  maxElectionTimeout: 2_000,
  waitLeaderTimeout: 20_000,
  commandTimeout: 20_000,
};
