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
  Message,
  RaftLimits,
  RaftStatus,
  Ready,
} from "../../src/raft/core/mod.ts";
import { hold } from "./failure.ts";
import { hasDurable, isQuorum, type Life, lifeName, Votes } from "./lives.ts";
import { Machine, type MachineReply } from "./machine.ts";
import type { Settings } from "./plan.ts";
import { type Place, Places } from "./places.ts";
import { lastOf, type StoreState } from "./store_state.ts";
import {
  checkBounds,
  checkStatus,
  followWrites,
  stillLeads,
  tipOf,
  type Watched,
} from "./watched.ts";

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
  readonly #votes = new Votes();

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

  /** The state of a machine that has applied everything committed, once and in order. */
  referenceState(): Uint8Array {
    return this.#reference.save();
  }

  /** A process made its node from this. */
  started(owner: string, life: Life, loaded: StoreState): Watched {
    const base = this.places.at(loaded.base);
    hold(base !== undefined, "2 log matching", () => `${owner} starts after an unknown place`);
    const watched: Watched = {
      owner,
      life,
      log: [base],
      status: undefined,
      machineIndex: loaded.snapshot?.meta.index ?? 0,
      membership: undefined,
      logMembership: undefined,
      isFenced: false,
    };
    for (const entry of loaded.entries) {
      watched.log.push(this.places.enter(tipOf(watched), entry));
    }
    return watched;
  }

  /** A process's node took an input. */
  stepped(watched: Watched, input: Input, ready: Ready, status: RaftStatus): void {
    const { status: before, owner } = watched;
    const tipBefore = tipOf(watched);
    followWrites(this.places, watched, ready, status);
    checkStatus(watched, status);
    if (status.role === "leader") {
      if (!stillLeads(watched, status)) this.#checkElection(watched, tipBefore, status);
      const isProposal = input.kind === "propose" && ready.answer?.kind === "accepted";
      checkBounds(owner, status, this.#limits, isProposal);
    }
    if (status.commit > (before?.commit ?? 0)) {
      // Who removed itself leads until that is committed.
      const wasLeader = before?.role === "leader" && before.term === status.term;
      const isLeader = wasLeader || status.role === "leader";
      this.#checkCommit(watched, tipBefore, status, isLeader);
    }
    watched.status = status;
    if (input.kind === "storeLost") watched.isFenced = true;
  }

  /** A process sends a message. */
  sending(watched: Watched, message: Message): void {
    hold(!watched.isFenced, "14 fenced processes are silent", () => {
      return `${watched.owner} sends ${message.kind} after it was fenced`;
    });
    const { life } = watched;
    if (message.kind === "vote" && message.isGranted) {
      this.#votes.attested(life, message.term, message.to);
    } else if (message.kind === "requestVote") {
      this.#votes.attested(life, message.term, message.from);
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
    this.#votes.durable(life, after);
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

  #checkElection(watched: Watched, tip: Place, { term }: RaftStatus): void {
    const { owner, log, life } = watched;
    const other = this.#leaders.get(term);
    hold(other === undefined, "1 election safety", () => `${owner} and ${other} lead term ${term}`);
    this.#leaders.set(term, owner);
    const voted = (member: Member) => {
      return this.#votes.of(member, term) === life.id;
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

  #lifeOf({ id, incarnation }: Member): Life | undefined {
    return this.lives.get(lifeName(id, incarnation));
  }
}

function isSameReply(a: MachineReply | undefined, b: MachineReply | undefined): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
