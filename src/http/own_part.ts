/**
 * The handler's own routes: whether it lives, whether it can serve, what it counted, and what its API is.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import { HoldfastError } from "../errors.ts";
import { withDeadline } from "../waiting.ts";
import { metricsText, type RequestCounts } from "./metrics.ts";
import { openApi } from "./openapi.ts";
import type { Call, Part, Route } from "./part.ts";
import { problem } from "./problem.ts";

/** What the handler's own routes tell of. */
export interface OwnOptions {
  /** The parts that the user gave. */
  readonly parts: readonly Part[];
  /** What was answered. */
  readonly counts: RequestCounts;
  /** How many streams are open. */
  readonly gate: { readonly streams: number };
  /** Where the time is read. */
  readonly clock: Clock;
  /** What stands before every path. */
  readonly basePath: string;
}

/** How long a part has to say that it can reach its store, in milliseconds. */
export const CHECK_MS_MAX = 2_000;

/** The part of the handler's own routes. */
export function ownPart(options: OwnOptions): Part {
  const { parts, counts, gate, basePath } = options;
  const part: Part = {
    name: "handler",
    routes: [
      route("/livez", "Whether the process answers", undefined, () => text("ok\n")),
      route(
        "/readyz",
        "Whether every part can reach its store",
        "readyz",
        (call) => ready(options, call),
      ),
      route(
        "/metrics",
        "What was counted since the process began",
        "metrics",
        () =>
          text(
            metricsText(parts, counts, gate.streams),
            "text/plain; version=0.0.4; charset=utf-8",
          ),
      ),
      route(
        "/openapi.json",
        "This description",
        "openapi.json",
        () => Response.json(openApi([...parts, part], basePath)),
      ),
    ],
  };
  return part;
}

function route(
  path: string,
  summary: string,
  resource: string | undefined,
  answer: Route["answer"],
): Route {
  return {
    method: "GET",
    path,
    access: resource === undefined ? undefined : { resource, action: "read" },
    about: {
      summary,
      answers: { 200: ["As asked", {}] },
      ...(!path.endsWith(".json") && { answerType: "text/plain" }),
    },
    answer,
  };
}

async function ready({ parts, clock }: OwnOptions, { request, report }: Call): Promise<Response> {
  const late = () => new HoldfastError("ERR_TIMEOUT", "Cannot tell whether a store can be reached");
  const results = await Promise.allSettled(parts.map(({ check }) =>
    check &&
    withDeadline(clock, CHECK_MS_MAX, (signal) => settled(check({ signal })), late, request)
  ));
  const failures = results.filter((result) => result.status === "rejected");
  for (const { reason } of failures) report(reason);
  return failures.length === 0 ? text("ok\n") : problem(503, { code: "ERR_UNAVAILABLE" });
}

async function settled(work: Promise<unknown>): Promise<void> {
  await work;
}

function text(body: string, type = "text/plain; charset=utf-8"): Response {
  return new Response(body, { headers: { "content-type": type, "cache-control": "no-store" } });
}
