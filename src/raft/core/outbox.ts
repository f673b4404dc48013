/**
 * What a step has decided so far, and how it becomes a {@linkcode Ready}.
 *
 * @module
 */

import type { Entry, Envelope, Message } from "./message.ts";
import type { Member, NodeId } from "./membership.ts";
import type { RaftEvent, Ready, Refusal, StoreWrite } from "./ready.ts";
import { type Core, membershipIndexOf, membershipOf, type Outbox } from "./state.ts";

/** Which life of which node sent something. */
type Sender = Pick<Envelope, "from" | "fromIncarnation">;

const NOTHING: readonly never[] = /* @__PURE__ */ Object.freeze([]);

/** Nothing decided yet. */
export function newOutbox(): Outbox {
  return {
    hardState: undefined,
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

/** The address of a message to a life of a node, in this node's term. */
export function addressTo(core: Core, to: Pick<Member, "id" | "incarnation">): Envelope {
  const { cluster, id, incarnation } = core.settings;
  const { term } = core.hardState;
  return {
    cluster,
    from: id,
    fromIncarnation: incarnation,
    to: to.id,
    toIncarnation: to.incarnation,
    term,
  };
}

/** The address of the answer to a message. */
export function replyTo(core: Core, { from, fromIncarnation }: Sender): Envelope {
  return addressTo(core, { id: from, incarnation: fromIncarnation });
}

/** Enters a term, or votes in it: to be saved by this step. */
export function setHardState(core: Core, term: number, vote?: NodeId): void {
  core.hardState = core.out.hardState = { term, vote };
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
  const { restore, answer } = out;
  out.restore = undefined;
  out.answer = undefined;
  const writes = takeWrites(core);
  const mustWait = core.issued > core.durable;
  const messages = taken(out.messages);
  const waiting = taken(out.messagesAfterStored);
  return {
    writes,
    messages: mustWait || waiting.length === 0 ? messages : [...messages, ...waiting],
    messagesAfterStored: mustWait ? waiting : NOTHING,
    storedThrough: core.issued,
    restore,
    committed: takeCommitted(core),
    reads: taken(out.reads),
    fetches: taken(out.fetches),
    answer,
    events: taken(out.events),
  };
}

/** What a list of the outbox has; it is empty then. Most of them are, most of the time. */
function taken<Item>(list: Item[]): readonly Item[] {
  return list.length === 0 ? NOTHING : list.splice(0);
}

function takeWrites(core: Core): readonly StoreWrite[] {
  const { out } = core;
  const hasSave = out.hardState !== undefined || out.append !== undefined || out.isProofWanted;
  if (!hasSave && out.snapshotWrites.length === 0) return NOTHING;
  const writes: StoreWrite[] = [];
  if (hasSave) {
    const sequence = ++core.issued;
    const { hardState, append, commitBefore } = out;
    const commit = commitBefore ?? core.commit;
    writes.push({ kind: "save", sequence, hardState, commit, append });
    if (out.append !== undefined) core.log.writing(sequence);
    out.hardState = undefined;
    out.append = undefined;
    out.isProofWanted = false;
  }
  for (const write of taken(out.snapshotWrites)) {
    const sequence = ++core.issued;
    writes.push({ ...write, sequence });
    if (write.kind === "install") {
      core.log.writing(sequence);
      core.installing = { snapshot: write.snapshot, sequence };
    }
  }
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
