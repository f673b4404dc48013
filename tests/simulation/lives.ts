/**
 * Lives of stores: what they have made durable, and whom they voted for.
 *
 * @module
 */

import type { Member, Membership } from "../../src/raft/core/mod.ts";
import { hold } from "./failure.ts";
import type { Place } from "./places.ts";
import { type StoreState, termAt } from "./store_state.ts";

/** One life of a node's store, as all of its processes see it. */
export interface Life {
  readonly id: string;
  readonly incarnation: number;
  /** What is durable now, or was until the life was lost. */
  durable(): StoreState;
  /** Whether this is durable, or was: a life that was lost unnoticed counts with what it had, and what it got since. */
  holds(isHeld: (state: StoreState) => boolean): boolean;
}

/** The name of one life of a node's store. */
export function lifeName(id: string, incarnation: number): string {
  return `${id}#${incarnation}`;
}

/** Whether each half of a membership has a majority of members of which something is true. */
export function isQuorum(membership: Membership, isTrue: (member: Member) => boolean): boolean {
  const hasMajority = (members: readonly Member[]) =>
    members.length === 0 || 2 * members.filter(isTrue).length > members.length;
  return membership.voters.length > 0 && hasMajority(membership.voters) &&
    hasMajority(membership.outgoing);
}

/** Whether a place is in a store, or in what its snapshot stands for. */
export function hasDurable(state: StoreState, place: Place): boolean {
  return place.index <= state.base.index || termAt(state, place.index) === place.term;
}

/** All votes that any life ever stored: at most one in each term. */
export class Votes {
  readonly #votes = new Map<string, string>();

  /** Whom a life voted for in a term, as far as its store ever knew. */
  of(life: Member | Life, term: number): string | undefined {
    return this.#votes.get(keyOf(life, term));
  }

  /** A life's store has another durable state. */
  durable(life: Life, { hardState: { term, vote } }: StoreState): void {
    if (vote === undefined) return;
    const known = this.of(life, term);
    if (known === undefined) this.#votes.set(keyOf(life, term), vote);
    hold(known === undefined || known === vote, "7 monotone", () => {
      return `${life.id} voted for ${known} and ${vote} in term ${term}`;
    });
  }

  /** A life's process attests to a vote. */
  attested(life: Life, term: number, candidate: string): void {
    // Stored together with a later term it has left no trace, and can be given to nobody else any more.
    const isPast = life.holds(({ hardState }) => hardState.term > term);
    if (isPast && this.of(life, term) === undefined) this.#votes.set(keyOf(life, term), candidate);
    const stored = this.of(life, term);
    hold(stored === candidate, "9 only what is durable is attested", () => {
      return `${life.id} votes for ${candidate} in term ${term}, stored is ${stored}`;
    });
  }
}

function keyOf({ id, incarnation }: Member | Life, term: number): string {
  return `${id}#${incarnation}@${term}`;
}
