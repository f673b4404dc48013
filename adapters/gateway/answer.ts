/**
 * Replies and refusals as HTTP responses.
 *
 * @module
 */

import type { Refusal } from "./refusal.ts";
import { isError, type Reply, toJson, toResp2 } from "./reply.ts";
import type { ReplyForm } from "./request_head.ts";

/** The answer to one command: 400 if Redis answered with an error. */
export function answerCommand(reply: Reply, form: ReplyForm, syncToken: string): Response {
  const status = isError(reply) ? 400 : 200;
  if (form === "resp2") return resp2Response([reply], status, syncToken);
  return jsonResponse(toJson(reply, form === "base64"), status, syncToken);
}

/** The answer to a pipeline, or to a transaction that was executed: always 200, errors in their places. */
export function answerCommands(
  replies: readonly Reply[],
  form: ReplyForm,
  syncToken: string,
): Response {
  if (form === "resp2") return resp2Response(replies, 200, syncToken);
  let json = "[";
  for (const reply of replies) {
    if (json.length > 1) json += ",";
    json += toJson(reply, form === "base64");
  }
  return jsonResponse(`${json}]`, 200, syncToken);
}

/** What the gateway answers by itself. */
export function answerRefusal(refusal: Refusal): Response {
  return jsonResponse(JSON.stringify({ error: refusal.message }), refusal.status, "");
}

/** An event stream. */
export function answerStream(body: ReadableStream<Uint8Array<ArrayBuffer>>): Response {
  return new Response(body, {
    headers: { "content-type": "text/event-stream", "cache-control": "no-store" },
  });
}

/** Plain text: health and metrics. */
export function answerText(text: string, status = 200): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; version=0.0.4" } });
}

function jsonResponse(json: string, status: number, syncToken: string): Response {
  return new Response(json, { status, headers: headersOf("application/json", syncToken) });
}

function resp2Response(replies: readonly Reply[], status: number, syncToken: string): Response {
  return new Response(toResp2(replies), {
    status,
    headers: headersOf("application/octet-stream", syncToken),
  });
}

function headersOf(contentType: string, syncToken: string): Record<string, string> {
  return syncToken === ""
    ? { "content-type": contentType }
    : { "content-type": contentType, "upstash-sync-token": syncToken };
}
