/**
 * What a leader appends to its own log, and whom it thereby has to take care of.
 *
 * @module
 */

import { bytesOf, ENTRY_OVERHEAD_BYTES } from "./log_view.ts";
import type { Entry, EntryHead } from "./message.ts";
import { allMembers, findMember, isVoter, type Membership } from "./membership.ts";
import { refuse, tellMembership } from "./outbox.ts";
import { newProgress } from "./progress.ts";
import type { Command, Refusal } from "./ready.ts";
import { refusalToLead } from "./roles.ts";
import { broadcastEntries, sendEntries } from "./sending.ts";
import { type Core, membershipOf, recordMemberships } from "./state.ts";

/** Appends commands of a client: all or none. */
export function propose(core: Core, commands: readonly Command[]): void {
  const refusal = refusalToLead(core) ?? refusalOf(core, commands);
  if (refusal !== undefined) return refuse(core, refusal);
  const { index, term, timeMs } = nextHead(core);
  const entries = commands.map(({ data, session }, at): Entry => {
    return { kind: "command", index: index + at, term, timeMs, data, session };
  });
  core.out.answer = { kind: "accepted", index, term };
  appendOwn(core, entries);
}

/** The entry with which a leader's term begins. */
export function appendBlank(core: Core): void {
  appendOwn(core, [{ kind: "blank", ...nextHead(core) }]);
}

/** A membership, in force at once (2014 paper, §6: a server always uses the latest configuration in its log). */
export function appendMembership(core: Core, membership: Membership): void {
  appendOwn(core, [{ kind: "membership", ...nextHead(core), membership }]);
}

/** Makes the leader's peers those of its membership; nothing is known of new ones, and they get `next` first. */
export function matchPeers(core: Core, next: number): void {
  const { peers, settings } = core;
  const membership = membershipOf(core);
  const members = allMembers(membership).filter((member) => member.id !== settings.id);
  for (const peer of [...peers.values()]) {
    if (findMember(membership, peer.id)?.incarnation === peer.incarnation) continue;
    sendEntries(core, peer); // The last thing that a removed node hears is its removal.
    peers.delete(peer.id);
  }
  for (const member of members) {
    const votes = isVoter(membership, member.id);
    const peer = peers.get(member.id);
    if (peer === undefined) peers.set(member.id, newProgress(member, votes, next));
    else peer.isVoter = votes;
  }
}

function refusalOf(core: Core, commands: readonly Command[]): Refusal | undefined {
  const { settings: { limits }, uncommittedBytes } = core;
  let bytes = 0;
  for (const { data } of commands) {
    if (data.length > limits.commandBytesMax) return "badCommand";
    bytes += data.length + ENTRY_OVERHEAD_BYTES;
  }
  if (bytes === 0) return "badCommand";
  // One command must always fit, else one larger than the bound would wait for ever.
  const mayExceed = uncommittedBytes === 0 && commands.length === 1;
  const isFull = !mayExceed && uncommittedBytes + bytes > limits.uncommittedBytesMax;
  return isFull ? "full" : undefined;
}

function appendOwn(core: Core, entries: readonly Entry[]): void {
  const { log, out } = core;
  const { append } = out;
  out.append = append === undefined
    ? { prev: log.last, entries }
    : { prev: append.prev, entries: [...append.entries, ...entries] };
  log.append(entries);
  core.uncommittedBytes += bytesOf(entries);
  if (recordMemberships(core, entries)) {
    tellMembership(core);
    matchPeers(core, log.lastIndex);
  }
  broadcastEntries(core);
}

/** Where and when the next entry stands: the log's time is the leader's, but never goes back. */
function nextHead({ log, hardState, timeMs }: Core): EntryHead {
  const index = log.lastIndex + 1;
  return { index, term: hardState.term, timeMs: Math.max(log.lastTimeMs, timeMs) };
}
