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
import type {
  Access,
  Call,
  Params,
  RequestContext,
  Route,
  SocketUpgrade,
  Subject,
  Upgrade,
} from "./part.ts";
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
  readonly params: Params;
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

  /** What it was made with. */
  get options(): HandlerOptions<S> {
    return this.#options;
  }

  /** The handler's clock. */
  get clock(): Clock {
    return this.#clock;
  }

  /** How many streams are open. */
  get streams(): number {
    return this.#streams;
  }

  /** What the client gets for what was thrown; the owner hears of it, but of what merely was refused. */
  failed(error: unknown, request: Request): Response {
    // Hosts such as Deno make a URL of whatever the header Host says, and parts trip over it.
    const met = URL.canParse(request.url) ? error : new Refusal(400, UNFIT);
    if (!(met instanceof Refusal)) this.#options.onError?.(met, request);
    return problemOf(met);
  }

  /** Answers a request on its route, or refuses it. */
  async answer(arrival: Arrival): Promise<Response> {
    const { request, route, params } = arrival;
    const subject = route.access && await this.#options.authenticate?.(request);
    this.#limit(request, subject);
    if (route.access !== undefined) {
      const asked = typeof route.access === "function" ? route.access(params) : route.access;
      const access = { id: params.id, ...asked };
      if (!await this.allows(arrival, subject, access)) throw noRight(subject);
    }
    return await route.answer(new RouteCall(this, arrival, subject));
  }

  #limit(request: Request, subject: S | undefined): void {
    if (this.#buckets === undefined) return;
    const counted = this.#options.limits?.countedFor?.(request, subject) ?? subject?.id ?? "";
    const waitMs = this.#buckets.take(counted, this.#clock.monotonic());
    if (waitMs === 0) return;
    const headers = { "retry-after": String(Math.ceil(waitMs / 1_000)) };
    throw new Refusal(429, { code: "ERR_RATE_LIMITED", headers });
  }

  /** Whether a subject may do something more than its route says. */
  async allows(
    { request, part }: Arrival,
    subject: S | undefined,
    access: Access,
  ): Promise<boolean> {
    const { authenticate, authorize } = this.#options;
    if (authorize === undefined) return authenticate === undefined || subject !== undefined;
    return await authorize({ ...access, part, subject, request });
  }

  /** Makes a request a socket; where the host answers by itself, the answer is one that nobody gets. */
  upgrade(request: Request, options: { readonly protocol?: string } = {}): Required<SocketUpgrade> {
    const isAsked = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    const { upgrade } = this.#options;
    if (isAsked && upgrade !== undefined) {
      const { socket, response = new Response(null, { status: 204 }) } = upgrade(request, options);
      return { socket, response };
    }
    throw new Refusal(426, { headers: { upgrade: "websocket", connection: "upgrade" } });
  }

  /** Takes one of the places for streams. */
  takeStream(): () => void {
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

/** What a host such as Deno finds amiss with a handshake, it throws as a TypeError: that is its client's affair. */
export function handshaking(upgrade: Upgrade): Upgrade {
  return (request, options) => {
    try {
      return upgrade(request, options);
    } catch (error) {
      if (error instanceof TypeError) throw new Refusal(400, UNFIT);
      throw error;
    }
  };
}

const UNFIT = { code: "ERR_MALFORMED", detail: "The headers must fit what is asked for" } as const;

/** A call as a route gets it. What a route does not ask for is not made: most ask for little. */
class RouteCall<S extends Subject> implements Call {
  readonly subject: S | undefined;
  readonly #gate: Gate<S>;
  readonly #arrival: Arrival;

  constructor(gate: Gate<S>, arrival: Arrival, subject: S | undefined) {
    this.subject = subject;
    this.#gate = gate;
    this.#arrival = arrival;
  }

  get request(): Request {
    return this.#arrival.request;
  }

  get context(): RequestContext {
    return this.#arrival.context;
  }

  get params(): Params {
    return this.#arrival.params;
  }

  get query(): URLSearchParams {
    return new URL(this.request.url).searchParams;
  }

  get basePath(): string {
    return this.#gate.options.basePath ?? "";
  }

  get clock(): Clock {
    return this.#gate.clock;
  }

  get allows(): Call["allows"] {
    return (access) => this.#gate.allows(this.#arrival, this.subject, access);
  }

  get json(): Call["json"] {
    const { bodyTypes } = this.#arrival.route.about;
    return () => readJson(this.request, this.#bodyBytesMax, bodyTypes);
  }

  get bytes(): Call["bytes"] {
    return () => readBody(this.request, this.#bodyBytesMax);
  }

  get upgrade(): Call["upgrade"] {
    return (options) => this.#gate.upgrade(this.request, options);
  }

  get takeStream(): Call["takeStream"] {
    return () => this.#gate.takeStream();
  }

  get report(): Call["report"] {
    return (error) => this.#gate.options.onError?.(error, this.request);
  }

  get #bodyBytesMax(): number {
    return this.#gate.options.limits?.bodyBytesMax ?? BODY_BYTES_MAX;
  }
}
