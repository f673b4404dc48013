/**
 * What a gateway can be told, checked before anything is sent.
 *
 * @module
 */

import { ArgumentError, checkOptions, LimitError, shown } from "../../src/errors.ts";

/** How a gateway is to be. */
export interface GatewayOptions {
  /** Where Redis is: `redis://`, `rediss://` or `unix://`. With `isCluster`, one node of the cluster is enough. */
  readonly redis: string;
  /** The token that opens everything; at least 8 characters. */
  readonly token: string;
  /** A second token, which opens what only reads. Default: none. */
  readonly readOnlyToken?: string | undefined;
  /** Whether Redis is a cluster. Default: no. */
  readonly isCluster?: boolean;
  /** A replica that answers reads; a request's sync token says how far it must have come. Default: none. */
  readonly replica?: string | undefined;
  /** How many connections to Redis share the requests, from 1 to 1,000. Default: 1. */
  readonly connections?: number;
  /** Names of commands that are refused besides, like `FLUSHALL` or `CONFIG|GET`. Default: none. */
  readonly refuse?: readonly string[];
  /** Whether to behave as Upstash does where a plain Redis would not. Default: no. */
  readonly isStrict?: boolean;
  /** Whether scripts may publish; only a strict gateway can refuse it. Default: yes. */
  readonly mayScriptsPublish?: boolean;
  /** Bounds on what is accepted. */
  readonly limits?: Partial<GatewayLimits>;
  /** How long to wait for Redis at the start, in milliseconds. Default: 5,000. */
  readonly connectMs?: number;
  /** How long requests in flight may take when the gateway is closed, in milliseconds. Default: 5,000. */
  readonly stopMs?: number;
}

/** Bounds on what a gateway accepts. */
export interface GatewayLimits {
  /** Bytes of one HTTP body. Default: 64 MiB. */
  readonly bodyBytesMax: number;
  /** Commands of one pipeline or transaction. Default: 10,000. */
  readonly pipelineMax: number;
  /** Bytes of one command; only in a strict gateway. Default: 10 MiB. */
  readonly commandBytesMax: number;
  /** Bytes of one key; only in a strict gateway. Default: 32 KiB. */
  readonly keyBytesMax: number;
  /** Bytes of one record, that is all under one key; only in a strict gateway. Default: 100 MiB. */
  readonly recordBytesMax: number;
}

/** Options with nothing left open. */
export interface CheckedOptions {
  readonly redis: string;
  readonly token: string;
  readonly readOnlyToken: string | undefined;
  readonly isCluster: boolean;
  readonly replica: string | undefined;
  readonly connections: number;
  readonly refuse: ReadonlySet<string>;
  readonly isStrict: boolean;
  readonly mayScriptsPublish: boolean;
  readonly limits: GatewayLimits;
  readonly connectMs: number;
  readonly stopMs: number;
}

const MIB = 1_048_576;

const DEFAULT_LIMITS: GatewayLimits = {
  bodyBytesMax: 64 * MIB,
  pipelineMax: 10_000,
  commandBytesMax: 10 * MIB,
  keyBytesMax: 32_768,
  recordBytesMax: 100 * MIB,
};

const ACTION = "create a gateway";

/**
 * Options that a user gave, with the defaults.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if one is unknown or of the wrong kind.
 * @throws {LimitError} `ERR_INVALID_OPTION` if a number is out of its range.
 */
export function checkedOptions(options: GatewayOptions): CheckedOptions {
  checkOptions(ACTION, options, [
    ..."redis token readOnlyToken isCluster replica connections refuse isStrict".split(" "),
    ..."mayScriptsPublish limits connectMs stopMs".split(" "),
  ]);
  const { replica, readOnlyToken, isCluster = false, limits = {} } = options;
  checkAddress("redis", options.redis);
  if (replica !== undefined) checkAddress("replica", replica);
  checkToken("token", options.token);
  if (readOnlyToken !== undefined) checkToken("readOnlyToken", readOnlyToken);
  if (readOnlyToken === options.token) invalid("readOnlyToken must differ from token");
  if (isCluster && replica !== undefined) invalid("replica cannot be given with isCluster");
  if (options.mayScriptsPublish === false && options.isStrict !== true) {
    invalid("mayScriptsPublish can be false only with isStrict");
  }
  checkOptions(ACTION, limits, Object.keys(DEFAULT_LIMITS));
  for (const [name, value] of Object.entries(limits)) checkRange(name, value, 1, 2 ** 40);
  return {
    redis: options.redis,
    token: options.token,
    readOnlyToken,
    isCluster,
    replica,
    connections: checkRange("connections", options.connections ?? 1, 1, 1_000),
    refuse: new Set(options.refuse?.map((name) => name.toUpperCase())),
    isStrict: options.isStrict ?? false,
    mayScriptsPublish: options.mayScriptsPublish ?? true,
    limits: { ...DEFAULT_LIMITS, ...limits },
    connectMs: checkRange("connectMs", options.connectMs ?? 5_000, 1, 600_000),
    stopMs: checkRange("stopMs", options.stopMs ?? 5_000, 1, 600_000),
  };
}

/** The address may carry a password, so it is never shown. */
function checkAddress(name: string, value: unknown): void {
  const isAddress = typeof value === "string" &&
    (/^rediss?:\/\/[^/?#]/.test(value) && URL.canParse(value) || /^unix:\/\/.*\/./.test(value));
  if (!isAddress) invalid(`${name} must be an address like redis://host:6379`);
}

function checkToken(name: string, value: unknown): void {
  if (typeof value === "string" && /^[\x21-\x7e]{8,}$/.test(value)) return;
  invalid(`${name} must be at least 8 visible characters without spaces`);
}

function checkRange(name: string, value: unknown, from: number, to: number): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= from && value <= to) {
    return value;
  }
  throw new LimitError(
    "ERR_INVALID_OPTION",
    `Cannot ${ACTION} as ${name} must be a whole number from ${from} to ${to}: ` +
      `current value is ${shown(value)}`,
  );
}

function invalid(rule: string): never {
  throw new ArgumentError("ERR_INVALID_OPTION", `Cannot ${ACTION} as ${rule}`);
}
