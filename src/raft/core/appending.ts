/**
 * What a leader appends to its own log, and whom it thereby has to take care of.
 *
 * @module
 */

import { ENTRY_OVERHEAD_BYTES, entryBytes } from "./log_view.ts";
import type { Entry } from "./message.ts";
import { allMembers, isVoter, type Membership } from "./membership.ts";
import { refuse, tell } from "./outbox.ts";
import { newProgress } from "./progress.ts";
import type { Command } from "./ready.ts";
import { broadcastEntries, sendEntries } from "./sending.ts";
import { type Core, membershipIndexOf, membershipOf, recordMemberships } from "./state.ts";

/** Appends commands of a client: all or none. */
export function propose(core: Core, commands: readonly Command[]): void {
  if (core.role !== "leader") return refuse(core, "notLeader");
  if (core.transfer !== undefined) return refuse(core, "transferring");
  const { commandBytesMax, uncommittedBytesMax } = core.settings.limits;
  let bytes = 0;
  for (const { data } of commands) {
    if (data.length > commandBytesMax) return refuse(core, "badCommand");
    bytes += data.length + ENTRY_OVERHEAD_BYTES;
  }
  if (commands.length === 0) return refuse(core, "badCommand");
  // Something must always fit, else a command larger than the bound would wait for ever.
  if (core.uncommittedBytes > 0 && core.uncommittedBytes + bytes > uncommittedBytesMax) {
    return refuse(core, "full");
  }
  const { log, hardState: { term } } = core;
  const timeMs = nextTimeMs(core);
  const first = log.lastIndex + 1;
  const entries: Entry[] = [];
  for (const { data, session } of commands) {
    entries.push({ kind: "command", index: first + entries.length, term, timeMs, data, session });
  }
  core.out.answer = { kind: "accepted", index: first, term };
  appendOwn(core, entries);
}

/** The entry with which a leader's term begins. */
export function appendBlank(core: Core): void {
  const index = core.log.lastIndex + 1;
  const timeMs = nextTimeMs(core);
  appendOwn(core, [{ kind: "blank", index, term: core.hardState.term, timeMs }]);
}

/** A membership, in force at once (2014 paper, §6: a server always uses the latest configuration in its log). */
export function appendMembership(core: Core, membership: Membership): number {
  const index = core.log.lastIndex + 1;
  const timeMs = nextTimeMs(core);
  appendOwn(core, [
    { kind: "membership", index, term: core.hardState.term, timeMs, membership },
  ]);
  return index;
}

/** Makes the leader's peers those of its membership: new ones from the log's end on, changed lives from nothing. */
export function matchPeers(core: Core): void {
  const { log, peers, settings } = core;
  const membership = membershipOf(core);
  const members = allMembers(membership).filter((member) => member.id !== settings.id);
  for (const peer of [...peers.values()]) {
    if (members.some(({ id, incarnation }) => id === peer.id && incarnation === peer.incarnation)) {
      continue;
    }
    sendEntries(core, peer); // The last thing that a removed node hears is its removal.
    peers.delete(peer.id);
  }
  for (const member of members) {
    const votes = isVoter(membership, member.id);
    const peer = peers.get(member.id);
    if (peer === undefined) peers.set(member.id, newProgress(member, votes, log.lastIndex + 1));
    else peer.isVoter = votes;
  }
}

function appendOwn(core: Core, entries: readonly Entry[]): void {
  const { log, out } = core;
  const prev = out.append?.prev ?? log.last;
  log.append(entries);
  out.append = {
    prev,
    entries: out.append === undefined ? entries : [...out.append.entries, ...entries],
  };
  for (const entry of entries) core.uncommittedBytes += entryBytes(entry);
  if (recordMemberships(core, entries)) {
    const membership = membershipOf(core);
    tell(core, { kind: "membership", membership, index: membershipIndexOf(core) });
    matchPeers(core);
  }
  broadcastEntries(core);
}

/** The log's time: the leader's, but never back. */
function nextTimeMs(core: Core): number {
  return Math.max(core.log.lastTimeMs, core.timeMs);
}
