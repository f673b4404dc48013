/**
 * What a step has decided so far, and how it becomes a {@linkcode Ready}.
 *
 * @module
 */

import type { Entry, Envelope, Message } from "./message.ts";
import type { NodeId } from "./membership.ts";
import type { RaftEvent, Ready, Refusal, StoreWrite } from "./ready.ts";
import { type Core, membershipIndexOf, membershipOf, type Outbox } from "./state.ts";

const NOTHING: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** Nothing decided yet. */
export function newOutbox(): Outbox {
  return {
    isHardStateChanged: false,
    append: undefined,
    isProofWanted: false,
    commitBefore: undefined,
    snapshotWrites: [],
    messages: [],
    messagesAfterStored: [],
    restore: undefined,
    reads: [],
    fetches: [],
    answer: undefined,
    events: [],
  };
}

/** Sends a message that attests to nothing. */
export function send(core: Core, message: Message): void {
  core.out.messages.push(message);
}

/** Sends a message that attests to what this step, or an earlier one, writes. */
export function sendAfterStored(core: Core, message: Message): void {
  core.out.messagesAfterStored.push(message);
}

/** The address of a message in the node's term. */
export function envelope(core: Core, to: NodeId, toIncarnation: number): Envelope {
  const { cluster, id, incarnation } = core.settings;
  const { term } = core.hardState;
  return { cluster, from: id, fromIncarnation: incarnation, to, toIncarnation, term };
}

/** Tells observers. */
export function tell(core: Core, event: RaftEvent): void {
  core.out.events.push(event);
}

/** Tells observers which membership is in force now. */
export function tellMembership(core: Core): void {
  tell(core, {
    kind: "membership",
    membership: membershipOf(core),
    index: membershipIndexOf(core),
  });
}

/** Answers that nothing was done. */
export function refuse(core: Core, reason: Refusal): void {
  core.out.answer = { kind: "refused", reason, leader: core.leader };
}

/** The sequence of the save that this step will make, if it makes one. */
export function nextSequence(core: Core): number {
  return core.issued + 1;
}

/** Closes the step: numbers its writes, hands out what may be applied, and begins a new outbox. */
export function takeReady(core: Core): Ready {
  const { out } = core;
  const { messages, messagesAfterStored: waiting, restore, reads, fetches, answer, events } = out;
  const writes = takeWrites(core);
  const mustWait = waiting.length > 0 && core.issued > core.durable;
  // Lists that are empty stay for the next step: most of them are, most of the time.
  if (messages.length > 0) out.messages = [];
  if (waiting.length > 0) out.messagesAfterStored = [];
  if (reads.length > 0) out.reads = [];
  if (fetches.length > 0) out.fetches = [];
  if (events.length > 0) out.events = [];
  out.restore = undefined;
  out.answer = undefined;
  return {
    writes,
    messages: mustWait || waiting.length === 0 ? orNothing(messages) : [...messages, ...waiting],
    messagesAfterStored: mustWait ? waiting : NOTHING,
    storedThrough: core.issued,
    restore,
    committed: takeCommitted(core),
    reads: orNothing(reads),
    fetches: orNothing(fetches),
    answer,
    events: orNothing(events),
  };
}

/** An empty list is kept by the outbox, so the ready gets another one that nobody fills. */
function orNothing<Item>(list: readonly Item[]): readonly Item[] {
  return list.length === 0 ? NOTHING : list;
}

function takeWrites(core: Core): readonly StoreWrite[] {
  const { out } = core;
  const hasSave = out.isHardStateChanged || out.append !== undefined || out.isProofWanted;
  if (!hasSave && out.snapshotWrites.length === 0) return NOTHING;
  const writes: StoreWrite[] = [];
  if (hasSave) {
    const sequence = ++core.issued;
    const hardState = out.isHardStateChanged ? core.hardState : undefined;
    const commit = out.commitBefore ?? core.commit;
    writes.push({ kind: "save", sequence, hardState, commit, append: out.append });
    if (out.append !== undefined) core.log.writing(sequence);
    out.isHardStateChanged = false;
    out.append = undefined;
    out.isProofWanted = false;
  }
  for (const write of out.snapshotWrites) {
    const sequence = ++core.issued;
    writes.push({ ...write, sequence });
    if (write.kind === "install") {
      core.log.writing(sequence);
      core.installing = { snapshot: write.snapshot, sequence };
    }
  }
  out.snapshotWrites = [];
  out.commitBefore = undefined;
  return writes;
}

/** What is committed and stored here, and was not handed out before. */
function takeCommitted(core: Core): readonly Entry[] {
  const to = Math.min(core.commit, core.log.stored);
  if (to <= core.handedOut) return NOTHING;
  const entries = core.log.range(core.handedOut + 1, to + 1);
  core.handedOut = to;
  return entries;
}
