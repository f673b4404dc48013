/**
 * What every call of a model may be told, and every write.
 *
 * @module
 */

import type { Duration } from "../duration.ts";
import type { SourcePosition } from "./port.ts";

/** Options of every call. */
export interface CallOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of every write: who writes, so that a write that is sent again happens once. */
export interface WriteOptions extends CallOptions {
  /**
   * The write's own name, kept for a retry: 1 to 120 visible ASCII characters. A second write with it answers like the
   * first, also if that was refused; with other data it is ERR_TOKEN_REUSED. Known for as many writes as the journal
   * keeps. Drawn if left out.
   */
  readonly token?: string | undefined;
  /**
   * The write's place in a queue or log that is folded into the model. One at or below the last one is not made again.
   * A batch with a place may be empty: the place is passed, and nothing is written.
   */
  readonly position?: SourcePosition | undefined;
}

/** Options of a write of a whole record. */
export interface PutOptions extends WriteOptions {
  /** How long the record lives from now on: what the definition says if left out on creating, else what is left. */
  readonly ttl?: Duration | undefined;
}

/** Options of `Model.replace`. */
export interface ReplaceOptions extends PutOptions {
  /** The version that must be there; any if left out. */
  readonly version?: string | undefined;
}

/** Options of `Model.patch`. */
export interface PatchOptions extends PutOptions {
  /** The version that must be there; any if left out. */
  readonly version?: string | undefined;
  /** The most attempts, when others write in between; 100 by default. */
  readonly attemptsMax?: number;
}
