/**
 * Ways between nodes over pipes that a test can silence, by a clock that a test moves.
 *
 * @module
 */

import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { seededRandom } from "../../../src/random.ts";
import { Introductions } from "../../../src/raft/introductions.ts";
import { binaryCodec } from "../../../src/raft/transport/codec.ts";
import { type LinkOptions, linkSettings, PeerLink } from "../../../src/raft/transport/links.ts";
import type { OpenPipe, PipeEvents } from "../../../src/raft/transport/pipe.ts";
import type { Identity, PeerMessage } from "../../../src/raft/transport/port.ts";
import { manualClock, settle } from "../../contracts/manual_clock.ts";

const clock = manualClock;

function question(from: string, to: string, number = 1): PeerMessage {
  return { kind: "identify", cluster: "raft", from, to, question: number };
}

/** Links by their URLs, and what happens on the way. */
function network(options: LinkOptions = {}) {
  const time = clock();
  const links = new Map<string, PeerLink>();
  const received = new Map<string, PeerMessage[]>();
  const lost = new Set<string>();
  const dial = (from: string) => (to: string): OpenPipe => (events) => {
    if (to.startsWith("bad:")) throw new TypeError("no URL");
    const ends: { near: PipeEvents; far?: PipeEvents } = { near: events };
    const carry = (way: string, take: (bytes: Uint8Array) => void) => (bytes: Uint8Array) => {
      if (!lost.has(way)) queueMicrotask(() => take(bytes));
      return true;
    };
    const close = (): void => queueMicrotask(() => ends.far?.ended("closed"));
    queueMicrotask(() => {
      const link = links.get(to);
      if (link === undefined) return events.ended("refused");
      link.accept((far) => {
        ends.far = far;
        return { write: carry(`${to} ${from}`, (bytes) => events.data(bytes)), close: () => {} };
      });
    });
    return { write: carry(`${from} ${to}`, (bytes) => ends.far?.data(bytes)), close };
  };
  const add = (url: string): PeerLink => {
    const messages: PeerMessage[] = [];
    received.set(url, messages);
    const reach = { codecs: [binaryCodec], codecOf: () => binaryCodec, dial: dial(url) };
    const link = new PeerLink(linkSettings("make a test", options), reach, {
      url,
      cluster: "raft",
      clock: time,
      random: seededRandom(1),
      receive: (message) => void messages.push(message),
      unreachable: () => {},
      happened: () => {},
    }, () => Promise.resolve());
    links.set(url, link);
    return link;
  };
  return { time, links, received, lost, add };
}

Deno.test("PeerLink dials again where it speaks and speaks and hears nothing", async () => {
  const { time, received, lost, add } = network();
  const a = add("a:");
  const b = add("b:");
  const speak = async (seconds: number) => {
    for (let tick = 0; tick < seconds * 10; tick++) {
      a.send(question("a:", "b:"));
      b.send(question("b:", "a:"));
      await time.advance(100);
    }
  };
  await speak(10);
  deepStrictEqual(a.counters().refused, {});
  strictEqual(received.get("b:")?.length, 100);
  // Packets get lost, and nobody is told.
  lost.add("a: b:").add("b: a:");
  await speak(4);
  deepStrictEqual(a.counters().refused, { unanswered: 1 });
  lost.clear();
  const before = received.get("b:")?.length ?? 0;
  // Dialling was in vain, too, for as long as a greeting may take.
  await speak(9);
  ok((received.get("b:")?.length ?? 0) > before + 10);
  // A pause of one's own is no silence of the other's.
  await time.advance(20_000);
  const refused = a.counters().refused.unanswered;
  await speak(1);
  strictEqual(a.counters().refused.unanswered, refused);
  await Promise.all([a.close(), b.close()]);
  await time.advance(60_000);
  strictEqual(time.pending, 0);
});

Deno.test("PeerLink keeps a bounded number of ways, whatever names come", async () => {
  const { time, add } = network({ connectionsMax: 2 });
  const a = add("a:");
  const others = ["b:", "c:", "d:", "e:", "f:"].map(add);
  for (let n = 0; n < 100; n++) a.send(question("a:", `nobody${n}:`));
  await settle();
  const { dropped } = a.counters();
  strictEqual(dropped, 100);
  // Those that nobody answered at gave way; of those that answer there are as many as may be.
  for (const to of ["b:", "c:", "d:", "e:", "f:"]) a.send(question("a:", to));
  await settle();
  strictEqual(a.counters().dropped - dropped, 1);
  await Promise.all([a, ...others].map((link) => link.close()));
  await time.advance(60_000);
  strictEqual(time.pending, 0);
});

Deno.test("Introductions takes an answer only of whom it asked, and to what this process asked", async () => {
  const time = clock();
  const asked: PeerMessage[] = [];
  const host = { url: "a:", cluster: "raft", clock: time, random: seededRandom(7) };
  const link = {
    send: (message: PeerMessage) => void asked.push(message),
    counters: () => ({
      sent: 0,
      received: 0,
      bytesSent: 0,
      bytesReceived: 0,
      dropped: 0,
      refused: {},
    }),
    close: () => Promise.resolve(),
  };
  const introductions = new Introductions(host, () => link, () => undefined);
  const answer = (from: string, question: number, incarnation: number): Identity => ({
    kind: "identity",
    cluster: "raft",
    from,
    to: "a:",
    question,
    incarnation,
    isWitness: false,
    members: [],
    meta: "null",
  });
  const asking = introductions.ask("b:", { untilMs: 5_000, signal: undefined });
  await settle();
  const [first] = asked;
  ok(first?.kind === "identify");
  // Numbers of an earlier process, and another node's answer.
  for (let n = 0; n < 10; n++) introductions.receive(answer("b:", n, 1));
  introductions.receive(answer("c:", first.question, 2));
  introductions.receive(answer("b:", first.question, 3));
  strictEqual((await asking).incarnation, 3);
});
