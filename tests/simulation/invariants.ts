/**
 * What must hold after every event, checked by somebody who sees all nodes and all stores at once.
 *
 * The numbers are those of {@linkcode Rule}. A check looks at what the event changed and nothing else: the log of each
 * process is followed by the writes that its node asks for, as a path through the tree of {@linkcode Places}.
 *
 * @module
 */

import type {
  Entry,
  Input,
  Member,
  Membership,
  Message,
  RaftLimits,
  RaftStatus,
  Ready,
  SaveWrite,
} from "../../src/raft/core/mod.ts";
import { hold } from "./failure.ts";
import { Machine, type MachineReply } from "./machine.ts";
import type { Settings } from "./plan.ts";
import { type Place, Places } from "./places.ts";
import { lastOf, type StoreState, termAt } from "./store_state.ts";

/** One life of a node's store, as all of its processes see it. */
export interface Life {
  readonly id: string;
  readonly incarnation: number;
  /** What is durable now, or was until the life was lost. */
  durable(): StoreState;
  /** Whether this is durable, or was: a life that was lost unnoticed counts with what it had, and what it got since. */
  holds(isHeld: (state: StoreState) => boolean): boolean;
}

/** One process, as the observer follows it. */
export interface Watched {
  readonly owner: string;
  readonly life: Life;
  /** Its log: the place that it starts after, and all that follow. */
  log: Place[];
  status: RaftStatus | undefined;
  machineIndex: number;
  /** The memberships that were compared last: the node's, and its log's. */
  membership: Membership | undefined;
  logMembership: Membership | undefined;
  isFenced: boolean;
}

/** Sees everything, and throws a `SimulationFailure` at the first broken rule. */
export class Observer {
  readonly places: Places;
  /** Lives by their names; the world adds each when it begins. */
  readonly lives: Map<string, Life> = new Map();
  readonly #limits: RaftLimits;
  readonly #committed: Place[];
  readonly #replies: (MachineReply | undefined)[] = [undefined];
  readonly #reference: Machine;
  readonly #executed = new Set<number>();
  /** The highest index that the leader of each term committed, by ascending term. */
  readonly #committedIn = new Map<number, number>();
  readonly #leaders = new Map<number, string>();
  readonly #votes = new Map<string, string>();

  /** Makes an observer of a cluster that has not begun. */
  constructor(
    { limits, sessions }: Pick<Settings, "limits" | "sessions">,
    whenExecuted: (serial: number) => void,
  ) {
    this.places = new Places({ voters: [], outgoing: [], learners: [] });
    this.#limits = limits;
    this.#reference = new Machine(sessions, ({ serial }) => {
      hold(
        !this.#executed.has(serial),
        "exactly once",
        () => `command ${serial} is executed again`,
      );
      this.#executed.add(serial);
      whenExecuted(serial);
    });
    this.#committed = [this.places.root];
  }

  /** The highest index that any leader committed. */
  get committedIndex(): number {
    return this.#committed.length - 1;
  }

  /** How many terms had a leader. */
  get leadersCount(): number {
    return this.#leaders.size;
  }

  /** The place that was committed at an index. */
  committedAt(index: number): Place | undefined {
    return this.#committed[index];
  }

  /** What the command at an index must be answered, if it is committed. */
  replyAt(index: number): MachineReply | undefined {
    return this.#replies[index];
  }

  /** The state of a machine that has applied everything committed, once and in order. */
  referenceState(): Uint8Array {
    return this.#reference.save();
  }

  /** A process made its node from this. */
  started(owner: string, life: Life, loaded: StoreState): Watched {
    const base = this.places.at(loaded.base);
    hold(base !== undefined, "2 log matching", () => `${owner} starts after an unknown place`);
    const log = [base];
    for (const entry of loaded.entries) log.push(this.#enter(log, entry));
    const machineIndex = loaded.snapshot?.meta.index ?? 0;
    return {
      owner,
      life,
      log,
      status: undefined,
      machineIndex,
      membership: undefined,
      logMembership: undefined,
      isFenced: false,
    };
  }

  /** A process's node took an input. */
  stepped(watched: Watched, input: Input, ready: Ready, status: RaftStatus): void {
    const before = watched.status;
    const tipBefore = tipOf(watched);
    for (const write of ready.writes) {
      if (write.kind === "save") this.#followSave(watched, write, status);
      if (write.kind === "install") {
        const place = this.places.at(write.snapshot);
        hold(place !== undefined, "4 state machine safety", () => {
          return `${watched.owner} installs a snapshot of ${write.snapshot.index}@${write.snapshot.term}, which never was`;
        });
        watched.log = [place];
      }
    }
    this.#checkStatus(watched, status);
    if (status.role === "leader" && (before?.role !== "leader" || before.term !== status.term)) {
      this.#checkElection(watched, tipBefore, status);
    }
    if (status.commit > (before?.commit ?? 0)) {
      // Who removed itself leads until that is committed.
      const wasLeader = before?.role === "leader" && before.term === status.term;
      const isLeader = wasLeader || status.role === "leader";
      this.#checkCommit(watched, tipBefore, status, isLeader);
    }
    watched.status = status;
    if (input.kind === "propose" && ready.answer?.kind === "accepted") {
      this.#checkUncommitted(watched.owner, status);
    }
    if (input.kind === "storeLost") watched.isFenced = true;
  }

  /** A process sends a message. */
  sending(watched: Watched, message: Message): void {
    hold(!watched.isFenced, "14 fenced processes are silent", () => {
      return `${watched.owner} sends ${message.kind} after it was fenced`;
    });
    const { life } = watched;
    if (message.kind === "vote" && message.isGranted) {
      this.#checkVoteDurable(life, message.term, message.to, "grants a vote that is not stored");
    } else if (message.kind === "requestVote") {
      this.#checkVoteDurable(
        life,
        message.term,
        message.from,
        "campaigns before its vote is stored",
      );
    } else if (message.kind === "appended") {
      // Who was replaced attests to what it stored before; a later term may have cut it off since.
      const isStored = life.holds((state) => {
        return state.owner !== watched.owner || state.hardState.term > message.term ||
          message.match <= Math.max(lastOf(state).index, state.snapshot?.meta.index ?? 0);
      });
      hold(isStored, "9 only what is durable is attested", () => {
        return `${watched.owner} acknowledges ${message.match}, which is not stored`;
      });
    }
  }

  /** A life's store has another durable state. */
  durable(life: Life, after: StoreState): void {
    const { term, vote } = after.hardState;
    if (vote === undefined) return;
    const key = voteKey(life, term);
    const known = this.#votes.get(key);
    if (known === undefined) this.#votes.set(key, vote);
    else {
      hold(
        known === vote,
        "7 monotone",
        () => `${life.id} voted for ${known} and ${vote} in ${term}`,
      );
    }
  }

  /** A process's state machine has taken an entry. */
  applied(watched: Watched, entry: Entry, reply: MachineReply | undefined): void {
    const { owner, machineIndex } = watched;
    hold(entry.index === machineIndex + 1, "4 state machine safety", () => {
      return `${owner} applies ${entry.index} after ${machineIndex}`;
    });
    watched.machineIndex = entry.index;
    const place = this.#committed[entry.index];
    hold(place?.term === entry.term, "4 state machine safety", () => {
      return `${owner} applies ${entry.index}@${entry.term}, committed is ${place?.term}`;
    });
    const isStored = watched.life.holds((state) => hasDurable(state, place));
    hold(isStored, "8 ordering", () => `${owner} applies ${entry.index} before it is stored`);
    if (entry.kind !== "command") return;
    const expected = this.#replies[entry.index];
    hold(isSameReply(expected, reply), "exactly once", () => {
      return `${owner} answers ${entry.index} with ${JSON.stringify(reply)}, not ${
        JSON.stringify(expected)
      }`;
    });
  }

  /** A process's state machine was replaced by a snapshot. */
  restored(watched: Watched, index: number): void {
    hold(index >= watched.machineIndex, "7 monotone", () => `${watched.owner} restores ${index}`);
    watched.machineIndex = index;
  }

  #enter(log: readonly Place[], entry: Entry): Place {
    const tip = log[log.length - 1] ?? this.places.root;
    return this.places.enter(tip, entry);
  }

  #followSave(watched: Watched, { append }: SaveWrite, status: RaftStatus): void {
    if (append === undefined) return;
    const { log, owner } = watched;
    const before = watched.status;
    const { prev, entries } = append;
    const at = prev.index - (log[0]?.index ?? 0);
    hold(log[at]?.term === prev.term, "12 store rules", () => {
      return `${owner} appends after ${prev.index}@${prev.term}, which it does not have`;
    });
    if (at + 1 < log.length) {
      hold(
        before?.role !== "leader" || before.term !== status.term,
        "10 leaders only append",
        () => {
          return `${owner} leads term ${status.term} and cuts off after ${prev.index}`;
        },
      );
      hold(prev.index >= (before?.commit ?? 0), "4 state machine safety", () => {
        return `${owner} cuts off after ${prev.index}, committed is ${before?.commit}`;
      });
      log.length = at + 1;
    }
    for (const entry of entries) {
      const isOwn = status.role === "leader" && entry.term === status.term;
      if (isOwn && entry.kind === "membership") this.#checkOneChange(watched, status, entry.index);
      log.push(this.#enter(log, entry));
    }
  }

  #checkOneChange(watched: Watched, status: RaftStatus, index: number): void {
    const { membershipIndex } = tipOf(watched);
    hold(membershipIndex <= status.commit, "11 one membership change at a time", () => {
      return `${watched.owner} changes at ${index} while ${membershipIndex} is not committed`;
    });
  }

  #checkStatus(watched: Watched, status: RaftStatus): void {
    const { owner, status: before, log } = watched;
    const tip = tipOf(watched);
    const { term, commit, applied, last, base, stored } = status;
    if (before !== undefined) {
      const grows = term >= before.term && commit >= before.commit && applied >= before.applied;
      hold(grows, "7 monotone", () => `${owner} went back: ${show(before)} > ${show(status)}`);
    }
    hold(last.index === tip.index && last.term === tip.term, "12 store rules", () => {
      return `${owner} has ${last.index}@${last.term} and wrote ${tip.index}@${tip.term}`;
    });
    const inOrder = base.index <= commit && applied <= commit && commit <= last.index;
    hold(inOrder && stored <= last.index, "8 ordering", () => `${owner}: ${show(status)}`);
    const lowest = log[0]?.index ?? 0;
    hold(commit >= lowest, "8 ordering", () => `${owner} starts after ${lowest}: ${show(status)}`);
    if (status.membership !== watched.membership || tip.membership !== watched.logMembership) {
      watched.membership = status.membership;
      watched.logMembership = tip.membership;
      const inLog = JSON.stringify(tip.membership);
      hold(
        JSON.stringify(status.membership) === inLog,
        "11 one membership change at a time",
        () => {
          return `${owner} goes by ${JSON.stringify(status.membership)}, its log says ${inLog}`;
        },
      );
    }
    if (status.role === "leader") this.#checkInflight(owner, status);
  }

  /** The bound is for what clients propose; a leader's own entries are never refused. */
  #checkUncommitted(owner: string, { uncommittedBytes }: RaftStatus): void {
    const { uncommittedBytesMax } = this.#limits;
    hold(uncommittedBytes <= uncommittedBytesMax, "13 bounds", () => {
      return `${owner} took a proposal and holds ${uncommittedBytes} bytes of ${uncommittedBytesMax}`;
    });
  }

  #checkInflight(owner: string, { peers }: RaftStatus): void {
    const { inflightMessagesMax } = this.#limits;
    for (const { id, inflightMessages } of peers) {
      hold(inflightMessages <= inflightMessagesMax, "13 bounds", () => {
        return `${owner} has ${inflightMessages} messages on the way to ${id}`;
      });
    }
  }

  #checkElection(watched: Watched, tip: Place, { term }: RaftStatus): void {
    const { owner, log, life } = watched;
    const other = this.#leaders.get(term);
    hold(other === undefined, "1 election safety", () => `${owner} and ${other} lead term ${term}`);
    this.#leaders.set(term, owner);
    const voted = (member: Member) => {
      return this.#votes.get(voteKey(member, term)) === life.id;
    };
    hold(isQuorum(tip.membership, voted), "1 election safety", () => {
      return `${owner} leads term ${term} without a stored majority of votes`;
    });
    for (const [committedIn, index] of this.#committedIn) {
      if (committedIn >= term) continue;
      const has = log[Math.max(0, index - (log[0]?.index ?? 0))];
      const isThere = has === this.#committed[Math.max(index, log[0]?.index ?? 0)];
      hold(isThere && has !== undefined, "3 leader completeness", () => {
        return `${owner} leads term ${term} without ${index}, committed in term ${committedIn}`;
      });
    }
  }

  #checkCommit(
    watched: Watched,
    tipBefore: Place,
    { commit, term }: RaftStatus,
    isLeader: boolean,
  ): void {
    const { owner, log } = watched;
    const place = log[commit - (log[0]?.index ?? 0)];
    hold(place !== undefined, "8 ordering", () => `${owner} commits ${commit}, which it lacks`);
    const known = this.#committed[commit];
    hold(known === undefined || known === place, "4 state machine safety", () => {
      return `${owner} commits ${commit}@${place.term}, committed is ${known?.term}`;
    });
    if (isLeader) this.#checkCounted(watched, [tipBefore, tipOf(watched)], place, term);
    else {
      hold(known !== undefined || commit <= 1, "4 state machine safety", () => {
        return `${owner} believes ${commit} committed, which no leader did`;
      });
    }
    if (known === undefined) this.#extend(place);
    if (isLeader) {
      this.#committedIn.set(term, Math.max(commit, this.#committedIn.get(term) ?? 0));
    }
  }

  #checkCounted(
    { owner }: Watched,
    tips: readonly Place[],
    place: Place,
    term: number,
  ): void {
    hold(place.term === term, "6 only own terms are counted", () => {
      return `${owner} commits ${place.index}@${place.term} in term ${term}`;
    });
    const stores = (member: Member) => {
      const life = this.#lifeOf(member);
      return life?.holds((state) => hasDurable(state, place)) ?? false;
    };
    hold(
      tips.some(({ membership }) => isQuorum(membership, stores)),
      "5 committed on a quorum",
      () => {
        return `${owner} commits ${place.index}@${place.term}, which no majority has stored`;
      },
    );
  }

  /** Everything up to this place is committed. */
  #extend(to: Place): void {
    const path: Place[] = [];
    let place: Place | undefined = to;
    while (place !== undefined && place.index > this.committedIndex) {
      path.push(place);
      place = place.previous;
    }
    hold(place === this.#committed[this.committedIndex], "4 state machine safety", () => {
      return `${to.index}@${to.term} does not follow what was committed`;
    });
    for (const next of path.reverse()) {
      this.#committed.push(next);
      if (next.entry === undefined) continue;
      this.#replies.push(this.#reference.apply(next.entry));
    }
  }

  #checkVoteDurable(life: Life, term: number, candidate: string, what: string): void {
    const key = voteKey(life, term);
    // Stored together with a later term it has left no trace, and can be given to nobody else any more.
    const isPast = life.holds(({ hardState }) => hardState.term > term);
    if (isPast && !this.#votes.has(key)) {
      this.#votes.set(key, candidate);
    }
    const stored = this.#votes.get(key);
    hold(stored === candidate, "9 only what is durable is attested", () => {
      return `${life.id} ${what} (term ${term}, for ${candidate}, stored is ${stored})`;
    });
  }

  #lifeOf({ id, incarnation }: Member): Life | undefined {
    return this.lives.get(lifeName(id, incarnation));
  }
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

function tipOf({ log }: Watched): Place {
  const tip = log[log.length - 1];
  if (tip === undefined) throw new RangeError("A log has at least the place that it starts after");
  return tip;
}

function hasDurable(state: StoreState, place: Place): boolean {
  if (place.index <= state.base.index) return true;
  return termAt(state, place.index) === place.term;
}

function voteKey({ id, incarnation }: Member | Life, term: number): string {
  return `${id}#${incarnation}@${term}`;
}

function isSameReply(a: MachineReply | undefined, b: MachineReply | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

function show({ role, term, base, applied, stored, commit, last }: RaftStatus): string {
  return `${role} of ${term}, base ${base.index}, applied ${applied}, stored ${stored}, ` +
    `commit ${commit}, last ${last.index}`;
}
