/**
 * One connection to Redis by the npm `redis` client, in the way a gateway needs it: RESP2, raw replies, no command
 * sent twice, and none kept waiting for a server that is away.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import {
  ClientClosedError,
  ClientOfflineError,
  createClient,
  ErrorReply,
  type TypeMapping,
} from "npm:redis@^6.3.1";
import { systemClock } from "../../src/clock.ts";
import { withDeadline } from "../../src/waiting.ts";
import type { Command } from "./command.ts";
import { exactTypes, TEXT_TYPES, toReply } from "./decoding.ts";
import { outcomeUnknown, Refusal, unreachable } from "./refusal.ts";
import { isError, type Reply } from "./reply.ts";

/** The client's arguments: it takes text and Buffers only. */
export type ClientArguments = (string | Buffer)[];

/** The slice of the npm client that is used here, whatever modules its type parameters name. */
export interface RawClient {
  readonly isReady: boolean;
  connect(): Promise<unknown>;
  destroy(): void;
  sendCommand(
    args: ClientArguments,
    options?: { typeMapping?: TypeMapping; chainId?: symbol },
  ): Promise<unknown>;
  subscribe(channel: string, listener: MessageListener, isBuffer: true): Promise<void>;
  unsubscribe(channel: string, listener: MessageListener, isBuffer: true): Promise<void>;
  pSubscribe(pattern: string, listener: MessageListener, isBuffer: true): Promise<void>;
  pUnsubscribe(pattern: string, listener: MessageListener, isBuffer: true): Promise<void>;
  monitor(listener: (line: unknown) => void): Promise<void>;
  on(event: "error" | "end" | "ready", listener: () => void): unknown;
}

/** Hears a message and the channel it came on. */
export type MessageListener = (message: Buffer, channel: Buffer) => void;

/** What every client of the gateway has in common. */
export const CLIENT_OPTIONS: {
  readonly RESP: 2;
  readonly disableOfflineQueue: true;
  readonly commandOptions: { readonly timeout: number; readonly typeMapping: TypeMapping };
  readonly maintNotifications: "disabled";
} = {
  RESP: 2,
  // A command for a server that is away fails at once, and is not kept to be sent later.
  disableOfflineQueue: true,
  // The client's own limit would cost a timer per command; HTTP clients have theirs.
  commandOptions: { timeout: 0, typeMapping: TEXT_TYPES },
  maintNotifications: "disabled",
};

/** A client for an address; not connected yet. It never reconnects: who lost a connection shall know it. */
export function newClient(url: string): RawClient {
  const client = createClient({ ...CLIENT_OPTIONS, url, socket: { reconnectStrategy: false } });
  // Who waits for a reply hears of the loss by its promise; the event itself must only not be unhandled.
  client.on("error", () => {});
  // The client's type depends on its modules; this is the part that all of them have.
  return client as unknown as RawClient;
}

/** Calls back once when a client has lost its connection, or was ended. */
export function whenLost(client: RawClient, callback: () => void): void {
  let isLost = false;
  const once = () => {
    if (!isLost) callback();
    isLost = true;
  };
  client.on("error", once);
  client.on("end", once);
}

/**
 * Connects a client, of one server or of a cluster, within a time limit.
 *
 * @throws {Refusal} 503 if that fails; the client is ended then.
 */
export async function connectWithin(
  client: Pick<RawClient, "connect" | "destroy">,
  ms: number,
): Promise<void> {
  try {
    await withDeadline(systemClock(), ms, client.connect(), unreachable);
  } catch {
    // Whatever the reason was, it may name an address or a password.
    client.destroy();
    throw unreachable();
  }
}

/**
 * Sends commands in one go and waits for all replies.
 *
 * @throws {Refusal} 503 if a reply was lost, or nothing could be sent.
 */
export async function exchange(
  client: RawClient,
  commands: readonly Command[],
  isExact: boolean,
  chainId?: symbol,
): Promise<Reply[]> {
  const [only] = commands;
  if (only !== undefined && commands.length === 1) {
    return [await exchangeOne(client, only, isExact)];
  }
  const waiting = commands.map((command) => {
    const typeMapping = isExact ? exactTypes() : TEXT_TYPES;
    const options = chainId === undefined ? { typeMapping } : { typeMapping, chainId };
    return client.sendCommand(clientArguments(command), options)
      .then((value) => toReply(value, typeMapping), errorOrLoss);
  });
  const replies: Reply[] = [];
  const losses: Refusal[] = [];
  for (const outcome of waiting) {
    const reply = await outcome;
    if (reply instanceof Refusal) losses.push(reply);
    else replies.push(reply);
  }
  if (losses.length > 0) throw worst(losses, replies.length);
  return replies;
}

/** One command without the machinery for many: most requests are that. */
async function exchangeOne(client: RawClient, command: Command, isExact: boolean): Promise<Reply> {
  const options = isExact ? { typeMapping: exactTypes() } : TEXT_OPTIONS;
  try {
    const value = await client.sendCommand(clientArguments(command), options);
    return toReply(value, options.typeMapping);
  } catch (error) {
    const reply = errorOrLoss(error);
    if (reply instanceof Refusal) throw reply;
    return reply;
  }
}

const TEXT_OPTIONS = { typeMapping: TEXT_TYPES };

/** What to say of many: nothing was executed only if that is true of all. */
export function worst(losses: readonly Refusal[], repliesCount: number): Refusal {
  const isUnknown = repliesCount > 0 || losses.some((loss) => loss.isOutcomeUnknown);
  return isUnknown ? outcomeUnknown() : unreachable();
}

/**
 * Runs commands between MULTI and EXEC. They are written in one go on one connection, so nothing comes in between;
 * the chain makes the client drop the rest if the connection ends halfway, and then Redis discards what it has.
 */
export async function exchangeTransaction(
  client: RawClient,
  commands: readonly Command[],
  isExact: boolean,
): Promise<Reply> {
  const replies = await exchange(client, [["MULTI"], ...commands, ["EXEC"]], isExact, Symbol());
  const outcome = replies.at(-1) ?? null;
  // "EXECABORT" only says that an earlier command was refused; that one's own error says why.
  return isError(outcome) ? replies.find(isError) ?? outcome : outcome;
}

/** The arguments as the client takes them. */
export function clientArguments(command: Command): ClientArguments {
  // Nearly always all text: then the command itself will do.
  return command.every((argument) => typeof argument === "string")
    ? command as ClientArguments // Read only; the client does not change it.
    : command.map((argument) => typeof argument === "string" ? argument : toBuffer(argument));
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What a rejected command means: Redis answered with an error, or did not answer. */
export function errorOrLoss(error: unknown): Reply | Refusal {
  if (error instanceof ErrorReply) return { kind: "error", text: redacted(error.message) };
  if (error instanceof ClientOfflineError || error instanceof ClientClosedError) {
    return unreachable();
  }
  return outcomeUnknown();
}

/** Redis shows the arguments of commands that it does not know. */
function redacted(text: string): string {
  return text.replace(/,? with args beginning with:.*$/s, "");
}
