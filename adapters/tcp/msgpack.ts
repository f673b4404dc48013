/**
 * Messages in MessagePack: an array of the kind's number and its fields.
 *
 * What comes in is checked field by field before it is believed.
 *
 * @module
 */

import { decode, encode } from "npm:@msgpack/msgpack@^3.1.3";
import { HoldfastError } from "../../src/errors.ts";
import type { Entry, SessionStamp } from "../../src/raft/core/message.ts";
import type { Member, Membership } from "../../src/raft/core/membership.ts";
import type { PeerCodec } from "../../src/raft/transport/codec.ts";
import { FIELDS_OF, type FieldType, KINDS } from "../../src/raft/transport/fields.ts";
import type { PeerMessage } from "../../src/raft/transport/port.ts";

/** The codec of `tcp+msgpack:`. */
export const msgpackCodec: PeerCodec = {
  name: "msgpack",
  encode(message) {
    const { code, fields } = FIELDS_OF.get(message.kind) ?? malformed();
    const values = fields.map(([name, type]) => packed(type, Reflect.get(message, name)));
    return encode([code, ...values]);
  },
  decode(bytes) {
    const [code, ...values] = list(unpacked(bytes));
    const [kind, fields] = KINDS[whole(code)] ?? malformed();
    if (values.length !== fields.length) malformed();
    const message: Record<string, unknown> = { kind };
    fields.forEach(([name, type], at) => message[name] = READ[type](values[at]));
    return message as unknown as PeerMessage; // its fields are those of the table
  },
};

function unpacked(bytes: Uint8Array): unknown {
  try {
    return decode(bytes, { maxExtLength: 0 });
  } catch {
    // Not MessagePack, or cut off.
    return malformed();
  }
}

/** A field as plain arrays. Its value has the type that the table says. */
function packed(type: FieldType, value: unknown): unknown {
  if (type === "entries") return (value as readonly Entry[]).map(packedEntry);
  if (type === "position") return pair(value as { index: number; term: number });
  if (type !== "snapshot") return value;
  const snapshot = value as { index: number; term: number; timeMs: number; membership: Membership };
  return [...pair(snapshot), snapshot.timeMs, packedMembership(snapshot.membership)];
}

function pair({ index, term }: { index: number; term: number }): [number, number] {
  return [index, term];
}

function packedMembership({ voters, outgoing, learners }: Membership): unknown {
  return [voters, outgoing, learners].map((members) =>
    members.map(({ id, incarnation, isWitness = false, meta = null }) => [
      id,
      incarnation,
      isWitness,
      meta,
    ])
  );
}

const ENTRY_KINDS: readonly Entry["kind"][] = ["command", "blank", "membership", "witnessed"];

function packedEntry(entry: Entry): unknown {
  const head = [ENTRY_KINDS.indexOf(entry.kind), ...pair(entry), entry.timeMs];
  if (entry.kind === "membership") return [...head, packedMembership(entry.membership)];
  if (entry.kind !== "command") return head;
  const { data, session } = entry;
  const stamp = session && [session.session, session.sequence, session.acknowledged];
  return [...head, data, stamp ?? null];
}

const READ: Readonly<Record<FieldType, (value: unknown) => unknown>> = {
  text,
  whole,
  flag,
  bytes,
  position,
  entries: (value) => list(value).map(entry),
  snapshot(value) {
    const [index, term, timeMs, members] = list(value);
    return { ...position([index, term]), timeMs: whole(timeMs), membership: membership(members) };
  },
  texts: (value) => list(value).map(text),
};

function entry(value: unknown): Entry {
  const [code, index, term, timeMs, payload, stamp] = list(value);
  const kind = ENTRY_KINDS[whole(code)] ?? malformed();
  const head = { ...position([index, term]), timeMs: whole(timeMs) };
  switch (kind) {
    case "command":
      return { kind, ...head, data: bytes(payload), session: session(stamp) };
    case "membership":
      return { kind, ...head, membership: membership(payload) };
    default:
      return { kind, ...head };
  }
}

function membership(value: unknown): Membership {
  const [voters, outgoing, learners] = list(value).map((members) => list(members).map(member));
  if (!voters || !outgoing || !learners) return malformed();
  return { voters, outgoing, learners };
}

function member(value: unknown): Member {
  const [id, incarnation, isWitness, meta] = list(value);
  const known = { id: text(id), incarnation: whole(incarnation) };
  const witness = flag(isWitness) ? { ...known, isWitness: true } : known;
  return meta === null ? witness : { ...witness, meta: text(meta) };
}

function session(value: unknown): SessionStamp | undefined {
  if (value === null) return undefined;
  const [session, sequence, acknowledged] = list(value).map(whole);
  return { session: whole(session), sequence: whole(sequence), acknowledged: whole(acknowledged) };
}

function position(value: unknown): { index: number; term: number } {
  const [index, term] = list(value);
  return { index: whole(index), term: whole(term) };
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : malformed();
}

function text(value: unknown): string {
  return typeof value === "string" ? value : malformed();
}

function whole(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0
    ? value
    : malformed();
}

function flag(value: unknown): boolean {
  return typeof value === "boolean" ? value : malformed();
}

function bytes(value: unknown): Uint8Array {
  return value instanceof Uint8Array ? value : malformed();
}

function malformed(): never {
  throw new HoldfastError("ERR_MALFORMED", "Cannot read a message as its fields do not fit");
}
