/**
 * The one place that touches `@upstash/redis`: its `Redis` class on a `Requester` of ours or of the user's.
 *
 * With a Requester the class retries nothing, batches nothing, reads no environment and reports nothing; with
 * `automaticDeserialization` off it leaves `"123"` a text. What it lacks is here: deadlines, one retry policy, scripts,
 * errors by code, and checks of what the server answers.
 *
 * @module
 */

import { Redis, type Requester as UpstashRequester } from "npm:@upstash/redis@^1.39.0";
import type { Clock } from "../../src/clock.ts";
import { invariant } from "../../src/errors.ts";
import type { Random } from "../../src/random.ts";
import { withDeadline } from "../../src/waiting.ts";
import { failureOf, malformed, refusal, unanswered } from "./failures.ts";
import { checkKey } from "./keys.ts";
import {
  field,
  type RedisCommand,
  type RedisReply,
  type RedisResult,
  replyOf,
  resultsOf,
} from "./reply.ts";
import type { RedisRequest, Requester } from "./requester.ts";
import { type Effect, retry } from "./retry.ts";
import { scriptRunner } from "./script_runner.ts";
import { type RedisScript, takesKeys } from "./scripts.ts";
import type { ServerClock, ServerTime } from "./server_clock.ts";

/** Options of every call. */
export interface CallOptions {
  /** Ends the waiting when aborted; a write may still happen. */
  readonly signal?: AbortSignal | undefined;
  /** How long all attempts may take together, in milliseconds. Default: the connection's `deadline`. */
  readonly deadlineMs?: number | undefined;
}

/** Options of {@linkcode RedisClient.command} and {@linkcode RedisClient.pipeline}. */
export interface CommandOptions extends CallOptions {
  /** What the command does to the store, which decides whether it may be sent again. */
  readonly effect: Effect;
}

/** Options of {@linkcode RedisClient.run}. */
export interface RunOptions extends CallOptions {
  /** The keys that the script declares, all with the same hash tag. */
  readonly keys: readonly string[];
  /** Its arguments. */
  readonly args: readonly string[];
  /** The channel of its wake-up hint, as the port of wakes names it; for a script that `wakes`, and no other. */
  readonly channel?: string | undefined;
}

/** Options of {@linkcode RedisClient.stream}. */
export interface StreamOptions {
  /** Ends the stream when aborted. */
  readonly signal: AbortSignal;
  /** Called with each line of data, and with `""` for any other sign of life. */
  readonly onData: (data: string) => void;
  /** Reads the stream where the requester has a `Response`: `readEventStream`. */
  readonly read: (response: Response, onData: (data: string) => void) => Promise<unknown>;
}

/** What was sent so far; for budgets and bills. */
export interface RedisCounters {
  /** HTTP requests, each attempt and each stream counted. */
  readonly requests: number;
  /** Commands in them. What scripts call inside is not seen here. */
  readonly commands: number;
}

/** Speaks to one Redis. Holds no connection, timer or promise between calls. */
export interface RedisClient {
  /**
   * Carries out one command.
   *
   * @throws {HoldfastError} `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_UNAVAILABLE`, `ERR_TIMEOUT`, `ERR_TOO_LARGE`,
   * `ERR_WRONG_TYPE`, `ERR_SCRIPT_FAILED` (refused for another reason); `ERR_OUTCOME_UNKNOWN` for a write whose answer
   * was lost.
   */
  command(command: RedisCommand, options: CommandOptions): Promise<RedisReply>;
  /**
   * Carries out commands in their order, in one request, not as one atom. The `effect` is that of all together.
   *
   * @throws {HoldfastError} As {@linkcode RedisClient.command}, if the request as a whole fails.
   */
  pipeline(
    commands: readonly RedisCommand[],
    options: CommandOptions,
  ): Promise<readonly RedisResult[]>;
  /**
   * Runs a script as one atom. The answer comes without the parts that the client itself asked for (time, wake).
   *
   * @throws {HoldfastError} As {@linkcode RedisClient.command}.
   */
  run(script: RedisScript, options: RunOptions): Promise<RedisReply>;
  /**
   * Reads an event stream until the server ends it.
   *
   * @throws {HoldfastError} As {@linkcode RedisClient.command}, if it cannot be opened or breaks; nothing is tried again.
   */
  stream(path: readonly string[], options: StreamOptions): Promise<void>;
  /** An estimate of the server's time of day; `undefined` before the first answer that told it. */
  serverTime(): ServerTime | undefined;
  /** How long all attempts of a call may take together that does not say so itself, in milliseconds. */
  readonly deadlineMs: number;
  /** What was sent so far. */
  readonly counters: RedisCounters;
}

/** What {@linkcode redisClient} is made of, checked before. */
export interface RedisClientOptions {
  /** Sends one request. */
  readonly requester: Requester;
  /** The prefix of all channels. */
  readonly namespace: string;
  /** How long all attempts of a call may take together, in milliseconds. */
  readonly deadlineMs: number;
  /** How long one attempt may take, in milliseconds. */
  readonly attemptMs: number;
  /** Where it reads the time. */
  readonly clock: Clock;
  /** Where it rolls the dice for its waits. */
  readonly random: Random;
  /** Where it puts what it learns of the server's time. */
  readonly serverClock: ServerClock;
}

/** The SDK's class with texts left as they are, and a signal for each call. */
class PlainRedis extends Redis {
  send(command: RedisCommand, signal: AbortSignal): Promise<unknown> {
    // The class reads these as it makes the command, before anything waits: so no two calls share them.
    this.opts = { automaticDeserialization: false, streamOptions: { signal } };
    const [name, ...args] = command;
    return this.exec([name, ...args]);
  }

  sendAll(commands: readonly RedisCommand[], signal: AbortSignal): Promise<unknown> {
    return this.client.request({ path: ["pipeline"], body: commands, signal });
  }

  stream(path: readonly string[], { signal, onData, read }: StreamOptions): Promise<unknown> {
    const request: RedisRequest = {
      path: [...path],
      isStreaming: true,
      onMessage: onData,
      readStream: (response) => read(response, onData),
      signal,
    };
    return this.client.request(request);
  }
}

/** A client over a requester. */
export function redisClient(options: RedisClientOptions): RedisClient {
  const { clock, serverClock, namespace } = options;
  const counters = { requests: 0, commands: 0 };
  const redis = new PlainRedis(watched(options.requester, counters));
  const send = async (command: RedisCommand, signal: AbortSignal) =>
    replyOf(await redis.send(command, signal));
  const sendAll = async (commands: readonly RedisCommand[], signal: AbortSignal) =>
    resultsOf(await redis.sendAll(commands, signal), commands.length);
  const runner = scriptRunner({ send, sendAll, clock, serverClock });
  const tried = <T>(attempt: (signal: AbortSignal) => Promise<T>, call: CommandOptions) =>
    retry(attempt, { ...call, deadlineMs: call.deadlineMs ?? options.deadlineMs }, options);
  return {
    async command(command, call) {
      if (command.length > 1) checkKey(String(command[1]));
      return await tried((signal) => send(command, signal), call);
    },
    async pipeline(commands, call) {
      if (commands.length === 0) return [];
      return await tried((signal) => sendAll(commands, signal), call);
    },
    async run(script, { keys, args, channel, ...call }) {
      keys.forEach(checkKey);
      invariant(takesKeys(script, keys.length), "a script gets the keys that it declares");
      invariant(
        (channel === undefined) === (script.wakes === undefined),
        "what wakes has a channel",
      );
      const told = channel && script.wakes?.channelOf(namespace, channel);
      return await tried((signal) => runner(script, { keys, args, channel: told }, signal), {
        effect: script.effect,
        ...call,
      });
    },
    async stream(path, call) {
      try {
        // Ends when it is aborted, even where a Requester does not listen to its signal.
        const late = () => unanswered(Infinity);
        await withDeadline(clock, Infinity, redis.stream(path, call), late, call);
      } catch (error) {
        // Anything a Requester throws; the caller's own abort passes as it is.
        call.signal.throwIfAborted();
        throw failureOf(error);
      }
    },
    serverTime: () => serverClock.read(),
    deadlineMs: options.deadlineMs,
    counters,
  };
}

/** A requester that counts what it sends, and throws the errors that it finds in answers. */
function watched(
  requester: Requester,
  counters: { requests: number; commands: number },
): UpstashRequester {
  const request = async (req: RedisRequest): Promise<unknown> => {
    const isPipeline = req.path?.[0] === "pipeline" && Array.isArray(req.body);
    counters.requests++;
    counters.commands += isPipeline && Array.isArray(req.body) ? req.body.length : 1;
    const answer: unknown = await requester.request(req);
    if (isPipeline && Array.isArray(answer)) return answer;
    const error = field(answer, "error");
    if (typeof error === "string") throw refusal(error);
    if (field(answer, "result") === undefined) throw malformed("its answer has no result");
    return answer;
  };
  // The edge where an answer becomes the type that the SDK's caller names.
  return { request: request as UpstashRequester["request"] };
}
