/**
 * The gateway: Upstash's REST protocol in front of a Redis of one's own.
 *
 * One request goes through four steps, and the first that fails answers it: head (method, token, form), body (size,
 * syntax), commands (which are refused), Redis. Nothing is sent twice: a connection that is lost with commands in
 * flight answers 503, outcome unknown.
 *
 * Protocol: https://upstash.com/docs/redis/features/restapi
 *
 * @module
 */

import { systemClock } from "../../src/clock.ts";
import { HoldfastError } from "../../src/errors.ts";
import { withDeadline } from "../../src/waiting.ts";
import { answerRefusal, answerStream, answerText } from "./answer.ts";
import { readBytes, readText } from "./body.ts";
import { clusterLink } from "./cluster_link.ts";
import { commandOfPath, parseCommand, parseCommands, pathSegments, textOf } from "./command.ts";
import { type GatewayCounters, toMetrics } from "./counters.ts";
import { type EventStreams, eventStreams } from "./event_stream.ts";
import type { Link } from "./link.ts";
import { type CheckedOptions, checkedOptions, type GatewayOptions } from "./options.ts";
import { malformed, permissionRefused, Refusal, sizeRefused, stopping } from "./refusal.ts";
import { readHead, type RequestHead, targetOf, type Tokens } from "./request_head.ts";
import { type Runner, runner } from "./runner.ts";
import { serverLink } from "./server_link.ts";
import { strictLink } from "./strict_link.ts";
import { type Subscriptions, subscriptions, type Topic } from "./subscriptions.ts";

/** A REST front for a Redis. */
export interface Gateway extends AsyncDisposable {
  /**
   * Connects to Redis; further calls wait for the same. The first request does so, too.
   *
   * @throws {HoldfastError} `ERR_UNAVAILABLE` if Redis cannot be reached in time.
   */
  ready(): Promise<void>;
  /** Answers a request. Never rejects. */
  fetch(request: Request): Promise<Response>;
  /** What has been counted so far. */
  counters(): GatewayCounters;
  /**
   * Takes no more requests, ends event streams, waits for requests in flight, then ends all connections. Requests that
   * take longer than `stopMs` are answered 503, outcome unknown.
   */
  close(): Promise<void>;
}

/**
 * Makes a gateway. Nothing is sent before the first request, or {@linkcode Gateway.ready}.
 *
 * @throws {ArgumentError} `ERR_INVALID_OPTION` if an option is unknown or of the wrong kind.
 * @throws {LimitError} `ERR_INVALID_OPTION` if a number is out of its range.
 *
 * @example
 * ```ts
 * import { createGateway } from "@holdfast/holdfast/gateway";
 * import { strictEqual } from "node:assert/strict";
 *
 * await using gateway = createGateway({ redis: "redis://127.0.0.1:6379", token: "a-long-secret" });
 * const response = await gateway.fetch(new Request("http://localhost/get/key"));
 * strictEqual(response.status, 401);
 * ```
 */
export function createGateway(options: GatewayOptions): Gateway {
  return new RestGateway(checkedOptions(options));
}

/** The path of health checks. No command begins with a hyphen. Needs no token and tells nothing but yes or no. */
const HEALTH_PATH = "/-/health";
/** The path of the counters. Needs the token. */
const METRICS_PATH = "/-/metrics";

class RestGateway implements Gateway {
  readonly #options: CheckedOptions;
  readonly #tokens: Tokens;
  readonly #link: Link;
  readonly #subscriptions: Subscriptions;
  readonly #streams: EventStreams;
  readonly #counts = { requests: 0, commands: 0, refused: 0, unknown: 0, inFlight: 0 };
  #opening: Promise<Runner> | undefined;
  #runner: Runner | undefined;
  #closed: Promise<void> | undefined;
  #whenIdle: (() => void) | undefined;

  constructor(options: CheckedOptions) {
    this.#options = options;
    this.#tokens = { full: options.token, readOnly: options.readOnlyToken };
    this.#link = linkOf(options);
    this.#subscriptions = subscriptions([options.redis]);
    this.#streams = eventStreams(this.#subscriptions);
  }

  async ready(): Promise<void> {
    try {
      await this.#open();
    } catch (error) {
      throw new HoldfastError(
        "ERR_UNAVAILABLE",
        "Cannot start the gateway as Redis is not reachable",
        {
          cause: error,
        },
      );
    }
  }

  async fetch(request: Request): Promise<Response> {
    const counts = this.#counts;
    counts.requests++;
    counts.inFlight++;
    try {
      return await this.#answer(request);
    } catch (error) {
      // Anything but a refusal is a body that ended early, or a defect; its text could hold data.
      const refusal = error instanceof Refusal ? error : malformed("command");
      if (refusal.isOutcomeUnknown) counts.unknown++;
      else counts.refused++;
      return answerRefusal(refusal);
    } finally {
      counts.inFlight--;
      if (counts.inFlight === 0) this.#whenIdle?.();
    }
  }

  counters(): GatewayCounters {
    return { ...this.#counts, streams: this.#streams.size };
  }

  close(): Promise<void> {
    return this.#closed ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#streams.close();
    if (this.#counts.inFlight > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
      // Who is not answered by then is told that the outcome is unknown, when the connections end.
      await withDeadline(systemClock(), this.#options.stopMs, idle, stopping).catch(() => {});
    }
    this.#subscriptions.close();
    this.#link.close();
  }

  async #open(): Promise<Runner> {
    this.#opening ??= this.#connect();
    try {
      return this.#runner = await this.#opening;
    } catch (error) {
      // The next request tries again.
      this.#opening = undefined;
      throw error;
    }
  }

  async #connect(): Promise<Runner> {
    const { connectMs, isStrict, refuse, replica } = this.#options;
    return runner({
      link: this.#link,
      table: await this.#link.open(connectMs),
      rules: { isStrict, refused: refuse },
      hasReplica: replica !== undefined,
      count: (commands) => this.#counts.commands += commands,
    });
  }

  async #answer(request: Request): Promise<Response> {
    const { path, query } = targetOf(request);
    if (path === HEALTH_PATH) return await this.#answerHealth();
    const head = readHead(request, query, this.#tokens);
    if (this.#closed !== undefined) throw stopping();
    if (path === METRICS_PATH) return answerText(toMetrics(this.counters()));
    const run = this.#runner ?? await this.#open();
    switch (path) {
      case "/":
        return await this.#answerBody(request, head, run);
      case "/pipeline":
      case "/multi-exec":
        return await this.#answerBatch(request, head, run, path);
      default:
        return await this.#answerPath(request, head, run, path, query);
    }
  }

  async #answerBody(request: Request, head: RequestHead, run: Runner): Promise<Response> {
    const command = parseCommand(await readText(request, this.#options.limits.bodyBytesMax));
    return await run.command(command, head);
  }

  async #answerBatch(
    request: Request,
    head: RequestHead,
    run: Runner,
    path: "/pipeline" | "/multi-exec",
  ): Promise<Response> {
    const { bodyBytesMax, pipelineMax } = this.#options.limits;
    const what = path === "/pipeline" ? "pipeline" : "transaction";
    const commands = parseCommands(await readText(request, bodyBytesMax), what);
    if (commands.length > pipelineMax) {
      throw sizeRefused("pipeline", pipelineMax, commands.length, 400);
    }
    return await run[what](commands, head);
  }

  async #answerPath(
    request: Request,
    head: RequestHead,
    run: Runner,
    path: string,
    query: string,
  ): Promise<Response> {
    const topic = topicOf(path);
    if (topic !== undefined) {
      if (topic.kind === "monitor" && head.role === "read-only") throw permissionRefused("monitor");
      return answerStream(await this.#streams.open(topic));
    }
    const body = await readBytes(request, this.#options.limits.bodyBytesMax);
    const command = commandOfPath(path, body, query);
    if (command.length === 0) throw malformed("command");
    return await run.command(command, head);
  }

  async #answerHealth(): Promise<Response> {
    if (this.#closed !== undefined) return answerText("stopping\n", 503);
    try {
      await this.#open();
    } catch {
      // A refusal: Redis cannot be reached.
      return answerText("no redis\n", 503);
    }
    return await this.#link.isAlive() ? answerText("ok\n") : answerText("no redis\n", 503);
  }
}

function linkOf(options: CheckedOptions): Link {
  const { redis: url, replica: replicaUrl, connections } = options;
  const link = options.isCluster
    ? clusterLink({ url })
    : serverLink({ url, replicaUrl, connections });
  return options.isStrict
    ? strictLink(link, { ...options.limits, mayScriptsPublish: options.mayScriptsPublish })
    : link;
}

/** What an event stream's path listens to; undefined if it is no such path. */
function topicOf(path: string): Topic | undefined {
  const match = /^\/(subscribe|psubscribe|monitor)(?=\/|$)/i.exec(path);
  if (match === null) return undefined;
  const kind = match[1]?.toLowerCase();
  if (kind === "monitor") return { kind };
  const [, ...channels] = pathSegments(path).map(textOf);
  if (channels.length === 0) throw malformed("path");
  return { kind: kind === "psubscribe" ? kind : "subscribe", channels };
}
