/**
 * Messages as bytes: the library's own form. Numbers are varints of up to 53 bits, texts and bytes have their length
 * before them. Bytes are not copied when they are read: they stay views of what came in.
 *
 * Whatever is read comes from outside: every length is checked against what is there before anything is allocated.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import type { Entry, SessionStamp } from "../core/message.ts";
import type { Member, Membership } from "../core/membership.ts";
import { ByteReader, ByteWriter, malformed } from "./bytes.ts";
import { FIELDS_OF, type FieldType, KINDS } from "./fields.ts";
import type { PeerMessage } from "./port.ts";

/** How messages become bytes and come back. */
export interface PeerCodec {
  /** Its name on the wire. */
  readonly name: string;
  /** A message as bytes. */
  encode(message: PeerMessage): Uint8Array;
  /** The message of bytes that may be anything. @throws {HoldfastError} `ERR_MALFORMED` */
  decode(bytes: Uint8Array): PeerMessage;
}

/** The library's own codec. */
export const binaryCodec: PeerCodec = {
  name: "binary",
  encode(message) {
    const writer = new ByteWriter();
    const { code, fields } = FIELDS_OF.get(message.kind) ?? noKind();
    writer.byte(code);
    for (const [name, type] of fields) write(writer, type, Reflect.get(message, name));
    return writer.bytes();
  },
  decode(bytes) {
    const reader = new ByteReader(bytes);
    const [kind, fields] = KINDS[reader.byte()] ?? noKind();
    const message: Record<string, unknown> = { kind };
    for (const [name, type] of fields) message[name] = read(reader, type);
    reader.end();
    return message as unknown as PeerMessage; // its fields are those of the table
  },
};

function noKind(): never {
  throw new HoldfastError("ERR_MALFORMED", "Cannot read a message as there is no such kind");
}

// The value of a field has the type that the table says, so each is what its branch takes.
function write(writer: ByteWriter, type: FieldType, value: unknown): void {
  switch (type) {
    case "text":
      return writer.text(value as string);
    case "whole":
      return writer.whole(value as number);
    case "flag":
      return writer.byte(value ? 1 : 0);
    case "bytes":
      return writer.data(value as Uint8Array);
    case "position":
      return writePosition(writer, value as { index: number; term: number });
    case "entries":
      return writeEntries(writer, value as readonly Entry[]);
    case "texts":
      return writeList(writer, value as readonly string[], (text) => writer.text(text));
    case "snapshot": {
      const snapshot = value as {
        index: number;
        term: number;
        timeMs: number;
        membership: Membership;
      };
      writePosition(writer, snapshot);
      writer.whole(snapshot.timeMs);
      return writeMembership(writer, snapshot.membership);
    }
  }
}

function read(reader: ByteReader, type: FieldType): unknown {
  switch (type) {
    case "text":
      return reader.text();
    case "whole":
      return reader.whole();
    case "flag":
      return reader.flag();
    case "bytes":
      return reader.data();
    case "position":
      return readPosition(reader);
    case "entries":
      return readEntries(reader);
    case "texts":
      return readList(reader, () => reader.text());
    case "snapshot":
      return {
        ...readPosition(reader),
        timeMs: reader.whole(),
        membership: readMembership(reader),
      };
  }
}

function writePosition(writer: ByteWriter, { index, term }: { index: number; term: number }): void {
  writer.whole(index);
  writer.whole(term);
}

function readPosition(reader: ByteReader): { index: number; term: number } {
  const index = reader.whole();
  return { index, term: reader.whole() };
}

function writeList<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  writeItem: (item: Item) => void,
): void {
  writer.whole(items.length);
  for (const item of items) writeItem(item);
}

function readList<Item>(reader: ByteReader, readItem: () => Item): Item[] {
  const items: Item[] = [];
  for (let left = reader.count(); left > 0; left--) items.push(readItem());
  return items;
}

const WITNESS = 1;
const META = 2;

function writeMembership(writer: ByteWriter, membership: Membership): void {
  const { voters, outgoing, learners } = membership;
  for (const list of [voters, outgoing, learners]) {
    writeList(writer, list, ({ id, incarnation, isWitness, meta }) => {
      writer.byte((isWitness ? WITNESS : 0) | (meta === undefined ? 0 : META));
      writer.text(id);
      writer.whole(incarnation);
      if (meta !== undefined) writer.text(meta);
    });
  }
}

function readMembership(reader: ByteReader): Membership {
  const members = () =>
    readList(reader, (): Member => {
      const flags = reader.byte();
      if (flags > (WITNESS | META)) malformed();
      const member = { id: reader.text(), incarnation: reader.whole() };
      const witness = flags & WITNESS ? { ...member, isWitness: true } : member;
      return flags & META ? { ...witness, meta: reader.text() } : witness;
    });
  return { voters: members(), outgoing: members(), learners: members() };
}

const ENTRY_KINDS: readonly Entry["kind"][] = ["command", "blank", "membership", "witnessed"];
const STAMPED = 4;

/** Entries one after the other; the first says index, term and time, the others only what they add. */
function writeEntries(writer: ByteWriter, entries: readonly Entry[]): void {
  writer.whole(entries.length);
  let before = { index: 0, term: 0, timeMs: 0 };
  for (const entry of entries) {
    const session = entry.kind === "command" ? entry.session : undefined;
    writer.byte(ENTRY_KINDS.indexOf(entry.kind) | (session ? STAMPED : 0));
    if (before.index === 0) writer.whole(entry.index);
    writer.whole(entry.term - before.term);
    writer.whole(entry.timeMs - before.timeMs);
    if (session) writeStamp(writer, session);
    if (entry.kind === "command") writer.data(entry.data);
    else if (entry.kind === "membership") writeMembership(writer, entry.membership);
    before = entry;
  }
}

function readEntries(reader: ByteReader): readonly Entry[] {
  const count = reader.count();
  const entries: Entry[] = [];
  let before = { index: 0, term: 0, timeMs: 0 };
  for (let at = 0; at < count; at++) {
    const flags = reader.byte();
    const index = at === 0 ? reader.whole() : before.index + 1;
    // They begin at 1, and are exact.
    if (index === 0 || !Number.isSafeInteger(index)) malformed();
    before = { index, term: reader.whole(before.term), timeMs: reader.whole(before.timeMs) };
    entries.push(readEntry(reader, flags, before));
  }
  return entries;
}

function readEntry(
  reader: ByteReader,
  flags: number,
  { index, term, timeMs }: { index: number; term: number; timeMs: number },
): Entry {
  const kind = ENTRY_KINDS[flags & ~STAMPED] ?? noKind();
  switch (kind) {
    case "command": {
      const session = flags & STAMPED ? readStamp(reader) : undefined;
      return { kind, index, term, timeMs, data: reader.data(), session };
    }
    case "membership":
      return { kind, index, term, timeMs, membership: readMembership(reader) };
    default:
      return { kind, index, term, timeMs };
  }
}

function writeStamp(writer: ByteWriter, { session, sequence, acknowledged }: SessionStamp): void {
  writer.whole(session);
  writer.whole(sequence);
  writer.whole(acknowledged);
}

function readStamp(reader: ByteReader): SessionStamp {
  const session = reader.whole();
  const sequence = reader.whole();
  return { session, sequence, acknowledged: reader.whole() };
}
