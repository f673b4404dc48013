/**
 * The smoke suite: every part of the library used once, for real, on whatever runtime loads this module.
 *
 * What a part keeps between calls is made at module scope, as an edge function would make it.
 *
 * @module
 */

import type { Case } from "./case.ts";
import { baseCases } from "./cases/base.ts";
import { cacheCases } from "./cases/cache.ts";
import { contractCases } from "./cases/contracts.ts";
import { documentCases } from "./cases/documents.ts";
import { handlerCases } from "./cases/handler.ts";
import { logCases } from "./cases/log.ts";
import { modelCases } from "./cases/models.ts";
import { otCases } from "./cases/ot.ts";
import { raftCases } from "./cases/raft.ts";
import { syncCases } from "./cases/sync.ts";

/** Every case of every part. */
export const cases: readonly Case[] = [
  ...baseCases,
  ...cacheCases,
  ...contractCases,
  ...documentCases,
  ...handlerCases,
  ...logCases,
  ...modelCases,
  ...otCases,
  ...raftCases,
  ...syncCases,
];
