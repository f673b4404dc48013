/**
 * What the gateway answers by itself, without asking Redis: Upstash's own words and status codes on one screen.
 *
 * No text says more than the name of a command: never a key, a value, an address or a token.
 *
 * @module
 */

/** An answer that ends a request before Redis, or instead of it. */
export class Refusal extends Error {
  /** The class's name, also in minified bundles. */
  override readonly name: string = "Refusal";
  /** The HTTP status. */
  readonly status: number;
  /** Whether commands may have been executed all the same. */
  readonly isOutcomeUnknown: boolean;

  /** Makes an answer with its status and error text. */
  constructor(status: number, text: string, isOutcomeUnknown = false) {
    super(text);
    this.status = status;
    this.isOutcomeUnknown = isOutcomeUnknown;
  }
}

/** A request whose method is none of HEAD, GET, POST and PUT. */
export function methodRefused(): Refusal {
  return new Refusal(405, "ERR unsupported HTTP method");
}

/** A token that is missing or wrong. */
export function tokenRefused(): Refusal {
  return new Refusal(401, "WRONGPASS invalid or missing auth token");
}

/** A body or path that is no command, no pipeline or no transaction. */
export function malformed(what: "command" | "pipeline" | "transaction" | "path"): Refusal {
  return new Refusal(
    400,
    what === "command" || what === "path"
      ? `ERR failed to parse ${what === "path" ? "path" : "command"}`
      : `ERR failed to parse ${what} request`,
  );
}

/** A header that asks for what is not to be had. */
export function encodingRefused(text: string): Refusal {
  return new Refusal(400, `ERR ${text}`);
}

/** A command that does not exist here. The name is cut and reduced to letters, because it came from outside. */
export function commandRefused(name: string): Refusal {
  const shown = name.replaceAll(/[^A-Za-z0-9_.|-]/g, "?").slice(0, 40);
  return new Refusal(
    400,
    `ERR Command is not available: '${shown}'. ` +
      "See https://upstash.com/docs/redis/overall/rediscompatibility for details",
  );
}

/** A command that the read-only token may not run. */
export function permissionRefused(name: string): Refusal {
  return new Refusal(
    400,
    `NOPERM this user has no permissions to run the '${name.toLowerCase()}' command`,
  );
}

/** A body, a command or a pipeline past its limit. Upstash answers 200 where it counted a command. */
export function sizeRefused(
  what: "request" | "single record" | "key" | "pipeline",
  limit: number,
  actual: number,
  status = 200,
): Refusal {
  return new Refusal(
    status,
    `ERR max ${what} size exceeded. Limit: ${limit} ${what === "pipeline" ? "commands" : "bytes"}` +
      `, Actual: ${actual}`,
  );
}

/** A transaction whose keys live in more than one slot of a cluster. */
export function slotsRefused(): Refusal {
  return new Refusal(400, "CROSSSLOT Keys in request don't hash to the same slot");
}

/** Redis cannot be reached; nothing was sent to it. */
export function unreachable(): Refusal {
  return new Refusal(503, "ERR Redis is not reachable, nothing was executed");
}

/** The connection to Redis went away while commands were on it: they may or may not have been executed. */
export function outcomeUnknown(): Refusal {
  return new Refusal(
    503,
    "ERR connection to Redis lost with commands in flight, outcome unknown",
    true,
  );
}

/** The gateway is stopping and takes no more requests. */
export function stopping(): Refusal {
  return new Refusal(503, "ERR gateway is stopping, nothing was executed");
}
