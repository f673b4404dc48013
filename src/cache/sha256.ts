/**
 * SHA-256 in one synchronous function, because the host's own can only be awaited (FIPS 180-4, §6.2).
 *
 * @module
 */

/** The hash of a text's UTF-8 bytes: 64 hexadecimal digits. */
export function sha256(text: string): string {
  const { constants, initial } = primeRoots();
  const words = padded(new TextEncoder().encode(text));
  const state = initial.slice();
  const schedule = new Uint32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    schedule.set(words.subarray(block, block + 16));
    extend(schedule);
    compress(state, schedule, constants);
  }
  return Array.from(state, (word) => word.toString(16).padStart(8, "0")).join("");
}

/** The message, a one bit, zeros, and the message's length in bits, in words of 32 bits. */
function padded(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(((bytes.length + 8 >> 6) + 1) * 16);
  bytes.forEach((byte, i) => {
    words[i >> 2] = (words[i >> 2] ?? 0) | byte << (24 - (i & 3) * 8);
  });
  const end = bytes.length >> 2;
  words[end] = (words[end] ?? 0) | 0x80 << (24 - (bytes.length & 3) * 8);
  words[words.length - 2] = bytes.length / 0x2000_0000;
  words[words.length - 1] = bytes.length << 3;
  return words;
}

function extend(schedule: Uint32Array): void {
  for (let i = 16; i < 64; i++) {
    const a = schedule[i - 15] ?? 0;
    const b = schedule[i - 2] ?? 0;
    const s0 = rotated(a, 7) ^ rotated(a, 18) ^ a >>> 3;
    const s1 = rotated(b, 17) ^ rotated(b, 19) ^ b >>> 10;
    schedule[i] = (schedule[i - 16] ?? 0) + s0 + (schedule[i - 7] ?? 0) + s1;
  }
}

function compress(state: Uint32Array, schedule: Uint32Array, constants: Uint32Array): void {
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i++) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const t1 = h + s1 + (e & f ^ ~e & g) + (constants[i] ?? 0) + (schedule[i] ?? 0);
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const t2 = s0 + (a & b ^ a & c ^ b & c);
    [h, g, f, e, d, c, b, a] = [g, f, e, d + t1 | 0, c, b, a, t1 + t2 | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    state[i] = (state[i] ?? 0) + word;
  });
}

/** The fractions of the cube roots of the first 64 primes, and of the square roots of the first 8. */
function primeRoots(): { readonly constants: Uint32Array; readonly initial: Uint32Array } {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) {
    if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  }
  const fraction = (root: number): number => (root - Math.floor(root)) * 2 ** 32;
  return {
    constants: Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    initial: Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  };
}

function rotated(word: number, by: number): number {
  return word >>> by | word << (32 - by);
}
