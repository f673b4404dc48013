/**
 * Runs what a request asked for: one command, a pipeline, a transaction.
 *
 * @module
 */

import { type AccessRules, refusalOf } from "./access.ts";
import { answerCommand, answerCommands } from "./answer.ts";
import type { Command } from "./command.ts";
import { commandInfo, type CommandTable } from "./command_table.ts";
import type { Link, SendOptions } from "./link.ts";
import type { Refusal } from "./refusal.ts";
import { isError, type Reply } from "./reply.ts";
import type { RequestHead } from "./request_head.ts";

/** What a runner needs to know. */
export interface RunnerOptions {
  /** The way to Redis, opened. */
  readonly link: Link;
  /** What Redis says of its commands. */
  readonly table: CommandTable;
  /** Which commands are refused. */
  readonly rules: AccessRules;
  /** Whether reads may go to a replica, so that it matters which commands only read. */
  readonly hasReplica: boolean;
  /** Told how many commands are about to be sent. */
  readonly count: (commands: number) => void;
}

/** Runs requests. All methods reject with a refusal. */
export interface Runner {
  /** Runs one command. */
  command(command: Command, head: RequestHead): Promise<Response>;
  /** Runs commands in order; what is refused takes its place among the answers. */
  pipeline(commands: readonly Command[], head: RequestHead): Promise<Response>;
  /** Runs commands as one, or none of them. */
  transaction(commands: readonly Command[], head: RequestHead): Promise<Response>;
}

/** Makes a runner. */
export function runner({ link, table, rules, hasReplica, count }: RunnerOptions): Runner {
  const check = (command: Command, head: RequestHead): Refusal | undefined =>
    refusalOf(command, head.role, rules, table);

  const sendOptions = (
    commands: readonly Command[],
    head: RequestHead,
  ): SendOptions => ({
    isExact: head.form !== "json",
    isReadOnly: hasReplica &&
      commands.every((command) => commandInfo(table, command)?.isReadOnly ?? false),
    isTracked: hasReplica || head.syncToken !== undefined,
    syncToken: head.syncToken ?? "",
  });

  return {
    command: async (command, head) => {
      const refusal = check(command, head);
      if (refusal !== undefined) throw refusal;
      count(1);
      const sent = await link.send([command], sendOptions([command], head));
      return answerCommand(sent.replies[0] ?? null, head.form, sent.syncToken);
    },
    pipeline: async (commands, head) => {
      const refusals = commands.map((command) => check(command, head));
      const passed = commands.filter((_, i) => refusals[i] === undefined);
      if (passed.length === 0) {
        return answerCommands(refusals.map(refusedReply), head.form, head.syncToken ?? "");
      }
      count(passed.length);
      const sent = await link.send(passed, sendOptions(passed, head));
      const replies = passed.length === commands.length
        ? sent.replies
        : merged(refusals, sent.replies);
      return answerCommands(replies, head.form, sent.syncToken);
    },
    transaction: async (commands, head) => {
      for (const command of commands) {
        const refusal = check(command, head);
        if (refusal !== undefined) throw refusal;
      }
      count(commands.length);
      const form = head.form === "resp2" ? "json" : head.form;
      const sent = await link.transact(commands, sendOptions(commands, head));
      const reply = sent.replies[0] ?? null;
      // An error here means that Redis discarded the whole; a list, that it ran.
      return isError(reply) || !isList(reply)
        ? answerCommand(reply, form, sent.syncToken)
        : answerCommands(reply, form, sent.syncToken);
    },
  };
}

function isList(reply: Reply): reply is readonly Reply[] {
  return Array.isArray(reply);
}

function refusedReply(refusal: Refusal | undefined): Reply {
  return { kind: "error", text: refusal?.message ?? "" };
}

/** The replies of those that passed, with refusals in the places of the others. */
function merged(refusals: readonly (Refusal | undefined)[], replies: readonly Reply[]): Reply[] {
  const rest = replies.values();
  return refusals.map((refusal) =>
    refusal === undefined ? rest.next().value ?? null : refusedReply(refusal)
  );
}
