/**
 * The gate in front of every route: who asks, how often, and whether they may; then the route gets its call.
 *
 * What is refused here is refused before anything is looked up, so that an answer is the same for what exists and for
 * what does not.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { readBody, readJson } from "./body.ts";
import type { HandlerOptions } from "./options.ts";
import type { Access, Call, RequestContext, Route, Subject } from "./part.ts";
import { problemOf } from "./problem.ts";
import { Buckets } from "./rate.ts";
import { noRight, Refusal } from "./refusal.ts";

/** A route, and the request that means it. */
export interface Arrival {
  /** The request. */
  readonly request: Request;
  /** What the host gave with it. */
  readonly context: RequestContext;
  /** The name of the route's part. */
  readonly part: string;
  /** The route. */
  readonly route: Route;
  /** The path's named segments. */
  readonly params: Readonly<Record<string, string>>;
}

/** The most bytes of a body, unless said otherwise. */
export const BODY_BYTES_MAX = 1_048_576;

/** The most streams that are open at a time, unless said otherwise. */
export const STREAMS_MAX = 1_000;

/** What a handler asks of every request on a route. */
export class Gate<S extends Subject> {
  readonly #options: HandlerOptions<S>;
  readonly #clock: Clock;
  readonly #buckets: Buckets | undefined;
  #streams = 0;

  /** Makes a gate; its buckets are full and its places free. */
  constructor(options: HandlerOptions<S>, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    const { rate } = options.limits ?? {};
    this.#buckets = rate && new Buckets(rate);
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams;
  }

  /** What the client gets for what was thrown; the owner hears of it, but of what merely was refused. */
  failed(error: unknown, request: Request): Response {
    if (!(error instanceof Refusal)) this.#options.onError?.(error, request);
    return problemOf(error);
  }

  /** Answers a request on its route, or refuses it. */
  async answer(arrival: Arrival): Promise<Response> {
    const { request, route, params } = arrival;
    const subject = route.access && await this.#options.authenticate?.(request);
    this.#limit(request, subject);
    if (route.access !== undefined) {
      const access = { id: params.id, ...route.access };
      if (!await this.#allows(arrival, subject, access)) throw noRight(subject);
    }
    return await route.answer(this.#call(arrival, subject));
  }

  #limit(request: Request, subject: S | undefined): void {
    if (this.#buckets === undefined) return;
    const counted = this.#options.limits?.countedFor?.(request, subject) ?? subject?.id ?? "";
    const waitMs = this.#buckets.take(counted, this.#clock.monotonic());
    if (waitMs === 0) return;
    const headers = { "retry-after": String(Math.ceil(waitMs / 1_000)) };
    throw new Refusal(429, { code: "ERR_RATE_LIMITED", headers });
  }

  async #allows(
    { request, part }: Arrival,
    subject: S | undefined,
    access: Access,
  ): Promise<boolean> {
    const { authenticate, authorize } = this.#options;
    if (authorize === undefined) return authenticate === undefined || subject !== undefined;
    return await authorize({ ...access, part, subject, request });
  }

  #call(arrival: Arrival, subject: S | undefined): Call {
    const { request, context, params, route } = arrival;
    const { basePath = "", limits: { bodyBytesMax = BODY_BYTES_MAX } = {} } = this.#options;
    return {
      request,
      context,
      params,
      query: new URL(request.url).searchParams,
      basePath,
      subject,
      clock: this.#clock,
      allows: (access) => this.#allows(arrival, subject, access),
      json: () => readJson(request, bodyBytesMax, route.about.bodyTypes),
      bytes: () => readBody(request, bodyBytesMax),
      upgrade: () => this.#upgrade(request),
      takeStream: () => this.#takeStream(),
      report: (error) => this.#options.onError?.(error, request),
    };
  }

  #upgrade(request: Request) {
    const isAsked = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    const upgrade = this.#options.upgrade;
    if (isAsked && upgrade !== undefined) return upgrade(request);
    throw new Refusal(426, { headers: { upgrade: "websocket", connection: "upgrade" } });
  }

  #takeStream(): () => void {
    const { streamsMax = STREAMS_MAX } = this.#options.limits ?? {};
    if (this.#streams >= streamsMax) throw new Refusal(503, { code: "ERR_LIMIT" });
    this.#streams++;
    let isTaken = true;
    return () => {
      if (isTaken) this.#streams--;
      isTaken = false;
    };
  }
}
