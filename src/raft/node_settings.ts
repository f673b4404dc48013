/**
 * A node's options, checked and complete.
 *
 * @module
 */

import { durationMs } from "../duration.ts";
import { ArgumentError, checkOptions, HoldfastError, LimitError, shown } from "../errors.ts";
import { type Json, parseJson } from "../json.ts";
import type { LeaseReads, RaftLimits } from "./core/config.ts";
import type { Member } from "./core/membership.ts";
import { checkWhole } from "./core/whole.ts";
import type { CompactionOptions, NodeOptions } from "./node_options.ts";
import { SNAPSHOT_BYTES_MAX } from "./port.ts";
import type { ProposalKeyLimits } from "./proposal_keys.ts";
import type { SessionLimits } from "./sessions.ts";

/** A node's options, complete. */
export interface NodeSettings {
  readonly url: string;
  readonly namespace: string;
  readonly bootstrap: readonly Member[] | undefined;
  readonly standby: boolean;
  readonly witness: boolean;
  readonly meta: string;
  readonly tickMs: number;
  readonly electionTicks: number;
  readonly electionRank: number;
  readonly timeoutMs: number;
  readonly leaderTimeoutMs: number;
  readonly compaction: {
    readonly entries: number;
    readonly bytes: number;
    readonly ageMs: number;
    readonly retained: number;
  };
  readonly snapshotBytesMax: number;
  readonly sessions: SessionLimits & ProposalKeyLimits;
  readonly limits: Partial<RaftLimits>;
  readonly commandBytesMax: number;
  readonly leaseReads: LeaseReads | undefined;
  readonly isStoreExclusive: boolean;
}

const ACTION = "make a node";

const KNOWN: readonly (keyof NodeOptions<unknown, Json, unknown, unknown>)[] = [
  "url",
  "transport",
  "machine",
  "namespace",
  "cluster",
  "standby",
  "witness",
  "metadata",
  "heartbeat",
  "electionTimeout",
  "electionRank",
  "timeout",
  "leaderTimeout",
  "compaction",
  "snapshotBytesMax",
  "sessions",
  "limits",
  "leaseDriftMax",
  "isStoreExclusive",
];

/**
 * Checks and completes a node's options.
 *
 * @throws {ArgumentError | LimitError} `ERR_INVALID_OPTION`
 * @throws {HoldfastError} `ERR_UNSUPPORTED_PROTOCOL`
 */
export function nodeSettings<Command, Reply extends Json, Query, Answer>(
  options: NodeOptions<Command, Reply, Query, Answer>,
): NodeSettings {
  checkOptions(ACTION, options, KNOWN);
  const { transport, machine, namespace = "raft", standby = false, witness = false } = options;
  if (typeof transport?.open !== "function") refuse("transport must be a transport", transport);
  if (typeof machine?.apply !== "function") refuse("machine must be a state machine", machine);
  if (typeof namespace !== "string" || namespace === "" || namespace.length > 256) {
    refuse("namespace must be a text of 1 to 256 characters", namespace);
  }
  checkPeerUrl(ACTION, options.url, transport.protocols);
  const tickMs = durationMs(options.heartbeat ?? 100, "heartbeat");
  const electionMs = durationMs(options.electionTimeout ?? 10 * tickMs, "electionTimeout");
  if (!(tickMs >= 1 && tickMs < Infinity)) refuse("heartbeat must be at least 1 ms", tickMs);
  if (!(electionMs >= 3 * tickMs && electionMs < Infinity)) {
    refuse("electionTimeout must be at least three heartbeats", electionMs);
  }
  const snapshotBytesMax = options.snapshotBytesMax ?? SNAPSHOT_BYTES_MAX;
  checkWhole(ACTION, "snapshotBytesMax", snapshotBytesMax, 1);
  return {
    url: options.url,
    namespace,
    bootstrap: firstMembers(options),
    standby,
    witness,
    meta: metaText(ACTION, options.metadata ?? null),
    tickMs,
    electionTicks: Math.round(electionMs / tickMs),
    electionRank: options.electionRank ?? 0,
    timeoutMs: durationMs(options.timeout ?? "3s", "timeout"),
    leaderTimeoutMs: durationMs(options.leaderTimeout ?? "30s", "leaderTimeout"),
    compaction: compactionOf(options.compaction ?? {}),
    snapshotBytesMax: Math.min(snapshotBytesMax, SNAPSHOT_BYTES_MAX),
    sessions: options.sessions ?? {},
    limits: options.limits ?? {},
    commandBytesMax: options.limits?.commandBytesMax ?? 1024 * 1024,
    leaseReads: options.leaseDriftMax === undefined
      ? undefined
      : { tickMs, driftMax: options.leaseDriftMax },
    isStoreExclusive: options.isStoreExclusive ?? false,
  };
}

/**
 * Refuses a URL that a transport does not reach.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`
 * @throws {HoldfastError} `ERR_UNSUPPORTED_PROTOCOL`
 */
export function checkPeerUrl(action: string, url: unknown, protocols: readonly string[]): void {
  if (typeof url !== "string" || url.length > 2_048 || !URL.canParse(url)) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot ${action} as url must be a URL`);
  }
  if (protocols.includes(new URL(url).protocol)) return;
  throw new HoldfastError(
    "ERR_UNSUPPORTED_PROTOCOL",
    `Cannot ${action} as the protocol of url must be ${protocols.join(" or ")}`,
  );
}

/** The longest text that is told of a member, as JSON, in UTF-16 units. */
export const META_LENGTH_MAX = 4_096;

/** What is told of a member as text. @throws {LimitError} `ERR_TOO_LARGE` @throws {ArgumentError} `ERR_INVALID_ARGUMENT` */
export function metaText(action: string, meta: Json): string {
  const text: string | undefined = JSON.stringify(meta);
  if (text === undefined) {
    throw new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot ${action} as metadata must be JSON`);
  }
  return checkMeta(action, text);
}

/** Refuses a text that no member may have. @throws {LimitError} `ERR_TOO_LARGE` @throws {HoldfastError} `ERR_MALFORMED` */
export function checkMeta(action: string, text: string): string {
  if (text.length > META_LENGTH_MAX) {
    throw new LimitError(
      "ERR_TOO_LARGE",
      `Cannot ${action} as metadata must have at most ${META_LENGTH_MAX} characters: ` +
        `current value is ${text.length}`,
    );
  }
  parseJson(text, "what is told of a member");
  return text;
}

/** The incarnation of every node that begins a cluster. */
export const FIRST_INCARNATION = 1;

function firstMembers(
  { url, cluster, standby, witness, transport, metadata }: NodeOptions<never, Json, never, unknown>,
): readonly Member[] | undefined {
  if (standby) {
    if (cluster !== undefined) refuse("cluster must not be given to a standby node", cluster);
    return undefined;
  }
  const meta = metadata === undefined ? {} : { meta: metadata };
  const alone = [{ url, isWitness: witness ?? false, ...meta }];
  const members = (cluster ?? alone).map((first): Member => {
    const { url: id, isWitness, meta } = typeof first === "string"
      ? { url: first, isWitness: undefined, meta: undefined }
      : first;
    checkPeerUrl(ACTION, id, transport.protocols);
    return {
      id,
      incarnation: FIRST_INCARNATION,
      ...(isWitness ? { isWitness } : {}),
      ...(meta === undefined ? {} : { meta: metaText(ACTION, meta) }),
    };
  });
  const own = members.find(({ id }) => id === url);
  if (own === undefined) refuse("cluster must have url among it", cluster);
  if (metadata !== undefined && own?.meta !== metaText(ACTION, metadata)) {
    // Every node begins with the same list, so what one alone is told of itself would reach nobody.
    refuse("metadata must also be the meta of url in cluster, on every node", metadata);
  }
  return members;
}

function compactionOf(options: CompactionOptions | false): NodeSettings["compaction"] {
  if (options === false) {
    return { entries: Infinity, bytes: Infinity, ageMs: Infinity, retained: 1_024 };
  }
  checkOptions(ACTION, options, ["entries", "bytes", "age", "retained"]);
  const { entries = 8_192, bytes = 32 * 1024 * 1024, age = "1d", retained = 1_024 } = options;
  checkWhole(ACTION, "compaction.entries", entries, 1);
  checkWhole(ACTION, "compaction.bytes", bytes, 1);
  checkWhole(ACTION, "compaction.retained", retained, 0);
  return { entries, bytes, ageMs: durationMs(age, "compaction.age"), retained };
}

function refuse(rule: string, value: unknown): never {
  throw new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot ${ACTION} as ${rule}: current value is ${shown(value)}`,
  );
}
