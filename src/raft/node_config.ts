/**
 * A node's options as the core knows them.
 *
 * @module
 */

import type { Random } from "../random.ts";
import type { RaftConfig } from "./core/config.ts";
import { FIRST_INCARNATION, type NodeSettings } from "./node_settings.ts";

/** What the core is given, once the life of the node's store is known. */
export function configOf(
  settings: NodeSettings,
  incarnation: number,
  random: Random,
): RaftConfig {
  const { bootstrap, leaseReads } = settings;
  return {
    id: settings.url,
    cluster: settings.namespace,
    incarnation,
    isWitness: settings.witness,
    electionTicks: settings.electionTicks,
    electionRank: settings.electionRank,
    isStoreExclusive: settings.isStoreExclusive,
    limits: settings.limits,
    random,
    ...(leaseReads === undefined ? {} : { leaseReads }),
    // A store in a later life begins nothing.
    ...(bootstrap === undefined || incarnation !== FIRST_INCARNATION ? {} : { bootstrap }),
  };
}
