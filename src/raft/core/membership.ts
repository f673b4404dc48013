/**
 * Who belongs to a cluster, and how that changes: joint consensus (Ongaro and Ousterhout 2014, §6; Ongaro 2014, §4.3).
 *
 * A membership is an entry of the log and holds from the moment it is appended, on every node by itself; when the entry
 * is cut off again, the one before it holds again.
 *
 * @module
 */

/** A node's name: unique in its cluster and never empty. */
export type NodeId = string;

/** One node of a membership. */
export interface Member {
  /** The node's name. */
  readonly id: NodeId;
  /**
   * Which life of the node's store is meant, from 1. A store that lost what it had acknowledged starts a new life with a
   * higher number; what an older life says is not heard any more.
   */
  readonly incarnation: number;
  /** A voter that keeps terms and indexes but no commands: it helps to decide and never leads. */
  readonly isWitness?: boolean;
}

/** The nodes of a cluster, as of one index of the log. Every list is sorted by id. */
export interface Membership {
  /** The nodes that elect and commit. */
  readonly voters: readonly Member[];
  /** While a change is under way, the voters before it: decisions need a majority of them as well. Else empty. */
  readonly outgoing: readonly Member[];
  /** The nodes that get the log and decide nothing (the ancestor's standby). */
  readonly learners: readonly Member[];
}
