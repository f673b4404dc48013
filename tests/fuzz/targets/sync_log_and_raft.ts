/**
 * What browsers say to a hub, positions of logs, and bytes that nodes send to each other.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import fc from "fast-check";
import { msgpackCodec } from "../../../adapters/tcp/msgpack.ts";
import { parsePosition, positionText } from "../../../src/log/position.ts";
import { binaryCodec, type PeerCodec } from "../../../src/raft/transport/codec.ts";
import { framed, FrameReader } from "../../../src/raft/transport/frames.ts";
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

/** What a codec makes of bytes goes through it unchanged, or is refused. */
function codecTarget(codec: PeerCodec): FuzzTarget {
  return target(`the codec ${codec.name} gives messages or ERR_MALFORMED`, anyBytes(), (bytes) => {
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
