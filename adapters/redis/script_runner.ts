/**
 * Running scripts: by their hash, whole when the server does not have them, with the header that the server takes, and
 * with a wake-up beside them where the server lets no script publish.
 *
 * @module
 */

import type { Clock } from "../../src/clock.ts";
import { malformed, RequestError } from "./failures.ts";
import type { RedisCommand, RedisReply, RedisResult } from "./reply.ts";
import { type Dialect, type RedisScript, scriptText, sha1 } from "./scripts.ts";
import type { ServerClock } from "./server_clock.ts";

/** What a script is given. */
export interface ScriptInput {
  /** The keys. */
  readonly keys: readonly string[];
  /** The arguments. */
  readonly args: readonly string[];
  /** The channel to wake, as Redis knows it. */
  readonly channel: string | undefined;
}

/** What a runner works with. */
export interface ScriptRunnerOptions {
  /** Sends one command. */
  readonly send: (command: RedisCommand, signal: AbortSignal) => Promise<RedisReply>;
  /** Sends several in one request. */
  readonly sendAll: (
    commands: readonly RedisCommand[],
    signal: AbortSignal,
  ) => Promise<readonly RedisResult[]>;
  /** Where round trips are measured. */
  readonly clock: Clock;
  /** Where the server's time goes. */
  readonly serverClock: ServerClock;
}

/** Runs a script once and gives its answer. */
export type ScriptRunner = (
  script: RedisScript,
  input: ScriptInput,
  signal: AbortSignal,
) => Promise<RedisReply>;

/** A script as a server takes it. */
interface LoadedScript {
  readonly text: string;
  readonly sha: string;
}

/** What stands for a wake whose position nobody knows: readers take it for a gap and look. */
const BLIND_WAKE = "?";

/**
 * A runner that remembers what it learns of its server: values only, so that requests may share it.
 *
 * While the dialect is unknown the script is sent whole with the key-locking header: where that is right, the first
 * call costs one request whether the server has the script or not; where it is refused, one more.
 */
export function scriptRunner(options: ScriptRunnerOptions): ScriptRunner {
  const { clock } = options;
  const plain = new Map<RedisScript, LoadedScript>();
  const locking = new Map<RedisScript, LoadedScript>();
  let dialect: Dialect | undefined;
  let mayPublish = true;

  const loaded = async (script: RedisScript, used: Dialect): Promise<LoadedScript> => {
    const known = used === "plain" ? plain : locking;
    const kept = known.get(script);
    if (kept !== undefined) return kept;
    const text = scriptText(script, used);
    const made = { text, sha: await sha1(text) };
    known.set(script, made);
    return made;
  };

  const send = async (command: RedisCommand, channel: string | undefined, signal: AbortSignal) => {
    const sentMs = clock.monotonic();
    if (channel === undefined || mayPublish) {
      return { reply: await options.send(command, signal), sentMs };
    }
    const publish: RedisCommand = ["PUBLISH", channel, BLIND_WAKE];
    const [result] = await options.sendAll([command, publish], signal);
    if (result?.kind !== "reply") throw result?.error ?? malformed("a result is missing");
    return { reply: result.reply, sentMs };
  };

  const evaluate = async (script: RedisScript, input: ScriptInput, signal: AbortSignal) => {
    const { keys, args, channel } = input;
    const rest = [keys.length, ...keys, ...args, ...channel === undefined ? [] : [channel]];
    let isWhole = dialect === undefined;
    for (;;) {
      const used = dialect ?? "key-locking";
      const { text, sha } = await loaded(script, used);
      try {
        const answer = await send(
          isWhole ? ["EVAL", text, ...rest] : ["EVALSHA", sha, ...rest],
          channel,
          signal,
        );
        dialect ??= used;
        return answer;
      } catch (error) {
        // Both refusals come before the script has begun; each is met once at most, so the loop ends.
        const remedy = error instanceof RequestError ? error.remedy : undefined;
        if (remedy === "send-script" && !isWhole) isWhole = true;
        else if (remedy === "drop-flag" && used === "key-locking") {
          dialect = "plain";
          isWhole = false;
        } else throw error;
      }
    }
  };

  return async (script, input, signal) => {
    const { reply, sentMs } = await evaluate(script, input, signal);
    const receivedMs = clock.monotonic();
    if (!script.tellsTime && !script.wakes) return reply;
    if (!Array.isArray(reply)) throw malformed("a script's answer is no list");
    const answer: RedisReply[] = [...reply];
    if (script.wakes && answer.pop() === "0" && mayPublish) {
      mayPublish = false;
      // The first time it is refused the hint is late by one request; from then on it goes along. The write is done
      // whatever becomes of its hint.
      if (input.channel !== undefined) {
        await options.send(["PUBLISH", input.channel, BLIND_WAKE], signal).catch(() => {});
      }
    }
    if (script.tellsTime) {
      const serverMs = Number(answer.pop());
      if (!(serverMs > 0)) throw malformed("a script's answer tells no time");
      options.serverClock.observe({ serverMs, precisionMs: 1, sentMs, receivedMs });
    }
    return answer;
  };
}
