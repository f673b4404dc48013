/**
 * The way to a Redis Cluster. The npm client knows which node has which slot, follows redirections, splits commands
 * over several keys and sums up those over several nodes; here it is told where each command's first key is.
 *
 * A pipeline goes out command by command, so its order holds per key. A transaction has one slot, or is refused.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createCluster, type TypeMapping } from "npm:redis@^6.3.1";
import type { Argument, Command } from "./command.ts";
import { type CommandTable, keysOf } from "./command_table.ts";
import {
  CLIENT_OPTIONS,
  type ClientArguments,
  clientArguments,
  connectWithin,
  errorOrLoss,
  exchange,
  exchangeTransaction,
  type RawClient,
  worst,
} from "./connection.ts";
import { exactTypes, TEXT_TYPES, toReply } from "./decoding.ts";
import { hashSlot } from "./hash_slot.ts";
import type { Link } from "./link.ts";
import { Refusal, slotsRefused, unreachable } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import { readCommandTable } from "./server_link.ts";

/** Where the cluster is. */
export interface ClusterLinkOptions {
  /** The address of one node; its password and TLS count for all. */
  readonly url: string;
}

/** The slice of the npm cluster client that is used here. */
interface RawCluster {
  readonly masters: readonly Node[];
  readonly slots: readonly { readonly master: Node }[];
  connect(): Promise<unknown>;
  destroy(): void;
  nodeClient(node: Node): Promise<RawClient> | RawClient;
  sendCommand(
    firstKey: string | Buffer | undefined,
    isReadOnly: boolean,
    args: ClientArguments,
    options: { readonly typeMapping: TypeMapping },
  ): Promise<unknown>;
}

interface Node {
  readonly address: string;
}

const RECONNECT_MS = 250;

/** Makes the way to a cluster. Nothing is sent before it is opened. */
export function clusterLink(options: ClusterLinkOptions): Link {
  const cluster = newCluster(options.url);
  let table: CommandTable = new Map();

  const sendOne = async (command: Command, isExact: boolean): Promise<Reply | Refusal> => {
    const typeMapping = isExact ? exactTypes() : TEXT_TYPES;
    const [key] = keysOf(table, command);
    try {
      const args = clientArguments(command);
      return toReply(
        await cluster.sendCommand(clientKey(key), false, args, { typeMapping }),
        typeMapping,
      );
    } catch (error) {
      return errorOrLoss(error);
    }
  };

  return {
    open: async (deadlineMs) => {
      await connectWithin(cluster, deadlineMs);
      return table = await readCommandTable(await masterClient(cluster, 0));
    },
    send: async (commands, how) => {
      const outcomes = await Promise.all(commands.map((command) => sendOne(command, how.isExact)));
      const replies: Reply[] = [];
      const losses: Refusal[] = [];
      for (const outcome of outcomes) {
        if (outcome instanceof Refusal) losses.push(outcome);
        else replies.push(outcome);
      }
      if (losses.length > 0) throw worst(losses, replies.length);
      return { replies, syncToken: how.syncToken };
    },
    transact: async (commands, how) => {
      const slots = new Set(commands.flatMap((command) => keysOf(table, command)).map(hashSlot));
      if (slots.size > 1) throw slotsRefused();
      const [slot = 0] = slots;
      const client = await masterClient(cluster, slot);
      const reply = await exchangeTransaction(client, commands, how.isExact);
      return { replies: [reply], syncToken: how.syncToken };
    },
    isAlive: async () => {
      const answers = cluster.masters.map(async (node) =>
        await exchange(await cluster.nodeClient(node), [["PING"]], false)
      );
      const outcomes = await Promise.allSettled(answers);
      return outcomes.every(({ status }) => status === "fulfilled");
    },
    close: () => cluster.destroy(),
  };
}

function newCluster(url: string): RawCluster {
  const { username, password, protocol } = new URL(url);
  const cluster = createCluster({
    rootNodes: [{ url }],
    commandOptions: CLIENT_OPTIONS.commandOptions,
    RESP: CLIENT_OPTIONS.RESP,
    defaults: {
      ...CLIENT_OPTIONS,
      ...(username === "" ? {} : { username: decodeURIComponent(username) }),
      ...(password === "" ? {} : { password: decodeURIComponent(password) }),
      socket: protocol === "rediss:"
        ? { reconnectStrategy: RECONNECT_MS, tls: true }
        : { reconnectStrategy: RECONNECT_MS },
    },
  });
  // Who waits for a reply hears of the loss by its promise; the event itself must only not be unhandled.
  cluster.on("error", () => {});
  // The client's type depends on its modules; this is the part that all of them have.
  return cluster as unknown as RawCluster;
}

async function masterClient(cluster: RawCluster, slot: number): Promise<RawClient> {
  const master = cluster.slots[slot]?.master;
  if (master === undefined) throw unreachable();
  return await cluster.nodeClient(master);
}

function clientKey(key: Argument | undefined): string | Buffer | undefined {
  return key === undefined || typeof key === "string" ? key : Buffer.from(key);
}
