/**
 * Which commands are refused, to whom and where.
 *
 * Over HTTP there is no connection that a command could change or block, so those never pass. A strict gateway refuses
 * besides what Upstash does not have (its compatibility table, and the commands that its documentation leaves out).
 *
 * @module
 */

import { type Command, commandName, textOf } from "./command.ts";
import { commandInfo, type CommandTable } from "./command_table.ts";
import { commandRefused, encodingRefused, permissionRefused, type Refusal } from "./refusal.ts";

/** Who asks: the holder of the token, or of the read-only token. */
export type Role = "full" | "read-only";

/** What decides about commands. */
export interface AccessRules {
  /** Whether to behave as Upstash does. */
  readonly isStrict: boolean;
  /** Names in capitals that are refused besides; `CONFIG` or `CONFIG|SET`. */
  readonly refused: ReadonlySet<string>;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}

/** They change, watch, block or end a connection, and over HTTP the connection belongs to everybody. */
const NEVER = words(
  `SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MULTI EXEC WATCH UNWATCH DISCARD MONITOR
   AUTH HELLO SELECT QUIT RESET ASKING READONLY READWRITE SYNC PSYNC REPLCONF REPLICAOF SLAVEOF FAILOVER SHUTDOWN
   DEBUG MIGRATE PFDEBUG RESTORE-ASKING BLPOP BRPOP BRPOPLPUSH BLMOVE BLMPOP BZPOPMIN BZPOPMAX BZMPOP WAIT WAITAOF
   CLIENT|REPLY CLIENT|PAUSE CLIENT|UNPAUSE CLIENT|KILL CLIENT|TRACKING CLIENT|CACHING CLIENT|NO-EVICT
   CLIENT|NO-TOUCH CLIENT|SETNAME CLIENT|SETINFO CLIENT|UNBLOCK SCRIPT|DEBUG MODULE|LOAD MODULE|LOADEX MODULE|UNLOAD`,
);

/** In Redis 7, but not at Upstash. */
const NOT_AT_UPSTASH = words(
  `LCS SORT SORT_RO SUBSTR OBJECT SLOWLOG LATENCY CLIENT CLUSTER SPUBLISH MOVE SWAPDB FUNCTION|DUMP FUNCTION|RESTORE
   FUNCTION|KILL ROLE XSETID ACL|LOG MODULE LOLWUT MEMORY PFSELFTEST BGSAVE BGREWRITEAOF SAVE LASTSAVE
   CONFIG|REWRITE CONFIG|RESETSTAT PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB`,
);

/** The two that the read-only token lacks although they only read. */
const NOT_FOR_READERS = words("SCAN KEYS");

/** They neither read nor write a key. */
const FOR_READERS = words("PING ECHO TIME COMMAND");

/** Names that scripts may not call in a strict gateway. */
export const REFUSED_IN_STRICT_SCRIPTS: readonly string[] = [...NOT_AT_UPSTASH]
  .filter((name) => !name.includes("|"));

/** Why a command is refused, or undefined if it may pass. */
export function refusalOf(
  command: Command,
  role: Role,
  rules: AccessRules,
  table: CommandTable,
): Refusal | undefined {
  const name = commandName(command);
  const root = table.get(name);
  if (NEVER.has(name) || root === undefined) return commandRefused(name);
  const full = root.subcommands.size === 0
    ? name
    : `${name}|${textOf(command[1] ?? "").toUpperCase()}`;
  if (isRefused(name, full, rules) || isForeignSetting(full, command)) return commandRefused(full);
  if (isBlockingRead(name, command)) {
    return encodingRefused(`${name} with BLOCK is not available over HTTP`);
  }
  if (role === "full" || FOR_READERS.has(name)) return undefined;
  const isReading = commandInfo(table, command)?.isReadOnly ?? false;
  return isReading && !NOT_FOR_READERS.has(name) ? undefined : permissionRefused(name);
}

function isRefused(name: string, full: string, rules: AccessRules): boolean {
  if (NEVER.has(full) || rules.refused.has(name) || rules.refused.has(full)) return true;
  return rules.isStrict && (NOT_AT_UPSTASH.has(name) || NOT_AT_UPSTASH.has(full));
}

/** Upstash lets one setting through. */
function isForeignSetting(full: string, command: Command): boolean {
  if (full !== "CONFIG|SET") return false;
  return command.length !== 4 ||
    textOf(command[2] ?? "").toLowerCase() !== "notify-keyspace-events";
}

function isBlockingRead(name: string, command: Command): boolean {
  if (name !== "XREAD" && name !== "XREADGROUP") return false;
  const words = command.map((argument) => textOf(argument).toUpperCase());
  const streams = words.indexOf("STREAMS");
  const block = words.indexOf("BLOCK", 1);
  return block >= 0 && (streams < 0 || block < streams);
}
