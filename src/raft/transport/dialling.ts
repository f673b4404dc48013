/**
 * The way to one other node: dialled when there is something to say, again after a growing and random pause if that
 * fails, and given up when it is silent for long.
 *
 * What cannot be sent is dropped: Raft says again what matters.
 *
 * @module
 */

import { backoffMs } from "../../backoff.ts";
import { HoldfastError } from "../../errors.ts";
import { randomToken } from "../../random.ts";
import type { PeerCodec } from "./codec.ts";
import type { Counting } from "./counting.ts";
import { framed } from "./frames.ts";
import type { PeerMessage, TransportHost } from "./port.ts";
import type { Connection } from "./connection.ts";
import { type Hello, helloFrame, readChallenge, readWelcome } from "./greeting.ts";

/** What a way needs. */
export interface DiallingParts {
  readonly host: TransportHost;
  readonly peer: string;
  readonly channel: Hello["channel"];
  readonly codec: PeerCodec;
  readonly secret: string;
  readonly counting: Counting;
  /** Most bytes that wait to be sent. */
  readonly queueBytesMax: number;
  /** Begins a connection. */
  connect(): Connection;
}

const WAITS = { firstMs: 50, ceilingMs: 2_000 };

/** How long a node that is sent to may say nothing before the way to it is taken for dead, in milliseconds. */
const ANSWER_MS_MAX = 3_000;

/** As many bytes as are put together for one write. */
const WRITE_BYTES = 64 * 1024;

/** The way to one node. */
export class Dialling {
  readonly #parts: DiallingParts;
  #connection: Connection | undefined;
  #isOpen = false;
  #isFlushing = false;
  #mustDrain = false;
  #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #attempts = 0;
  #connectedOnce = false;
  #notBeforeMs = 0;
  #sentAtMs = -Infinity;
  #unheardSinceMs = 0;

  /** A way that is not dialled yet. */
  constructor(parts: DiallingParts) {
    this.#parts = parts;
  }

  /** Whether there is a connection, or one is being made. */
  get isInUse(): boolean {
    return this.#connection !== undefined;
  }

  /** Sends, or drops. */
  send(message: PeerMessage): void {
    const { counting, codec, queueBytesMax, host } = this.#parts;
    this.#giveUpIfUnheard();
    if (this.#connection === undefined && host.clock.monotonic() < this.#notBeforeMs) {
      counting.dropped += 1;
      return;
    }
    const frame = framed(codec.encode(message));
    // Something must always fit.
    if (this.#queue.length > 0 && this.#queueBytes + frame.length > queueBytesMax) {
      counting.dropped += 1;
      return;
    }
    this.#queue.push(frame);
    this.#queueBytes += frame.length;
    if (this.#connection === undefined) this.#dial();
    else this.#flushSoon();
  }

  /** The node at the other end has said something, by a way of its own. */
  heard(): void {
    this.#unheardSinceMs = this.#parts.host.clock.monotonic();
  }

  /** Ends it for good. */
  close(): void {
    this.#connection?.end("closed");
  }

  /**
   * Ends a connection into which one speaks and speaks without a word from the other side: where packets get lost, the
   * host would go on sending them again, after pauses that double, long after the network is whole again.
   */
  #giveUpIfUnheard(): void {
    const nowMs = this.#parts.host.clock.monotonic();
    // Silence after a pause of one's own means nothing.
    if (!this.#isOpen || nowMs - this.#sentAtMs > ANSWER_MS_MAX) this.#unheardSinceMs = nowMs;
    this.#sentAtMs = nowMs;
    if (nowMs - this.#unheardSinceMs > ANSWER_MS_MAX) this.#connection?.refuse("unanswered");
  }

  #dial(): void {
    const { peer, host } = this.#parts;
    host.happened({ kind: "connecting", peer });
    const connection = this.#parts.connect();
    this.#connection = connection;
    connection.whenEnded((reason) => this.#ended(reason));
    // It never fails: what goes wrong ends the connection.
    void this.#greet(connection);
  }

  async #greet(connection: Connection): Promise<void> {
    const { host, peer, channel, codec, secret } = this.#parts;
    const hello = { cluster: host.cluster, from: host.url, to: peer, codec: codec.name, channel };
    try {
      const challenge = readChallenge(await connection.greeting());
      const words = { challenge, nonce: randomToken(host.random) };
      connection.send(await helloFrame(hello, secret, words));
      await readWelcome(await connection.greeting(), hello, secret, words);
    } catch (error) {
      // A listener that knows another secret, or speaks something else; or the connection ended by itself.
      const isSecret = HoldfastError.is(error, "ERR_UNAUTHORIZED");
      return connection.refuse(isSecret ? "unauthenticated" : "malformed");
    }
    connection.begin(0, () => connection.refuse("malformed"));
    this.#isOpen = true;
    this.#attempts = 0;
    host.happened({ kind: this.#connectedOnce ? "reconnected" : "connected", peer });
    this.#connectedOnce = true;
    this.#flush();
  }

  #ended(reason: string): void {
    const { host, peer, counting } = this.#parts;
    counting.dropped += this.#queue.length;
    this.#queue = [];
    this.#queueBytes = 0;
    this.#connection = undefined;
    this.#isOpen = false;
    this.#mustDrain = false;
    const pauseMs = backoffMs(this.#attempts, WAITS, host.random);
    this.#attempts += 1;
    this.#notBeforeMs = host.clock.monotonic() + pauseMs;
    host.happened({ kind: "disconnected", peer, reason });
    host.unreachable(peer);
  }

  #flushSoon(): void {
    if (this.#isFlushing || !this.#isOpen || this.#mustDrain) return;
    this.#isFlushing = true;
    queueMicrotask(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const connection = this.#connection;
    if (connection === undefined || !this.#isOpen || this.#mustDrain) return;
    const frames = this.#queue;
    this.#queue = [];
    this.#queueBytes = 0;
    this.#parts.counting.sent += frames.length;
    for (let from = 0; from < frames.length;) {
      const [bytes, to] = joinedFrom(frames, from);
      from = to;
      if (connection.write(bytes) || this.#mustDrain) continue;
      this.#mustDrain = true;
      connection.whenDrained(() => {
        this.#mustDrain = false;
        this.#flush();
      });
    }
  }
}

/** Small frames put together, and where the next ones begin. */
function joinedFrom(frames: readonly Uint8Array[], from: number): [Uint8Array, number] {
  let [to, length] = [from, 0];
  for (; to < frames.length; to++) {
    const more = frames[to]?.length ?? 0;
    if (to > from && length + more > WRITE_BYTES) break;
    length += more;
  }
  const [first] = frames.slice(from, from + 1);
  if (first !== undefined && to === from + 1) return [first, to];
  const all = new Uint8Array(length);
  let at = 0;
  for (const frame of frames.slice(from, to)) {
    all.set(frame, at);
    at += frame.length;
  }
  return [all, to];
}
