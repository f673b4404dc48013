/**
 * What a transport with connections adds of its own: a pipe of bytes. All else is in `links.ts`.
 *
 * @module
 */

/** A stream of bytes in both directions: a socket, or what is like one. */
export interface Pipe {
  /** Sends bytes, in order. False: it is not taken on at once, so wait for `drained`. */
  write(bytes: Uint8Array): boolean;
  /** Ends it in both directions. */
  close(): void;
}

/** What a pipe tells. */
export interface PipeEvents {
  /** Bytes came in. */
  data(chunk: Uint8Array): void;
  /** What was written is taken on. */
  drained(): void;
  /** It has ended, for a reason in a word. */
  ended(reason: string): void;
}

/** Opens a pipe. It tells nothing before this returns. */
export type OpenPipe = (events: PipeEvents) => Pipe;
