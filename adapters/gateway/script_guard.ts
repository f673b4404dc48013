/**
 * Scripts in a strict gateway: what Upstash would refuse, refused by a plain Redis.
 *
 * Upstash takes the flag `allow-key-locking` (a script then locks its KEYS instead of the whole database) and answers
 * any other key with an error; Redis 7 does not know the flag. So the flag is taken out, and `redis.call` is covered by
 * a few lines of Lua that look every call over: its keys by Redis's own COMMAND GETKEYS, its name, the size to which
 * its record would grow. They are written into the script's first line, so errors name the same lines as without.
 *
 * The script that runs is another one than the client sent, and so is its SHA-1: both are remembered. Functions
 * (FUNCTION LOAD) have no such flag and are let through as they are.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { type Command, commandName, textOf } from "./command.ts";
import type { Reply } from "./reply.ts";

/** What scripts may not do. */
export interface ScriptRules {
  /** Names in capitals that scripts may not call. */
  readonly refused: readonly string[];
  /** Names in capitals of the commands that write. */
  readonly writing: readonly string[];
  /** Names in capitals of the commands that replace a whole record. */
  readonly replacing: readonly string[];
  /** How many bytes one record may have. */
  readonly recordBytesMax: number;
}

/** Rewrites commands that carry scripts, and the replies that name them. */
export interface ScriptGuard {
  /** The command to send instead. */
  rewrite(command: Command): Command;
  /** The reply to answer instead. */
  restore(command: Command, reply: Reply): Reply;
}

/** How many scripts are remembered. One that is forgotten is answered NOSCRIPT, and sent again by its client. */
const SCRIPTS_MAX = 10_000;

/** No script has it, so Redis answers NOSCRIPT. */
const NO_SHA = "0".repeat(40);

/** Makes a guard that remembers no script yet. */
export function scriptGuard(rules: ScriptRules): ScriptGuard {
  const guarded = new Map<string, string>();
  const prelude = preludeOf(rules);

  const guard = (source: string): string => {
    const script = guardScript(source, prelude);
    const [oldest] = guarded.keys();
    if (guarded.size >= SCRIPTS_MAX && oldest !== undefined) guarded.delete(oldest);
    guarded.set(sha1(source), sha1(script));
    return script;
  };
  const shaOf = (sha: string) => guarded.get(sha.toLowerCase()) ?? NO_SHA;

  return {
    rewrite: (command) => {
      const [name = "", second = "", ...rest] = command;
      switch (commandName(command)) {
        case "EVAL":
        case "EVAL_RO":
          return [name, guard(textOf(second)), ...rest];
        case "EVALSHA":
        case "EVALSHA_RO":
          return [name, shaOf(textOf(second)), ...rest];
        case "SCRIPT":
          return [name, second, ...rewriteScript(textOf(second), rest.map(textOf), guard, shaOf)];
        default:
          return command;
      }
    },
    restore: (command, reply) => {
      const isLoad = commandName(command) === "SCRIPT" &&
        textOf(command[1] ?? "").toUpperCase() === "LOAD";
      return isLoad && reply instanceof Uint8Array
        ? new TextEncoder().encode(sha1(textOf(command[2] ?? "")))
        : reply;
    },
  };
}

function rewriteScript(
  subcommand: string,
  rest: readonly string[],
  guard: (source: string) => string,
  shaOf: (sha: string) => string,
): readonly string[] {
  switch (subcommand.toUpperCase()) {
    case "LOAD":
      return rest.map(guard);
    case "EXISTS":
      return rest.map(shaOf);
    default:
      return rest;
  }
}

const LOCK_FLAG = "allow-key-locking";

/** Puts the prelude into the first line after the script's header, if it has one, and takes the flag out of that. */
function guardScript(source: string, prelude: string): string {
  const header = /^#![^\n]*\n?/.exec(source)?.[0] ?? "";
  const body = source.slice(header.length);
  const flags = /\bflags=(\S*)/.exec(header)?.[1]?.split(",") ?? [];
  const others = flags.filter((flag) => flag !== LOCK_FLAG);
  const newHeader = header.replace(
    / *\bflags=\S*/,
    others.length === 0 ? "" : ` flags=${others.join(",")}`,
  );
  return `${newHeader}${prelude}(${flags.includes(LOCK_FLAG)}) ${body}`;
}

/** Lua in one line, without comments: a call that waits for its argument, whether only KEYS may be used. */
function preludeOf(rules: ScriptRules): string {
  const list = (names: readonly string[]) => `' ${names.join(" ")} '`;
  return `
local redis = (function(only_declared)
  local R, refused, writing, replacing = redis, ${list(rules.refused)}, ${list(rules.writing)},
    ${list(rules.replacing)}
  local function is_one_of(names, name) return string.find(names, ' ' .. name .. ' ', 1, true) end
  local function check_keys(keys, name, bytes)
    local declared = {}
    for _, key in ipairs(KEYS or {}) do declared[key] = true end
    for _, key in ipairs(keys) do
      if only_declared and not declared[key] then
        return 'ERR Script attempted to access a key that is not in KEYS while the flag ${LOCK_FLAG} is set'
      end
      if is_one_of(writing, name) then
        local size = bytes
        if not is_one_of(replacing, name) then size = size + (R.call('MEMORY', 'USAGE', key) or 0) end
        if size > ${rules.recordBytesMax} then
          return 'ERR max single record size exceeded. Limit: ${rules.recordBytesMax} bytes, Actual: '
            .. string.format('%.0f', size)
        end
      end
    end
  end
  local function check(...)
    local name, bytes = string.upper(tostring((...))), 0
    if is_one_of(refused, name) then return 'ERR This Redis command is not allowed from script' end
    for i = 2, select('#', ...) do bytes = bytes + #tostring((select(i, ...))) end
    local keys = R.pcall('COMMAND', 'GETKEYS', ...)
    if type(keys) == 'table' and not keys.err then return check_keys(keys, name, bytes) end
  end
  local covered = {}
  function covered.call(...)
    local err = check(...)
    if err then error({ err = err }) end
    return R.call(...)
  end
  function covered.pcall(...)
    local err = check(...)
    if err then return { err = err } end
    return R.pcall(...)
  end
  return setmetatable(covered, { __index = R })
end)`.replaceAll(/\s+/g, " ").trim();
}

function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}
