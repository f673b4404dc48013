/**
 * The way to one Redis server, or to a master and its replica.
 *
 * Reads may be answered by the replica, and may be stale then. A request that carries a sync token is answered by the
 * replica only if that has come as far as the token; otherwise by the master, which is always far enough.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Command } from "./command.ts";
import { type CommandTable, parseCommandTable } from "./command_table.ts";
import { exchange, exchangeTransaction, type RawClient } from "./connection.ts";
import { type Lane, lane } from "./lane.ts";
import type { Link, SendOptions, Sent } from "./link.ts";
import type { Reply } from "./reply.ts";
import {
  includes,
  parsePosition,
  parseToken,
  type Position,
  POSITION_COMMAND,
  toToken,
} from "./sync_token.ts";

/** Where the server is. */
export interface ServerLinkOptions {
  /** The address of the server, or of the master. */
  readonly url: string;
  /** The address of a replica that answers reads, or undefined. */
  readonly replicaUrl: string | undefined;
  /** How many connections to the server share the requests. */
  readonly connections: number;
}

/** A lane, and the question where it stands, if one is about to be put. */
interface TrackedLane {
  readonly lane: Lane;
  position: Promise<Position | undefined> | undefined;
}

/** Makes the way to a server. Nothing is sent before it is opened. */
export function serverLink(options: ServerLinkOptions): Link {
  const lanes = Array.from({ length: options.connections }, () => trackedLane(options.url));
  const replica = options.replicaUrl === undefined ? undefined : trackedLane(options.replicaUrl);
  let turn = 0;
  let answers = 0;
  const nextLane = (): TrackedLane => lanes[turn = (turn + 1) % lanes.length] as TrackedLane; // Never empty.

  const send = async (commands: readonly Command[], how: SendOptions): Promise<Sent> => {
    if (how.isReadOnly && replica !== undefined) {
      const sent = await sendToReplica(replica, commands, how, ++answers);
      if (sent !== undefined) return sent;
    }
    const tracked = nextLane();
    const { client } = tracked.lane;
    if (!how.isTracked) {
      return { replies: await exchange(client, commands, how.isExact), syncToken: "" };
    }
    const position = positionAfter(tracked);
    const replies = await exchange(client, commands, how.isExact);
    return { replies, syncToken: toToken(await position, ++answers) };
  };

  return {
    open: async (deadlineMs) => {
      const all = replica === undefined ? lanes : [...lanes, replica];
      await Promise.all(all.map(({ lane }) => lane.connect(deadlineMs)));
      return await readCommandTable(nextLane().lane.client);
    },
    send,
    transact: async (commands, how) => {
      const tracked = nextLane();
      const position = how.isTracked ? positionAfter(tracked) : undefined;
      const reply = await exchangeTransaction(tracked.lane.client, commands, how.isExact);
      return { replies: [reply], syncToken: toToken(await position, ++answers) };
    },
    isAlive: async () => {
      try {
        return (await exchange(nextLane().lane.client, [["PING"]], false)).length === 1;
      } catch {
        // A refusal: not reachable, or lost just now.
        return false;
      }
    },
    close: () => {
      for (const { lane } of lanes) lane.close();
      replica?.lane.close();
    },
  };
}

/** Asks Redis for its commands. */
export async function readCommandTable(client: RawClient): Promise<CommandTable> {
  const [table] = await exchange(client, [["COMMAND"]], false);
  return parseCommandTable(table ?? null);
}

function trackedLane(url: string): TrackedLane {
  return { lane: lane(url), position: undefined };
}

/**
 * Where a lane stands after everything that is sent on it in this turn of the event loop. All requests of the turn
 * share the one question, which is why it is put only when the turn ends.
 */
function positionAfter(tracked: TrackedLane): Promise<Position | undefined> {
  return tracked.position ??= new Promise((resolve) => {
    setImmediate(() => {
      tracked.position = undefined;
      exchange(tracked.lane.client, [POSITION_COMMAND], false).then(
        ([reply]) => resolve(parsePosition(reply)),
        // The commands before it are lost as well, and say so.
        () => resolve(undefined),
      );
    });
  });
}

/** What the replica answers, or undefined if it has not come as far as the request's token. */
async function sendToReplica(
  { lane }: TrackedLane,
  commands: readonly Command[],
  how: SendOptions,
  answer: number,
): Promise<Sent | undefined> {
  const wanted = parseToken(how.syncToken);
  const [position, ...replies] = await tryExchange(
    lane.client,
    [POSITION_COMMAND, ...commands],
    how.isExact,
  );
  const state = parsePosition(position);
  if (state === undefined) return undefined;
  // Read first and judged afterwards: one round trip, and what is too old is thrown away.
  if (how.syncToken !== "" && (wanted === undefined || !includes(state, wanted))) return undefined;
  return { replies, syncToken: toToken(state, answer) };
}

/** Reads may be put again to the master, so a replica that is away is no failure. */
async function tryExchange(client: RawClient, commands: readonly Command[], isExact: boolean) {
  try {
    return await exchange(client, commands, isExact);
  } catch {
    // Refused because the replica cannot be reached.
    const none: Reply[] = [];
    return none;
  }
}
