/**
 * The options of skiff-redis, under its names and with its defaults, checked; and today's beside them.
 *
 * @module
 */

import * as z from "npm:zod@^4.6.7/mini";
import { connectRedis, type ConnectRedisOptions, redisRaftStore } from "../redis/raft.ts";
import { memory } from "../memory/mod.ts";
import { tcp } from "../tcp/mod.ts";
import { ArgumentError, checkOptions, shown } from "../../src/errors.ts";
import type { Json } from "../../src/json.ts";
import type {
  CompactionOptions,
  RaftBackend,
  RaftLimits,
  SessionLimits,
  Transport,
} from "../../src/raft/mod.ts";
import { type SkiffTransport, skiffTransport } from "./transport.ts";

/** Options of {@linkcode "./skiff.ts"}. Times are milliseconds, as they were. */
export interface SkiffOptions {
  /** Whether it listens without being told to. Default true. */
  readonly autoListen?: boolean;
  /** `"tcp-msgpack"` (the default), a transport of this library, or one of the abstract-skiff-transport shape. */
  readonly transport?: "tcp-msgpack" | Transport | SkiffTransport;
  /** Where it keeps its log: how to connect to a REST front, or a backend. Default: in memory. */
  readonly redis?: ConnectRedisOptions | RaftBackend;
  /** Another name of `redis`, which the ancestor's code read. */
  readonly redisClient?: ConnectRedisOptions | RaftBackend;
  /** What its keys begin with. Default `"{skiff-redis}"`. */
  readonly namespace?: string;
  /** How long `open` waits for a leader. Default 3,000. */
  readonly waitLeaderTimeout?: number;
  /** Whether it waits to be joined instead of beginning a cluster. Default false. */
  readonly standby?: boolean;
  /** The cluster's id: nodes of another one are refused. */
  readonly cluster?: string;
  /** Makes unique ids. Default: `crypto.randomUUID`. */
  readonly uuid?: () => string;
  /** Between two heartbeats of a leader. Default 50. */
  readonly heartbeatInterval?: number;
  /** The least time without a leader before a node campaigns. Default 150. */
  readonly minElectionTimeout?: number;
  /** The most time of the same. Default 300. */
  readonly maxElectionTimeout?: number;
  /** How long a command may take. Default 3,000. */
  readonly commandTimeout?: number;
  /** Entries that are kept behind a snapshot. Default 50. */
  readonly retainedLogEntries?: number;
  /** What is told of the node to the others. */
  readonly metadata?: Json;
  /** Today's: a secret that all nodes share, for `"tcp-msgpack"`. */
  readonly secret?: string;
  /** Today's: when to take snapshots, beside `retainedLogEntries`. */
  readonly compaction?: Omit<CompactionOptions, "retained">;
  /** Today's: bounds of memory and of the network. */
  readonly limits?: Partial<RaftLimits>;
  /** Today's: bounds of client sessions. */
  readonly sessions?: SessionLimits;
  /** Today's: the node keeps no commands and never leads. */
  readonly witness?: boolean;
}

/** What is left to do with the options once they are checked. */
export interface SkiffSettings {
  /** Whether it listens without being told to. */
  readonly autoListen: boolean;
  /** Where it keeps its log. */
  readonly backend: RaftBackend;
  /** How it reaches others. */
  readonly transport: Transport;
  /** Names this run of the node. */
  readonly uuid: () => string;
  /** What goes to the node as it is. */
  readonly node: {
    readonly namespace: string;
    readonly standby: boolean;
    readonly heartbeat: number;
    readonly electionTimeout: number;
    readonly timeout: number;
    readonly leaderTimeout: number;
    readonly compaction: CompactionOptions;
    readonly metadata?: Json;
    readonly limits?: Partial<RaftLimits>;
    readonly sessions?: SessionLimits;
    readonly witness?: boolean;
  };
}

const ACTION = "make a skiff node";
const ms = () => z.number().check(z.int(), z.positive(), z.lte(2 ** 31 - 1));
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const OPTIONS = z.object({
  autoListen: z._default(z.boolean(), true),
  transport: z._default(
    z.custom<NonNullable<SkiffOptions["transport"]>>((value) =>
      value === "tcp-msgpack" || typeof Object(value).open === "function" ||
      typeof Object(value).connect === "function"
    ),
    "tcp-msgpack",
  ),
  redis: z.optional(z.custom<ConnectRedisOptions | RaftBackend>(isObject)),
  redisClient: z.optional(z.custom<ConnectRedisOptions | RaftBackend>(isObject)),
  namespace: z._default(z.string().check(z.minLength(1), z.maxLength(128)), "{skiff-redis}"),
  waitLeaderTimeout: z._default(ms(), 3_000),
  standby: z._default(z.boolean(), false),
  cluster: z.optional(z.string().check(z.minLength(1), z.maxLength(100))),
  uuid: z._default(
    z.custom<() => string>((value) => typeof value === "function"),
    () => () => crypto.randomUUID(),
  ),
  heartbeatInterval: z._default(ms(), 50),
  minElectionTimeout: z._default(ms(), 150),
  maxElectionTimeout: z._default(ms(), 300),
  commandTimeout: z._default(ms(), 3_000),
  retainedLogEntries: z._default(z.number().check(z.int(), z.gte(0)), 50),
  metadata: z.optional(z.json()),
  secret: z.optional(z.string().check(z.minLength(1))),
  compaction: z.optional(z.custom<CompactionOptions>(isObject)),
  limits: z.optional(z.custom<Partial<RaftLimits>>(isObject)),
  sessions: z.optional(z.custom<SessionLimits>(isObject)),
  witness: z.optional(z.boolean()),
});

/**
 * Checks the options and completes them.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION`, naming the option and, unless it may be secret, its value.
 */
export function skiffSettings(options: SkiffOptions = {}): SkiffSettings {
  checkOptions(ACTION, options, Object.keys(OPTIONS.shape));
  const parsed = OPTIONS.safeParse(options);
  if (!parsed.success) throw refused(options, parsed.error.issues[0]);
  const given = parsed.data;
  const { minElectionTimeout, maxElectionTimeout, heartbeatInterval, cluster, namespace } = given;
  if (minElectionTimeout > maxElectionTimeout) {
    throw invalid("minElectionTimeout", "at most maxElectionTimeout", minElectionTimeout);
  }
  const { metadata, limits, sessions, witness } = given;
  return {
    autoListen: given.autoListen,
    backend: backendOf(given.redis ?? given.redisClient),
    transport: transportOf(given.transport, given.secret),
    uuid: given.uuid,
    node: {
      namespace: cluster === undefined ? namespace : `${namespace}/${cluster}`,
      standby: given.standby,
      heartbeat: heartbeatInterval,
      // A node waits from once to twice its election timeout, at random: within both bounds if the second is twice the
      // first, and never past it.
      electionTimeout: Math.max(
        3 * heartbeatInterval,
        Math.min(minElectionTimeout, Math.floor(maxElectionTimeout / 2)),
      ),
      timeout: given.commandTimeout,
      leaderTimeout: given.waitLeaderTimeout,
      compaction: { ...given.compaction, retained: given.retainedLogEntries },
      // JSON by the schema.
      ...(metadata !== undefined && { metadata: metadata as Json }),
      ...(limits && { limits }),
      ...(sessions && { sessions }),
      ...(witness !== undefined && { witness }),
    },
  };
}

function backendOf(redis: ConnectRedisOptions | RaftBackend | undefined): RaftBackend {
  if (redis === undefined) return memory();
  if ("raft" in redis) return redis;
  const connection = connectRedis(redis);
  return { ...connection, raft: redisRaftStore(connection) };
}

function transportOf(
  transport: NonNullable<SkiffOptions["transport"]>,
  secret: string | undefined,
): Transport {
  if (transport === "tcp-msgpack") return tcp(secret === undefined ? {} : { secret });
  return "open" in transport ? transport : skiffTransport(transport);
}

function refused(
  options: SkiffOptions,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
): ArgumentError {
  const [name = "options"] = issue?.path ?? [];
  return invalid(String(name), issue?.message ?? "as documented", Reflect.get(options, name));
}

function invalid(name: string, rule: string, value: unknown): ArgumentError {
  const isSecret = ["secret", "redis", "redisClient"].includes(name);
  const current = isSecret ? "" : `: current value is ${shown(value)}`;
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot ${ACTION} as ${name} must be valid (${rule})${current}`,
  );
}
