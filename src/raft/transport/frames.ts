/**
 * Frames of a stream of bytes: four bytes of length, one of the version, then a message.
 *
 * The length is checked before anything is kept, so a stranger cannot make a node reserve memory.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { WIRE_VERSION } from "./fields.ts";

/** The longest frame, in bytes, unless a transport says otherwise. */
export const FRAME_BYTES_MAX: number = 8 * 1024 * 1024;

const HEAD_BYTES = 5;

/** Why a stream is ended. */
export type FrameFault = "too-long" | "version" | "malformed" | "truncated";

/** A stream that is not what it must be. */
export class FrameError extends HoldfastError {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "FrameError";
  /** Why, as counters name it. */
  readonly fault: FrameFault;

  /** Makes an error. */
  constructor(fault: FrameFault) {
    super("ERR_MALFORMED", `Cannot read a frame as it is ${FAULTS[fault]}`);
    this.fault = fault;
  }
}

const FAULTS: Readonly<Record<FrameFault, string>> = {
  "too-long": "longer than its limit",
  "version": "of another version",
  "malformed": "no message",
  "truncated": "cut off",
};

/** A message in its frame. */
export function framed(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEAD_BYTES + message.length);
  new DataView(frame.buffer).setUint32(0, message.length + 1);
  frame[4] = WIRE_VERSION;
  frame.set(message, HEAD_BYTES);
  return frame;
}

/** Cuts a stream into frames. */
export class FrameReader {
  readonly #bytesMax: number;
  #chunks: Uint8Array[] = [];
  #length = 0;

  /** Reads frames of at most so many bytes. */
  constructor(bytesMax: number = FRAME_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** Whether a frame has begun and not ended. */
  get isWithin(): boolean {
    return this.#length > 0;
  }

  /**
   * Takes what came in, and gives the messages of all frames that are whole now.
   *
   * @throws {FrameError} `ERR_MALFORMED` if a frame is too long or of another version; nothing more can be read then.
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const messages: Uint8Array[] = [];
    for (let next = this.#next(); next !== undefined; next = this.#next()) messages.push(next);
    return messages;
  }

  #next(): Uint8Array | undefined {
    if (this.#length < HEAD_BYTES) return undefined;
    const [first] = this.#chunks;
    const head = first !== undefined && first.length >= HEAD_BYTES ? first : this.#joined();
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const length = view.getUint32(0);
    if (length > this.#bytesMax || length < 1) throw new FrameError("too-long");
    if (head[4] !== WIRE_VERSION) throw new FrameError("version");
    const end = 4 + length;
    if (this.#length < end) return undefined;
    const all = head.length >= end ? head : this.#joined();
    const message = all.subarray(HEAD_BYTES, end);
    this.#length -= end;
    if (all.length === end) this.#chunks.shift();
    else this.#chunks[0] = all.subarray(end);
    return message;
  }

  /** All that waits, as one piece. */
  #joined(): Uint8Array {
    const [only] = this.#chunks;
    if (only !== undefined && this.#chunks.length === 1) return only;
    const all = new Uint8Array(this.#length);
    let at = 0;
    for (const chunk of this.#chunks) {
      all.set(chunk, at);
      at += chunk.length;
    }
    this.#chunks = [all];
    return all;
  }
}
