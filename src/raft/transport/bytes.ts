/**
 * Bytes that grow while they are written, and bytes that are read with care.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Most bytes of a number: 53 bits, seven at a time. */
const WHOLE_BYTES = 8;

/** Writes numbers, texts and bytes one after the other. */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #length = 0;

  /** One byte. */
  byte(value: number): void {
    this.#reserve(1);
    this.#buffer[this.#length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first; a set top bit says that more follow. */
  whole(value: number): void {
    this.#reserve(WHOLE_BYTES);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  /** A text, its length in bytes first. */
  text(text: string): void {
    this.data(encoder.encode(text));
  }

  /** Bytes, their length first. */
  data(data: Uint8Array): void {
    this.whole(data.length);
    this.#reserve(data.length);
    this.#buffer.set(data, this.#length);
    this.#length += data.length;
  }

  /** All that was written. */
  bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = new Uint8Array(Math.max(needed, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }
}

/** Reads what a {@linkcode ByteWriter} wrote; whatever does not fit is `ERR_MALFORMED`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  /** Reads these bytes. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** One byte. */
  byte(): number {
    return this.#bytes[this.#at++] ?? malformed();
  }

  /** True or false. */
  flag(): boolean {
    const value = this.byte();
    return value > 1 ? malformed() : value === 1;
  }

  /** A whole number, or `base` and as much more. */
  whole(base = 0): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < WHOLE_BYTES; i++, scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      const sum = base + value;
      if (byte < 0x80) return Number.isSafeInteger(sum) ? sum : malformed();
    }
    return malformed();
  }

  /** How many items follow: not more than there are bytes, as each has at least one. */
  count(): number {
    const count = this.whole();
    return count > this.#bytes.length - this.#at ? malformed() : count;
  }

  /** A text. */
  text(): string {
    try {
      return decoder.decode(this.data());
    } catch {
      // No UTF-8, or not so many bytes.
      return malformed();
    }
  }

  /** Bytes: a view of those that are read. */
  data(): Uint8Array {
    const length = this.whole();
    const from = this.#at;
    if (length > this.#bytes.length - from) malformed();
    this.#at = from + length;
    return this.#bytes.subarray(from, this.#at);
  }

  /** Nothing follows. */
  end(): void {
    if (this.#at !== this.#bytes.length) malformed();
  }
}

/** Refuses what was read. @throws {HoldfastError} `ERR_MALFORMED` */
export function malformed(): never {
  throw new HoldfastError("ERR_MALFORMED", "Cannot read a message as its bytes do not fit");
}
