/**
 * What Redis itself says of its commands: which only read, and where their keys are.
 *
 * The table is Redis's own answer to COMMAND, so that the gateway knows the commands of whatever stands behind it
 * (Redis 7, Valkey, modules) without a list of its own.
 *
 * @module
 */

import { type Argument, type Command, commandName, textOf } from "./command.ts";
import { type Reply, utf8 } from "./reply.ts";

/** What Redis says of one command. */
export interface CommandInfo {
  /** Whether it only reads. */
  readonly isReadOnly: boolean;
  /** Whether it may write. */
  readonly isWrite: boolean;
  /** Where its keys are. */
  readonly keyRules: readonly KeyRule[];
  /** Its subcommands, by name in capitals. */
  readonly subcommands: CommandTable;
}

/** Where some keys of a command are: where they begin, and how far they go from there. */
export interface KeyRule {
  readonly begin:
    | { readonly kind: "index"; readonly index: number }
    | { readonly kind: "keyword"; readonly keyword: string; readonly from: number };
  readonly find:
    | {
      readonly kind: "range";
      readonly last: number;
      readonly step: number;
      readonly limit: number;
    }
    | {
      readonly kind: "count";
      readonly at: number;
      readonly first: number;
      readonly step: number;
    };
}

/** What Redis says of its commands, by name in capitals. */
export type CommandTable = ReadonlyMap<string, CommandInfo>;

/** Reads the answer to COMMAND. */
export function parseCommandTable(reply: Reply): CommandTable {
  return new Map(
    list(reply).map((entry): [string, CommandInfo] => {
      const fields = list(entry);
      const flags = list(fields[2]).map(text);
      // A subcommand is named "config|get".
      const name = text(fields[0]).toUpperCase().replace(/^.*\|/, "");
      return [name, {
        isReadOnly: flags.includes("readonly"),
        isWrite: flags.includes("write"),
        keyRules: list(fields[8]).map(keyRule).filter((rule) => rule !== undefined),
        subcommands: parseCommandTable(fields[9] ?? null),
      }];
    }),
  );
}

/** What Redis says of a command, or of its subcommand; undefined if it does not know it. */
export function commandInfo(table: CommandTable, command: Command): CommandInfo | undefined {
  const info = table.get(commandName(command));
  if (info === undefined || info.subcommands.size === 0) return info;
  return info.subcommands.get(textOf(command[1] ?? "").toUpperCase()) ?? info;
}

/** The keys of a command, as far as Redis says where they are. */
export function keysOf(table: CommandTable, command: Command): readonly Argument[] {
  const rules = commandInfo(table, command)?.keyRules ?? [];
  return rules.flatMap((rule) => keysByRule(rule, command));
}

function keysByRule(rule: KeyRule, command: Command): Argument[] {
  const begin = beginOf(rule.begin, command);
  if (begin === undefined) return [];
  const keys: Argument[] = [];
  if (rule.find.kind === "count") {
    const { at, first, step } = rule.find;
    const count = Number(textOf(command[begin + at] ?? "0"));
    for (let i = 0; i < count; i++) {
      const key = command[begin + first + i * step];
      if (key === undefined) break;
      keys.push(key);
    }
    return keys;
  }
  const end = endOf(rule.find, begin, command.length);
  for (let i = begin; i <= end; i += rule.find.step) {
    const key = command[i];
    if (key !== undefined) keys.push(key);
  }
  return keys;
}

function beginOf(begin: KeyRule["begin"], command: Command): number | undefined {
  if (begin.kind === "index") return begin.index;
  const isBackward = begin.from < 0;
  const start = isBackward ? command.length + begin.from : begin.from;
  for (let i = start; i > 0 && i < command.length; i += isBackward ? -1 : 1) {
    if (textOf(command[i] ?? "").toUpperCase() === begin.keyword) return i + 1;
  }
  return undefined;
}

function endOf(
  find: { readonly last: number; readonly limit: number },
  begin: number,
  length: number,
): number {
  if (find.last >= 0) return begin + find.last;
  // A limit of 2 means that only the first half of what follows are keys, as in XREAD.
  if (find.last === -1 && find.limit > 1) {
    return begin + Math.floor((length - begin) / find.limit) - 1;
  }
  return length + find.last;
}

function keyRule(reply: Reply): KeyRule | undefined {
  const spec = record(reply);
  const [beginKind, beginFields] = rulePart(spec.get("begin_search"));
  const [findKind, findFields] = rulePart(spec.get("find_keys"));
  const begin = beginKind === "index"
    ? { kind: beginKind, index: integer(beginFields, "index") } as const
    : beginKind === "keyword"
    ? {
      kind: beginKind,
      keyword: text(beginFields.get("keyword")).toUpperCase(),
      from: integer(beginFields, "startfrom"),
    } as const
    : undefined;
  const find = findKind === "range"
    ? {
      kind: findKind,
      last: integer(findFields, "lastkey"),
      step: integer(findFields, "keystep"),
      limit: integer(findFields, "limit"),
    } as const
    : findKind === "keynum"
    ? {
      kind: "count",
      at: integer(findFields, "keynumidx"),
      first: integer(findFields, "firstkey"),
      step: integer(findFields, "keystep"),
    } as const
    : undefined;
  return begin === undefined || find === undefined ? undefined : { begin, find };
}

function rulePart(reply: Reply | undefined): [string, ReadonlyMap<string, Reply>] {
  const part = record(reply);
  return [text(part.get("type")), record(part.get("spec"))];
}

function record(reply: Reply | undefined): ReadonlyMap<string, Reply> {
  const fields = list(reply);
  const map = new Map<string, Reply>();
  for (let i = 0; i + 1 < fields.length; i += 2) map.set(text(fields[i]), fields[i + 1] ?? null);
  return map;
}

function list(reply: Reply | undefined): readonly Reply[] {
  return Array.isArray(reply) ? reply : [];
}

function text(reply: Reply | undefined): string {
  return reply instanceof Uint8Array ? utf8(reply) : "";
}

function integer(fields: ReadonlyMap<string, Reply>, name: string): number {
  const value = fields.get(name);
  return typeof value === "string" ? Number(value) : 0;
}
