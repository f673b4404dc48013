/**
 * The options of a handler, and what is refused of them when it is made.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { ArgumentError, checkOptions, shown } from "../errors.ts";
import type { CorsOptions } from "./origin.ts";
import type { AccessRequest, Subject, Upgrade } from "./part.ts";
import type { RateOptions } from "./rate.ts";

/** Options of {@linkcode createHandler}. */
export interface HandlerOptions<S extends Subject = Subject> {
  /**
   * Who sends a request, by its credentials; `undefined` if nobody knows. Asked once for each request on a route. With
   * it and without `authorize`, whoever is known may do everything that is served.
   */
  readonly authenticate?: (request: Request) => S | undefined | Promise<S | undefined>;
  /**
   * Whether somebody may do something. Asked before anything is looked up, so that a refusal tells nothing of what is
   * there: 401 for who is not known, 403 for who is. With neither function, everybody may do everything that is served.
   */
  readonly authorize?: (access: AccessRequest<S>) => boolean | Promise<boolean>;
  /** Which other origins may use the handler from a browser: none by default, and none of them may write. */
  readonly cors?: CorsOptions;
  /** Bounds of what one client may ask for. */
  readonly limits?: LimitOptions<S>;
  /** What stands before the path of every route, such as `/api`; nothing by default. */
  readonly basePath?: string;
  /** Makes a request a WebSocket, where the host has such a call: `Deno.upgradeWebSocket` fits. */
  readonly upgrade?: Upgrade;
  /** Hears of everything that a part threw and that became an answer with problem details. */
  readonly onError?: (error: unknown, request: Request) => void;
  /** Where the time is read and timers are set; the host's clock by default. */
  readonly clock?: Clock;
}

/** Bounds of what one client may ask for. */
export interface LimitOptions<S extends Subject = Subject> {
  /** The most bytes of a body; 1 MiB by default. */
  readonly bodyBytesMax?: number;
  /** How often each subject may ask for what a route serves; as often as it likes by default. */
  readonly rate?: RateOptions;
  /**
   * Who a request is counted for; the subject's id by default. All whom nobody knows are one, so give this where they
   * can be told apart, by an address that the host vouches for.
   */
  readonly countedFor?: (request: Request, subject: S | undefined) => string;
  /** The most streams of events that are open at a time in this process; 1,000 by default. */
  readonly streamsMax?: number;
}

const OPTIONS = "authenticate authorize cors limits basePath upgrade onError clock".split(" ");
const FUNCTIONS = ["authenticate", "authorize", "upgrade", "onError"] as const;

/** Refuses options that cannot work. */
export function checkHandlerOptions<S extends Subject>(options: HandlerOptions<S>): void {
  checkOptions("create a handler", options, OPTIONS);
  for (const name of FUNCTIONS) mustBe(options[name], "function", name);
  const { basePath = "", cors, limits } = options;
  if (typeof basePath !== "string" || !/^(\/[\w.~-]+)*$/.test(basePath)) {
    throw invalid("basePath", 'must be a path such as "/api", with no slash at its end', basePath);
  }
  if (cors !== undefined) checkCors(cors);
  if (limits !== undefined) checkLimits(limits);
}

function checkCors(cors: CorsOptions): void {
  checkOptions("create a handler", cors, ["origins", "credentials", "maxAgeSeconds"]);
  const { origins, credentials, maxAgeSeconds } = cors;
  const isList = Array.isArray(origins) &&
    origins.every((origin) => /^\w+:\/\/[^/]+$/.test(origin));
  if (origins !== "*" && !isList) {
    throw invalid("cors.origins", 'must be "*" or a list of origins without a path', origins);
  }
  if (credentials === true && origins === "*") {
    throw invalid("cors.credentials", 'must not be given to all origins, "*"', credentials);
  }
  mustBe(credentials, "boolean", "cors.credentials");
  wholeNumber(maxAgeSeconds, "cors.maxAgeSeconds");
}

function checkLimits<S extends Subject>(limits: LimitOptions<S>): void {
  checkOptions("create a handler", limits, ["bodyBytesMax", "rate", "countedFor", "streamsMax"]);
  mustBe(limits.countedFor, "function", "limits.countedFor");
  wholeNumber(limits.bodyBytesMax, "limits.bodyBytesMax");
  wholeNumber(limits.streamsMax, "limits.streamsMax");
  if (limits.rate === undefined) return;
  checkOptions("create a handler", limits.rate, ["perSecond", "burst"]);
  const { perSecond, burst } = limits.rate;
  if (!(perSecond > 0 && perSecond < Infinity)) {
    throw invalid("limits.rate.perSecond", "must be a number above 0", perSecond);
  }
  if (!(Number.isSafeInteger(burst) && burst >= 1)) {
    throw invalid("limits.rate.burst", "must be a whole number of at least 1", burst);
  }
}

function mustBe(value: unknown, type: "function" | "boolean", option: string): void {
  if (value !== undefined && typeof value !== type) {
    throw invalid(option, `must be a ${type}`, value);
  }
}

function wholeNumber(value: number | undefined, option: string): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= 0)) return;
  throw invalid(option, "must be a whole number of at least 0", value);
}

function invalid(option: string, rule: string, value: unknown): ArgumentError {
  return new ArgumentError(
    "ERR_INVALID_OPTION",
    `Cannot create a handler as ${option} ${rule}: current value is ${shown(value)}`,
  );
}
