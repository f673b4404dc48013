/**
 * The fields of every message in their order: the one table that codecs follow.
 *
 * A message on the wire is its kind's number and its fields. A new kind or field gets a new version of the wire.
 *
 * @module
 */

import type { PeerMessage } from "./port.ts";

/** The version of the wire. A frame of another one is refused. */
export const WIRE_VERSION = 1;

/** How a field is carried. */
export type FieldType =
  /** A text. */
  | "text"
  /** A whole number from 0 to 2^53 - 1. */
  | "whole"
  /** True or false. */
  | "flag"
  /** Bytes. */
  | "bytes"
  /** Index and term. */
  | "position"
  /** Entries without a gap. */
  | "entries"
  /** A snapshot's description. */
  | "snapshot"
  /** Texts. */
  | "texts";

/** A field's name and type. */
export type Field = readonly [name: string, type: FieldType];

const ENVELOPE: readonly Field[] = [
  ["cluster", "text"],
  ["from", "text"],
  ["fromIncarnation", "whole"],
  ["to", "text"],
  ["toIncarnation", "whole"],
  ["term", "whole"],
];
const FROM_LEADER: readonly Field[] = [...ENVELOPE, ["isToVoter", "flag"]];
const QUESTION: readonly Field[] = [
  ["cluster", "text"],
  ["from", "text"],
  ["to", "text"],
  ["question", "whole"],
];

/** Every kind, its number being its place, with its fields. */
export const KINDS: readonly (readonly [PeerMessage["kind"], readonly Field[]])[] = [
  ["requestPreVote", [...ENVELOPE, ["last", "position"]]],
  ["preVote", [...ENVELOPE, ["isGranted", "flag"]]],
  ["requestVote", [...ENVELOPE, ["last", "position"], ["isTransfer", "flag"]]],
  ["vote", [...ENVELOPE, ["isGranted", "flag"]]],
  [
    "appendEntries",
    [...FROM_LEADER, ["prev", "position"], ["entries", "entries"], ["commit", "whole"]],
  ],
  ["appended", [...ENVELOPE, ["match", "whole"]]],
  ["appendRefused", [...ENVELOPE, ["refused", "whole"], ["hint", "position"]]],
  [
    "heartbeat",
    [...FROM_LEADER, ["committed", "position"], ["match", "whole"], ["round", "whole"]],
  ],
  ["heartbeatHeard", [...ENVELOPE, ["round", "whole"]]],
  [
    "installSnapshot",
    [
      ...FROM_LEADER,
      ["snapshot", "snapshot"],
      ["offset", "whole"],
      ["data", "bytes"],
      ["isLast", "flag"],
    ],
  ],
  ["snapshotProgress", [...ENVELOPE, ["index", "whole"], ["offset", "whole"], ["hasAll", "flag"]]],
  ["timeoutNow", ENVELOPE],
  ["requestReadIndex", [...ENVELOPE, ["attempt", "whole"]]],
  ["readIndex", [...ENVELOPE, ["attempt", "whole"], ["index", "whole"]]],
  ["identify", QUESTION],
  [
    "identity",
    [
      ...QUESTION,
      ["incarnation", "whole"],
      ["isWitness", "flag"],
      ["members", "texts"],
      ["meta", "text"],
    ],
  ],
];

/** The fields of each kind. */
export const FIELDS_OF: ReadonlyMap<
  string,
  { readonly code: number; readonly fields: readonly Field[] }
> = /* @__PURE__ */ new Map(KINDS.map(([kind, fields], code) => [kind, { code, fields }]));
