/**
 * What the command line has of its host.
 *
 * @module
 */

import type { Environment } from "./command_line.ts";

/** What a run has of its host. */
export interface Console {
  /** Prints a line. */
  readonly print: (line: string) => void;
  /** Prints a line about a failure, or a warning. */
  readonly complain: (line: string) => void;
  /** Ends what runs for long. */
  readonly signal: AbortSignal;
  /** Environment variables. */
  readonly env: Environment;
}
