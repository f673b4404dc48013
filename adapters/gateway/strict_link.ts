/**
 * A way to Redis that behaves as Upstash does: limits on keys and records, and scripts under guard.
 *
 * @module
 */

import { argumentBytes, type Command, commandBytes, commandName } from "./command.ts";
import { commandInfo, type CommandTable, keysOf } from "./command_table.ts";
import { REFUSED_IN_STRICT_SCRIPTS } from "./access.ts";
import type { Link, SendOptions, Sent } from "./link.ts";
import { type Refusal, sizeRefused } from "./refusal.ts";
import type { Reply } from "./reply.ts";
import { type ScriptGuard, scriptGuard } from "./script_guard.ts";

/** The limits that Upstash sets, in bytes. */
export interface StrictLimits {
  /** One key's name. */
  readonly keyBytesMax: number;
  /** One whole record: all that is under a key. */
  readonly recordBytesMax: number;
  /** One command. */
  readonly commandBytesMax: number;
}

/** How strict to be. */
export interface StrictRules extends StrictLimits {
  /** Whether scripts may publish. */
  readonly mayScriptsPublish: boolean;
}

/** They replace what was there, so its size does not count. */
const REPLACING = ["SET", "SETEX", "PSETEX", "GETSET", "SETNX", "MSET", "MSETNX", "RESTORE"];

/** Puts Upstash's limits in front of a way to Redis. */
export function strictLink(link: Link, rules: StrictRules): Link {
  let table: CommandTable = new Map();
  let guard: ScriptGuard | undefined;

  /** Why a command is refused, if it is; the records that it would make too large are looked up in Redis. */
  const verdict = async (command: Command): Promise<Refusal | undefined> => {
    const keys = keysOf(table, command);
    const refused = refusedBySize(command, keys, rules);
    if (refused !== undefined || !commandInfo(table, command)?.isWrite) return refused;
    const isReplacing = REPLACING.includes(commandName(command));
    const before = isReplacing ? 0 : await largestRecord(link, keys);
    const size = before + commandBytes(command);
    return size > rules.recordBytesMax
      ? sizeRefused("single record", rules.recordBytesMax, size, 400)
      : undefined;
  };

  const send = async (commands: readonly Command[], how: SendOptions): Promise<Sent> => {
    const verdicts = await Promise.all(commands.map(verdict));
    // Alone it is an answer of its own, with its own status; among others it takes its place among the replies.
    if (commands.length === 1 && verdicts[0] !== undefined) throw verdicts[0];
    const passed = commands.filter((_, i) => verdicts[i] === undefined);
    const sent = passed.length === 0
      ? { replies: [], syncToken: how.syncToken }
      : await link.send(passed.map((command) => guard?.rewrite(command) ?? command), how);
    const replies = sent.replies.values();
    const answer = (command: Command, i: number): Reply => {
      const refused = verdicts[i];
      if (refused !== undefined) return { kind: "error", text: refused.message };
      const reply = replies.next().value ?? null;
      return guard?.restore(command, reply) ?? reply;
    };
    return { replies: commands.map(answer), syncToken: sent.syncToken };
  };

  return {
    open: async (deadlineMs) => {
      table = await link.open(deadlineMs);
      guard = scriptGuard({
        refused: rules.mayScriptsPublish
          ? REFUSED_IN_STRICT_SCRIPTS
          : [...REFUSED_IN_STRICT_SCRIPTS, "PUBLISH"],
        writing: [...table].filter(([, info]) => info.isWrite).map(([name]) => name).sort(),
        replacing: REPLACING,
        recordBytesMax: rules.recordBytesMax,
      });
      return table;
    },
    send,
    transact: async (commands, how) => {
      for (const refused of await Promise.all(commands.map(verdict))) {
        if (refused !== undefined) throw refused;
      }
      return await link.transact(
        commands.map((command) => guard?.rewrite(command) ?? command),
        how,
      );
    },
    isAlive: () => link.isAlive(),
    close: () => link.close(),
  };
}

function refusedBySize(
  command: Command,
  keys: Command,
  { commandBytesMax, keyBytesMax }: StrictLimits,
): Refusal | undefined {
  const size = commandBytes(command);
  if (size > commandBytesMax) return sizeRefused("request", commandBytesMax, size);
  for (const key of keys) {
    const keySize = argumentBytes(key);
    if (keySize > keyBytesMax) return sizeRefused("key", keyBytesMax, keySize, 400);
  }
  return undefined;
}

/** How many bytes the largest of some records has. */
async function largestRecord(link: Link, keys: Command): Promise<number> {
  if (keys.length === 0) return 0;
  const { replies } = await link.send(
    keys.map((key) => ["MEMORY", "USAGE", key]),
    { isExact: false, isReadOnly: false, isTracked: false, syncToken: "" },
  );
  return Math.max(...replies.map((reply) => typeof reply === "string" ? Number(reply) : 0));
}
