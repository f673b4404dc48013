/**
 * One process as the observer follows it: its log by its writes, its state by its status, and the rules that it alone
 * can break.
 *
 * @module
 */

import type {
  Entry,
  Membership,
  RaftLimits,
  RaftStatus,
  Ready,
  SaveWrite,
} from "../../src/raft/core/mod.ts";
import { hold } from "./failure.ts";
import type { Life } from "./lives.ts";
import type { Place, Places } from "./places.ts";

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

/** The end of a process's log. */
export function tipOf({ log }: Watched): Place {
  const tip = log[log.length - 1];
  if (tip === undefined) throw new RangeError("A log has at least the place that it starts after");
  return tip;
}

/** Whether a process leads, and led the same term before this step. */
export function stillLeads({ status: before }: Watched, { role, term }: RaftStatus): boolean {
  return role === "leader" && before?.role === "leader" && before.term === term;
}

/** Follows a process's log by what its node wants written. */
export function followWrites(
  places: Places,
  watched: Watched,
  { writes }: Ready,
  status: RaftStatus,
): void {
  for (const write of writes) {
    if (write.kind === "save") followSave(places, watched, write, status);
    if (write.kind !== "install") continue;
    const { snapshot } = write;
    const place = places.at(snapshot);
    hold(place !== undefined, "4 state machine safety", () => {
      return `${watched.owner} installs ${snapshot.index}@${snapshot.term}, which never was`;
    });
    watched.log = [place];
  }
}

function followSave(
  places: Places,
  watched: Watched,
  { append }: SaveWrite,
  status: RaftStatus,
): void {
  if (append === undefined) return;
  const { log, owner } = watched;
  const { prev, entries } = append;
  const at = prev.index - (log[0]?.index ?? 0);
  hold(log[at]?.term === prev.term, "12 store rules", () => {
    return `${owner} appends after ${prev.index}@${prev.term}, which it does not have`;
  });
  if (at + 1 < log.length) cutOff(watched, at + 1, status);
  for (const entry of entries) {
    if (status.role === "leader" && entry.term === status.term) checkOwn(watched, entry, status);
    log.push(places.enter(tipOf(watched), entry));
  }
}

function cutOff(watched: Watched, length: number, status: RaftStatus): void {
  const { log, owner, status: before } = watched;
  hold(!stillLeads(watched, status), "10 leaders only append", () => {
    return `${owner} leads term ${status.term} and cuts its log off`;
  });
  const last = log[length - 1]?.index ?? 0;
  hold(last >= (before?.commit ?? 0), "4 state machine safety", () => {
    return `${owner} cuts off after ${last}, committed is ${before?.commit}`;
  });
  log.length = length;
}

function checkOwn(watched: Watched, entry: Entry, { commit }: RaftStatus): void {
  if (entry.kind !== "membership") return;
  const { membershipIndex } = tipOf(watched);
  hold(membershipIndex <= commit, "11 one membership change at a time", () => {
    return `${watched.owner} changes at ${entry.index} while ${membershipIndex} is not committed`;
  });
}

/** Checks what a process's status says against itself, the one before, and the log. */
export function checkStatus(watched: Watched, status: RaftStatus): void {
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
  const lowest = log[0]?.index ?? 0;
  const inOrder = base.index <= commit && lowest <= commit && applied <= commit &&
    commit <= last.index && stored <= last.index;
  hold(inOrder, "8 ordering", () => `${owner} starts after ${lowest}: ${show(status)}`);
  checkMembership(watched, status);
}

/** The membership in force is that of the log's last entry that has one, also after entries were cut off. */
function checkMembership(watched: Watched, { membership }: RaftStatus): void {
  const inLog = tipOf(watched).membership;
  if (membership === watched.membership && inLog === watched.logMembership) return;
  watched.membership = membership;
  watched.logMembership = inLog;
  const isSame = JSON.stringify(membership) === JSON.stringify(inLog);
  hold(isSame, "11 one membership change at a time", () => {
    return `${watched.owner} goes by ${JSON.stringify(membership)}, its log by ${
      JSON.stringify(inLog)
    }`;
  });
}

/** Checks a leader's bounds. That of uncommitted bytes is for proposals; a leader's own entries are never refused. */
export function checkBounds(
  owner: string,
  { uncommittedBytes, peers }: RaftStatus,
  limits: RaftLimits,
  isProposal: boolean,
): void {
  for (const { id, inflightMessages } of peers) {
    hold(inflightMessages <= limits.inflightMessagesMax, "13 bounds", () => {
      return `${owner} has ${inflightMessages} messages on the way to ${id}`;
    });
  }
  hold(!isProposal || uncommittedBytes <= limits.uncommittedBytesMax, "13 bounds", () => {
    return `${owner} took a proposal and holds ${uncommittedBytes} bytes`;
  });
}

function show({ role, term, base, applied, stored, commit, last }: RaftStatus): string {
  return `${role} of ${term}, base ${base.index}, applied ${applied}, stored ${stored}, ` +
    `commit ${commit}, last ${last.index}`;
}
