/**
 * A follower: takes what the leader sends if its log matches, and says how far it does (2014 paper, §5.3).
 *
 * @module
 */

import { invariant } from "../../errors.ts";
import type { AppendEntries, Entry, Heartbeat, Position } from "./message.ts";
import { replyTo, send, sendAfterStored, tellMembership } from "./outbox.ts";
import { type Core, recordMemberships } from "./state.ts";

/** Takes entries, or refuses them with a hint where the logs may match. */
export function onAppendEntries(core: Core, message: AppendEntries): void {
  const { log } = core;
  const { prev, entries } = message;
  const to = replyTo(core, message);
  if (!matchesAt(core, prev)) {
    const hint = lastOfTerm(core, Math.min(prev.index, log.lastIndex), prev.term);
    send(core, { kind: "appendRefused", ...to, refused: prev.index, hint });
    return;
  }
  const known = countKnown(core, entries);
  if (known < entries.length) takeEntries(core, known === 0 ? entries : entries.slice(known));
  const end = prev.index + entries.length;
  // Beyond `end` this log may still hold what no leader committed, so the leader's commit index is not taken over blindly.
  core.commit = Math.max(core.commit, Math.min(message.commit, end));
  sendAfterStored(core, { kind: "appended", ...to, match: Math.max(end, core.commit) });
}

/** Learns the commit index, and says that it was heard. */
export function onHeartbeat(core: Core, message: Heartbeat): void {
  const { index } = message.committed;
  if (index > core.commit && core.log.matches(message.committed)) core.commit = index;
  if (message.round === 0) return;
  send(core, { kind: "heartbeatHeard", ...replyTo(core, message), round: message.round });
}

/** Whether an AppendEntries contradicts what is committed here: no leader sends that. */
export function contradictsCommitted(core: Core, { prev, entries }: AppendEntries): boolean {
  const { log, commit } = core;
  if (prev.index > commit) return false;
  if ((log.termAt(prev.index) ?? prev.term) !== prev.term) return true;
  for (const entry of entries) {
    if (entry.index > commit) return false;
    if ((log.termAt(entry.index) ?? entry.term) !== entry.term) return true;
  }
  return false;
}

/**
 * The last place at or below `index` whose term is at most `term`: what is after it cannot match. One question for each
 * term of the difference is enough, not one for each entry (2014 paper, §5.3, end).
 */
export function lastOfTerm(core: Core, index: number, term: number): Position {
  const { log } = core;
  let at = index;
  for (; at > log.anchorIndex; at--) {
    const found = log.termAt(at);
    if (found !== undefined && found <= term) return { index: at, term: found };
  }
  return { index: at, term: log.termAt(at) ?? term };
}

/** Whether the log has this place. What is not in memory any more is committed, and so the same everywhere. */
function matchesAt(core: Core, place: Position): boolean {
  const { log } = core;
  return place.index < log.anchorIndex || log.matches(place);
}

/** How many of the entries are in the log already. What is after them is another leader's, or new. */
function countKnown(core: Core, entries: readonly Entry[]): number {
  let known = 0;
  for (const entry of entries) {
    if (entry.index > core.log.lastIndex || !matchesAt(core, entry)) break;
    known++;
  }
  return known;
}

function takeEntries(core: Core, entries: readonly Entry[]): void {
  const { log, out } = core;
  const first = entries[0];
  if (first === undefined) return;
  if (first.index <= log.lastIndex) cutOff(core, first.index - 1);
  out.append = { prev: log.last, entries };
  log.append(entries);
  if (recordMemberships(core, entries)) tellMembership(core);
}

/** Cuts off what another leader left here; a membership in it never held (2014 paper, §6). */
function cutOff(core: Core, index: number): void {
  invariant(index >= core.commit, "Cannot cut off what is committed");
  core.log.truncate(index);
  const kept = core.memberships.filter((record, at) => at === 0 || record.index <= index);
  if (kept.length === core.memberships.length) return;
  core.memberships = kept;
  tellMembership(core);
}
