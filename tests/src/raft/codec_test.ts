/**
 * Both codecs: every message comes back as it was, and nothing else is taken for one.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { msgpackCodec } from "../../../adapters/tcp/msgpack.ts";
import type { Entry } from "../../../src/raft/core/mod.ts";
import { binaryCodec } from "../../../src/raft/transport/codec.ts";
import { type FieldType, KINDS } from "../../../src/raft/transport/fields.ts";
import { framed, FrameReader } from "../../../src/raft/transport/frames.ts";
import type { PeerMessage } from "../../../src/raft/transport/port.ts";

/** Records as literals make them. */
const record = <Shape extends Record<string, fc.Arbitrary<unknown>>>(shape: Shape) =>
  fc.record(shape, { noNullPrototype: true });

const whole = fc.oneof(fc.nat(300), fc.maxSafeNat());
const text = fc.string({ unit: "grapheme", maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 300 });
const position = record({ index: whole, term: whole });
const member = fc.record(
  { id: text, incarnation: whole, isWitness: fc.constant(true), meta: text },
  { requiredKeys: ["id", "incarnation"], noNullPrototype: true },
);
const members = fc.array(member, { maxLength: 4 });
const membership = record({ voters: members, outgoing: members, learners: members });
const stamp = fc.option(
  record({ session: whole, sequence: whole, acknowledged: whole }),
  { nil: undefined },
);
const body = fc.oneof(
  record({ kind: fc.constant("command"), data: bytes, session: stamp }),
  record({ kind: fc.constantFrom("blank", "witnessed") }),
  record({ kind: fc.constant("membership"), membership }),
);

/** Entries as logs have them: no gap, and terms and times that never go back. */
const entries = fc.tuple(
  fc.integer({ min: 1, max: 2 ** 40 }),
  fc.array(fc.tuple(body, fc.nat(3), fc.nat(2 ** 40)), { maxLength: 8 }),
)
  .map(([first, list]): readonly Entry[] => {
    let [term, timeMs] = [1, 0];
    return list.map(([rest, more, later], at) => {
      term += more;
      timeMs += later;
      return { index: first + at, term, timeMs, ...rest } as Entry; // the record says its kind
    });
  });

const FIELDS: Record<FieldType, fc.Arbitrary<unknown>> = {
  text,
  whole,
  flag: fc.boolean(),
  bytes,
  position,
  entries,
  snapshot: record({ index: whole, term: whole, timeMs: whole, membership }),
  texts: fc.array(text, { maxLength: 4 }),
};

const message = fc.oneof(
  ...KINDS.map(([kind, fields]) =>
    fc.record(Object.fromEntries(fields.map(([name, type]) => [name, FIELDS[type]])), {
      noNullPrototype: true,
    }).map((rest) => ({ kind, ...rest }) as unknown as PeerMessage)
  ),
);

for (const codec of [binaryCodec, msgpackCodec]) {
  Deno.test(`the codec ${codec.name} gives every message back as it was`, () => {
    fc.assert(
      fc.property(message, (each) => {
        deepStrictEqual(codec.decode(codec.encode(each)), each);
      }),
      { numRuns: 500 },
    );
  });

  Deno.test(`the codec ${codec.name} refuses what is cut off, and never more than that`, () => {
    fc.assert(
      fc.property(message, fc.nat(), (each, at) => {
        const whole = codec.encode(each);
        const cut = whole.slice(0, at % whole.length);
        throws(() => codec.decode(cut), { code: "ERR_MALFORMED" });
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          codec.decode(noise);
        } catch (error) {
          strictEqual((error as { code?: string }).code, "ERR_MALFORMED");
        }
      }),
      { numRuns: 2_000 },
    );
  });
}

Deno.test("the codec binary copies no bytes, and promises no memory that is not there", () => {
  const data = new Uint8Array(1_000).fill(7);
  const entry: Entry = { kind: "command", index: 1, term: 1, timeMs: 0, data, session: undefined };
  const sent = binaryCodec.encode(appending([entry]));
  const found = binaryCodec.decode(sent);
  ok(found.kind === "appendEntries" && found.entries[0]?.kind === "command");
  strictEqual(found.entries[0].data.buffer, sent.buffer);
  // 2^40 entries that nobody sent.
  const lie = sent.slice();
  const at = sent.length - data.length - 10;
  lie.set([0xff, 0xff, 0xff, 0xff, 0xff, 0x1f], at);
  throws(() => binaryCodec.decode(lie), { code: "ERR_MALFORMED" });
});

Deno.test("the codec binary refuses entries from index 0, and sums that are not exact any more", () => {
  const max = Number.MAX_SAFE_INTEGER;
  const entry = (index: number, term: number, timeMs: number): Entry => {
    return { kind: "blank", index, term, timeMs };
  };
  /** Two entries, the second of which says how much later it is than the first. */
  const sent = (index: number, term: number, timeMs: number) =>
    binaryCodec.encode(appending([entry(index, term, timeMs), entry(index + 1, term, timeMs)]));
  const last = sent(max - 1, max, max);
  deepStrictEqual(
    binaryCodec.decode(last),
    appending([entry(max - 1, max, max), entry(max, max, max)]),
  );
  // At the end: the second's flags, term, and time, and the commit.
  for (const at of [last.length - 3, last.length - 2]) {
    const later = last.slice();
    later[at] = 1;
    throws(() => binaryCodec.decode(later), { code: "ERR_MALFORMED" }, String(at));
  }
  throws(() => binaryCodec.decode(sent(max, 1, 1)), { code: "ERR_MALFORMED" });
  throws(() => binaryCodec.decode(binaryCodec.encode(appending([entry(0, 1, 1)]))), {
    code: "ERR_MALFORMED",
  });
});

Deno.test("FrameReader gives the same frames however the bytes are cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 60 }), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (messages, cuts) => {
        const all = Uint8Array.from(messages.flatMap((each) => [...framed(each)]));
        const reader = new FrameReader(100);
        const found: Uint8Array[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const to = at + (cuts[i % cuts.length] ?? 1);
          found.push(...reader.push(all.slice(at, to)));
          at = to;
        }
        deepStrictEqual(found.map((each) => [...each]), messages.map((each) => [...each]));
        strictEqual(reader.isWithin, false);
      },
    ),
  );
});

Deno.test("FrameReader refuses a frame that is too long before it has come", () => {
  const head = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1);
  throws(() => new FrameReader(1_000).push(head), { code: "ERR_MALFORMED", fault: "too-long" });
  const other = framed(new Uint8Array(3));
  other[4] = 9;
  throws(() => new FrameReader(1_000).push(other), { fault: "version" });
  throws(() => new FrameReader(1_000).push(Uint8Array.of(0, 0, 0, 0, 1)), { fault: "too-long" });
});

function appending(list: readonly Entry[]): PeerMessage {
  return {
    kind: "appendEntries",
    cluster: "c",
    from: "a",
    fromIncarnation: 1,
    to: "b",
    toIncarnation: 1,
    term: 1,
    isToVoter: true,
    prev: { index: 0, term: 0 },
    entries: list,
    commit: 0,
  };
}
