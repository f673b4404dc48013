/**
 * What browsers say to a hub, positions of logs, and bytes that nodes send to each other.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { msgpackCodec } from "../../../adapters/tcp/msgpack.ts";
import { parsePosition, positionText } from "../../../src/log/position.ts";
import type { Membership } from "../../../src/raft/core/membership.ts";
import { binaryCodec, type PeerCodec } from "../../../src/raft/transport/codec.ts";
import { framed, FrameReader } from "../../../src/raft/transport/frames.ts";
import type { PeerMessage } from "../../../src/raft/transport/port.ts";
import {
  parseBatch,
  parseHello,
  parseMessage,
  parseModels,
  parsePresence,
  parseRead,
  parseSubscription,
} from "../../../src/sync/wire.ts";
import {
  anyBytes,
  anyText,
  assertUnpolluted,
  type FuzzTarget,
  nearly,
  refusing,
  target,
} from "../target.ts";

const MESSAGES = nearly(
  '{"id":1,"event":"Todo:upsert","data":{"id":2,"text":"tea"},"tx":"me/3","v":"12-abc"}',
  '{"event":"$sync:subscribe","data":{"model":"Todo","after":"e.12.t"}}',
  '[{"id":"x","event":"constructor:read"},{"event":"Todo:__proto__","data":[]}]',
);

const ENVELOPE = {
  cluster: "c",
  from: "local://a",
  fromIncarnation: 1,
  to: "local://b",
  toIncarnation: 2,
  term: 3,
  isToVoter: true,
} as const;
const MEMBERSHIP: Membership = {
  voters: [{ id: "local://a", incarnation: 1, meta: "zone" }],
  outgoing: [],
  learners: [{ id: "local://b", incarnation: 2, isWitness: true }],
};
const PLACE = { index: 7, term: 3, timeMs: 2 ** 41 } as const;
const PEER_MESSAGES: readonly PeerMessage[] = [
  {
    kind: "appendEntries",
    ...ENVELOPE,
    prev: { index: 6, term: 2 },
    entries: [
      {
        kind: "command",
        ...PLACE,
        data: Uint8Array.of(1, 2, 3),
        session: { session: 5, sequence: 2, acknowledged: 1 },
      },
      { kind: "blank", ...PLACE, index: 8, term: 4 },
      { kind: "membership", ...PLACE, index: 9, term: 4, membership: MEMBERSHIP },
    ],
    commit: 6,
  },
  {
    kind: "installSnapshot",
    ...ENVELOPE,
    snapshot: { ...PLACE, membership: MEMBERSHIP },
    offset: 0,
    data: Uint8Array.of(9),
    isLast: true,
  },
];

/** Bytes of messages, some of them replaced by others: what decodes, though no encoder wrote it, is among these. */
function nearlyMessages(codec: PeerCodec): fc.Arbitrary<Uint8Array> {
  const edge = fc.constantFrom([0], [1], [0x7f], [0xff], [...Array(7).fill(0xff), 0x0f]);
  const by = fc.oneof(edge, fc.array(fc.nat(255), { maxLength: 3 }));
  return fc.tuple(
    fc.constantFrom(...PEER_MESSAGES.map((message) => [...codec.encode(message)])),
    fc.array(fc.tuple(fc.nat(), fc.nat(3), by), { minLength: 1, maxLength: 3 }),
  ).map(([bytes, cuts]) =>
    Uint8Array.from(
      cuts.reduce((left, [at, count, by]) => left.toSpliced(at % left.length, count, ...by), bytes),
    )
  );
}

/** What a codec makes of bytes goes through it unchanged, or is refused. */
function codecTarget(codec: PeerCodec): FuzzTarget {
  const inputs = fc.oneof(anyBytes(), nearlyMessages(codec));
  return target(`the codec ${codec.name} gives messages or ERR_MALFORMED`, inputs, (bytes) => {
    const message = refusing(() => codec.decode(bytes), "ERR_MALFORMED");
    if (message !== undefined) deepStrictEqual(codec.decode(codec.encode(message)), message);
    assertUnpolluted();
  });
}

/** The targets of sync, logs and nodes. */
export const targets: readonly FuzzTarget[] = [
  target(
    "the hub's parsers give what they promise, or nothing",
    fc.oneof(MESSAGES, fc.json({ maxDepth: 5 }), anyText()),
    (text) => {
      parseBatch(text);
      const parsed: unknown = parseMessage(text);
      const data: unknown = Object(Object(parsed).message).data;
      for (const parse of [parseSubscription, parseHello, parsePresence, parseRead]) parse(data);
      parseModels(text);
      assertUnpolluted();
    },
  ),
  target(
    "parsePosition() gives what positionText() writes, or refuses it",
    fc.oneof(anyText(), nearly("epoch.12.tag", "e.0.", "a-b_c.9007199254740991.t")),
    (text) => {
      const position = refusing(() => parsePosition(text), "ERR_INVALID_CURSOR");
      if (position !== undefined) deepStrictEqual(parsePosition(positionText(position)), position);
    },
  ),
  codecTarget(binaryCodec),
  codecTarget(msgpackCodec),
  target(
    "FrameReader gives whole frames however they are cut, or ERR_MALFORMED",
    fc.tuple(fc.array(anyBytes(), { maxLength: 5 }), fc.array(fc.nat(50), { maxLength: 40 })),
    ([messages, cuts]) => {
      const stream = messages.flatMap((message) => [...framed(message)]);
      const reader = new FrameReader();
      const found: Uint8Array[] = [];
      let at = 0;
      for (const size of [...cuts, stream.length]) {
        found.push(...reader.push(Uint8Array.from(stream.slice(at, at + size))));
        at += size;
      }
      deepStrictEqual(found.map((each) => [...each]), messages.map((each) => [...each]));
    },
  ),
  target("FrameReader takes any bytes, or ends by ERR_MALFORMED", anyBytes(), (bytes) => {
    refusing(() => new FrameReader(1_000).push(bytes), "ERR_MALFORMED");
  }),
];
