/**
 * Refusals that are none: the server could not serve.
 *
 * @module
 */

const TRANSIENT: readonly string[] = [
  "ERR_UNAVAILABLE",
  "ERR_TIMEOUT",
  "ERR_RATE_LIMITED",
  "ERR_MAX_SUBMIT_RETRIES_EXCEEDED",
  "ERR_LIMIT",
];

/** Whether the server could not serve, and refused nothing: then the same may be sent again. */
export function isTransient(code: string): boolean {
  return TRANSIENT.includes(code);
}
