/**
 * What one connection may ask of a server, by name and unit.
 *
 * @module
 */

import { checkOptions, LimitError, shown } from "../../errors.ts";

/** The most connections of one server. */
export const CONNECTIONS_MAX = 100_000;

/** Bounds of one connection. What is past one is refused with a code, or, where no answer would help, hung up on. */
export interface ConnectionLimits {
  /** Characters of one message; a longer one ends the connection. */
  readonly messageLengthMax: number;
  /** Requests that are being worked on or wait; one more is refused with `ERR_LIMIT`. */
  readonly requestsMax: number;
  /** Messages in a second, over the time of a burst; more are refused with `ERR_RATE_LIMITED`. */
  readonly messagesPerSecondMax: number;
  /** Messages that may come at once before the rate counts. */
  readonly messagesBurstMax: number;
  /** Documents of one request; more are refused with `ERR_LIMIT`. */
  readonly bulkMax: number;
  /** Documents that are subscribed to; one more is refused with `ERR_LIMIT`. */
  readonly subscriptionsMax: number;
  /** Live queries; one more is refused with `ERR_LIMIT`. */
  readonly queriesMax: number;
  /** Rooms of presence that are subscribed to; one more is refused with `ERR_LIMIT`. */
  readonly roomsMax: number;
  /** Presences of the connection itself; one more is refused with `ERR_LIMIT`. */
  readonly presencesMax: number;
  /** Bytes that wait to be sent: over it no operations of others are sent until the reader has caught up. */
  readonly backlogBytesMax: number;
  /** How long a reader may stay that slow, in milliseconds, before it is hung up on. */
  readonly backlogMsMax: number;
  /** How long a connection may say nothing at its beginning, in milliseconds. */
  readonly handshakeMsMax: number;
  /** How often our own clients are told that the connection lives, in milliseconds. */
  readonly heartbeatMs: number;
}

/** The bounds that hold where nothing else is said. */
export const CONNECTION_LIMITS: ConnectionLimits = {
  messageLengthMax: 1_048_576,
  requestsMax: 1_000,
  messagesPerSecondMax: 10_000,
  messagesBurstMax: 50_000,
  bulkMax: 1_000,
  subscriptionsMax: 10_000,
  queriesMax: 1_000,
  roomsMax: 100,
  presencesMax: 100,
  backlogBytesMax: 1_048_576,
  backlogMsMax: 30_000,
  handshakeMsMax: 10_000,
  heartbeatMs: 15_000,
};

/** The most characters of the name of a channel of presence. */
export const CHANNEL_LENGTH_MAX = 512;
/** The most characters of a presence's own id. */
export const PRESENCE_ID_LENGTH_MAX = 64;
/** The most characters of a source. */
export const SOURCE_LENGTH_MAX = 128;
/** The most characters of credentials. */
export const TOKEN_LENGTH_MAX = 4_096;
/** Operations of one document that wait while it is being read; more make room for another reading. */
export const HELD_OPS_MAX = 256;
/** Heads of documents that one heartbeat tells; the others follow with the next. */
export const HEARTBEAT_HEADS_MAX = 200;

/**
 * Bounds with those that somebody set.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION` for an unknown bound, and for one that is no whole number of at
 * least 1.
 */
export function connectionLimits(limits: Partial<ConnectionLimits> = {}): ConnectionLimits {
  checkOptions("create documents", limits, Object.keys(CONNECTION_LIMITS));
  for (const [name, value] of Object.entries(limits)) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new LimitError(
      "ERR_INVALID_OPTION",
      `Cannot create documents as ${name} must be a whole number of at least 1: current value is ${
        shown(value)
      }`,
    );
  }
  return { ...CONNECTION_LIMITS, ...limits };
}
