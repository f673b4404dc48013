/**
 * Nodes that reach each other by HTTP: batches of messages, each a POST. Answers are messages of their own; a response
 * says no more than that the batch came.
 *
 * @module
 */

import { joined } from "../../bytes.ts";
import { HoldfastError } from "../../errors.ts";
import { type Duration, durationMs } from "../../duration.ts";
import { checkOptions } from "../../errors.ts";
import { mac, macMatches } from "../../mac.ts";
import { withDeadline } from "../../waiting.ts";
import { binaryCodec } from "./codec.ts";
import { Counting } from "./counting.ts";
import { FRAME_BYTES_MAX, framed, FrameError, FrameReader } from "./frames.ts";
import { checkSecret } from "./links.ts";
import type { PeerMessage, Transport, TransportHost, TransportLink } from "./port.ts";

/** Options of {@linkcode httpTransport}. */
export interface HttpTransportOptions {
  /** What every node of the cluster knows and nobody else, at least 8 characters. Without it, whoever posts is believed. */
  readonly secret?: string;
  /** The host's `fetch`, or one like it. */
  readonly fetch?: (input: string, init: RequestInit) => Promise<Response>;
  /** Most bytes of a batch, sent or taken; 8 MiB by default. */
  readonly batchBytesMax?: number;
  /** How long one POST may take; 5 seconds by default. */
  readonly timeout?: Duration;
}

/** A transport over HTTP, which serves one node. */
export interface HttpTransport extends Transport {
  /** Takes a request that another node posted to this node's URL. */
  handle(request: Request): Promise<Response>;
}

interface Settings {
  readonly secret: string;
  readonly fetch: NonNullable<HttpTransportOptions["fetch"]>;
  readonly batchBytesMax: number;
  readonly timeoutMs: number;
}

const PROOF = "holdfast-proof";

/**
 * A transport over HTTP, for URLs such as `https://a.example/raft`. Have {@linkcode HttpTransport.handle} answer requests
 * to that URL. Does nothing before a node opens it.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`
 */
export function httpTransport(options: HttpTransportOptions = {}): HttpTransport {
  const action = "make an HTTP transport";
  checkOptions(action, options, ["secret", "fetch", "batchBytesMax", "timeout"]);
  checkSecret(action, options.secret);
  const { secret = "", batchBytesMax = FRAME_BYTES_MAX, timeout = "5s" } = options;
  const { fetch = (input, init) => globalThis.fetch(input, init) } = options;
  const settings = { secret, fetch, batchBytesMax, timeoutMs: durationMs(timeout, "timeout") };
  let link: HttpLink | undefined;
  return {
    protocols: ["http:", "https:"],
    async handle(request) {
      return await link?.handle(request) ?? new Response(null, { status: 503 });
    },
    open(host) {
      if (link !== undefined) {
        const message = "Cannot listen as this transport serves another node";
        return Promise.reject(new HoldfastError("ERR_ADDRESS_IN_USE", message));
      }
      link = new HttpLink(settings, host, () => link = undefined);
      return Promise.resolve(link);
    },
  };
}

interface Way {
  frames: Uint8Array[];
  bytes: number;
  isPosting: boolean;
  isConnected: boolean;
}

class HttpLink implements TransportLink {
  readonly #settings: Settings;
  readonly #host: TransportHost;
  readonly #onClose: () => void;
  readonly #counting = new Counting();
  readonly #ways = new Map<string, Way>();
  readonly #stop = new AbortController();
  readonly #posting = new Set<Promise<void>>();

  constructor(settings: Settings, host: TransportHost, onClose: () => void) {
    this.#settings = settings;
    this.#host = host;
    this.#onClose = onClose;
  }

  send(message: PeerMessage): void {
    if (this.#stop.signal.aborted) return;
    const { to } = message;
    // Snapshots go by themselves, so that they hold up no heartbeat.
    const key = message.kind === "installSnapshot" ? `${to} snapshots` : to;
    const way = this.#ways.get(key) ??
      { frames: [], bytes: 0, isPosting: false, isConnected: false };
    this.#ways.set(key, way);
    const frame = framed(binaryCodec.encode(message));
    if (way.frames.length > 0 && way.bytes + frame.length > this.#settings.batchBytesMax) {
      this.#counting.dropped += 1;
      return;
    }
    way.frames.push(frame);
    way.bytes += frame.length;
    if (way.isPosting) return;
    way.isPosting = true;
    // It never fails: what is lost is dropped.
    const posting = this.#postAll(key, to, way).finally(() => this.#posting.delete(posting));
    this.#posting.add(posting);
  }

  counters(): ReturnType<TransportLink["counters"]> {
    return this.#counting.read();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#onClose();
    await Promise.all(this.#posting);
  }

  /** Takes a batch. */
  async handle(request: Request): Promise<Response> {
    const status = await this.#take(request);
    return new Response(null, { status });
  }

  async #take(request: Request): Promise<number> {
    const { batchBytesMax, secret } = this.#settings;
    if (request.method !== "POST") return 405;
    if (Number(request.headers.get("content-length") ?? 0) > batchBytesMax) {
      return this.#refuse("too-long", 413);
    }
    const body = await bodyOf(request, batchBytesMax);
    if (body === undefined) return this.#refuse("too-long", 413);
    const proof = request.headers.get(PROOF) ?? "";
    if (secret !== "" && !await macMatches(secret, signed(this.#host.url, body), proof)) {
      return this.#refuse("unauthenticated", 401);
    }
    this.#counting.bytesReceived += body.length;
    try {
      const reader = new FrameReader(batchBytesMax);
      const messages = reader.push(body).map((frame) => binaryCodec.decode(frame));
      if (reader.isWithin) throw new FrameError("truncated");
      for (const message of messages) {
        this.#counting.received += 1;
        this.#host.receive(message);
      }
      return 204;
    } catch (error) {
      // Frames that cannot be, or messages that are none.
      if (!HoldfastError.is(error, "ERR_MALFORMED")) throw error;
      return this.#refuse(error instanceof FrameError ? error.fault : "malformed", 400);
    }
  }

  #refuse(reason: string, status: number): number {
    this.#counting.refuse(reason);
    return status;
  }

  async #postAll(key: string, to: string, way: Way): Promise<void> {
    // Messages of one turn go together.
    await Promise.resolve();
    while (way.frames.length > 0 && !this.#stop.signal.aborted) {
      const { frames, bytes } = way;
      way.frames = [];
      way.bytes = 0;
      const isDone = await this.#post(to, frames, bytes);
      this.#tell(to, way, isDone);
      if (isDone) this.#counting.sent += frames.length;
      else this.#counting.dropped += frames.length;
    }
    way.isPosting = false;
    // Whoever comes names itself, so names of who does not answer must not add up.
    if (!way.isConnected) this.#ways.delete(key);
  }

  #tell(peer: string, way: Way, isConnected: boolean): void {
    if (!isConnected) this.#host.unreachable(peer);
    if (way.isConnected === isConnected) return;
    way.isConnected = isConnected;
    this.#host.happened({ kind: isConnected ? "connected" : "disconnected", peer });
  }

  async #post(to: string, frames: readonly Uint8Array[], bytes: number): Promise<boolean> {
    const { secret, fetch, timeoutMs } = this.#settings;
    const body = new Uint8Array(bytes);
    let at = 0;
    for (const frame of frames) {
      body.set(frame, at);
      at += frame.length;
    }
    const late = () => new HoldfastError("ERR_TIMEOUT", "Cannot post as it takes too long");
    try {
      const headers = { [PROOF]: secret === "" ? "" : await mac(secret, signed(to, body)) };
      const post = async (signal: AbortSignal) => {
        const response = await fetch(to, { method: "POST", body, headers, signal });
        await response.body?.cancel();
        return response.status === 204;
      };
      const { signal } = this.#stop;
      const isTaken = await withDeadline(this.#host.clock, timeoutMs, post, late, { signal });
      if (isTaken) this.#counting.bytesSent += bytes;
      return isTaken;
    } catch {
      // Whatever a fetch fails with: the batch is lost.
      return false;
    }
  }
}

/** What a proof is made for: whom the batch is meant for, and its bytes. */
function signed(to: string, body: Uint8Array): string {
  // Each byte becomes one character of its own, so no two bodies become one text.
  return `${to}\n${new TextDecoder("latin1").decode(body)}`;
}

/** The bytes of a request; undefined if there are more. */
async function bodyOf(request: Request, bytesMax: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) return undefined;
    chunks.push(chunk);
  }
  return joined(chunks, length);
}
