/**
 * A request that is refused, with what its client may read about it.
 *
 * @module
 */

import type { ErrorCode } from "../errors.ts";
import type { JsonObject } from "../json.ts";

/** What a refusal says beside its status. */
export interface RefusalOptions {
  /** What happened, for programs. */
  readonly code?: ErrorCode | undefined;
  /** What the client can do about it: fixed words of ours, and never what is stored. */
  readonly detail?: string | undefined;
  /** Headers of the answer. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Further members of the problem details. */
  readonly members?: JsonObject | undefined;
}

/** Thrown by a route to end in problem details: unlike any other error, its words were written for the client. */
export class Refusal extends Error {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "Refusal";
  /** The status of the answer. */
  readonly status: number;
  /** What it says. */
  readonly options: RefusalOptions;

  /** Makes a refusal of a status. */
  constructor(status: number, options: RefusalOptions = {}) {
    super(`The request is refused by ${status}`);
    this.status = status;
    this.options = options;
  }
}

/** The refusal of who has no right, alike for what is there and what is not. */
export function noRight(subject: object | undefined): Refusal {
  if (subject !== undefined) return new Refusal(403, FORBIDDEN);
  return new Refusal(401, {
    code: "ERR_UNAUTHORIZED",
    headers: { "www-authenticate": "Bearer" },
  });
}

/** What a request gets that is not its sender's to make. */
export const FORBIDDEN: RefusalOptions = { code: "ERR_FORBIDDEN" };
