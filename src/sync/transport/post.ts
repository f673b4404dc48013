/**
 * The POST: requests of a client whose events come by another road, each answered in the body. Needs no connection, so it
 * may reach any process.
 *
 * @module
 */

import { answerText, failure, unreadableText } from "../answers.ts";
import type { Bucket } from "../bucket.ts";
import { type ClientMessage, CONTROL, splitEvent, VERBS } from "../messages.ts";
import { carriedOut, type RequestContext } from "../requests.ts";
import { isTooLarge, parseBatch, type ParsedMessage } from "../wire.ts";
import { refusal } from "./refusal.ts";

/** What the requests are carried out with. */
export interface PostOptions {
  /** Who asks, and what the owner said. */
  readonly context: RequestContext;
  /** How much may be done. */
  readonly bucket: Bucket;
  /** The present time. */
  readonly nowMs: () => number;
}

/** The most bytes of a body. */
export const BODY_BYTES_MAX: number = 1024 * 1024;

/** Carries out the requests of a body, one after the other. */
export async function answeredPost(request: Request, options: PostOptions): Promise<Response> {
  const body = await bodyText(request);
  if (body === undefined) return refusal(413, "ERR_TOO_LARGE");
  const messages = parseBatch(body);
  if (messages === undefined) return refusal(400, "ERR_MALFORMED");
  const answers: string[] = [];
  for (const parsed of messages) {
    const answer = await answered(parsed, options);
    if (answer !== undefined) answers.push(answer);
  }
  const isUnreadable = messages.every(({ kind }) => kind === "unreadable");
  return new Response(`[${answers.join(",")}]`, {
    status: isUnreadable ? 400 : 200,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}

async function answered(
  parsed: ParsedMessage,
  { context, bucket, nowMs }: PostOptions,
): Promise<string | undefined> {
  if (parsed.kind === "unreadable") {
    const error = "Cannot read a message as it must be an object with an event";
    return unreadableText(parsed.id, "ERR_MALFORMED", error);
  }
  const { message } = parsed;
  const waitMs = bucket.take(nowMs());
  if (waitMs > 0) {
    const details = { retryAfterMs: waitMs };
    const error = "Cannot serve so many requests at once";
    return answerText(message, failure("ERR_RATE_LIMITED", error, details));
  }
  return await routed(message, context);
}

async function routed(
  message: ClientMessage,
  context: RequestContext,
): Promise<string | undefined> {
  const [model = "", verb = ""] = splitEvent(message.event) ?? [];
  if (model === CONTROL) {
    return answerText(
      message,
      verb === "ping"
        ? { body: { data: {} } }
        : failure("ERR_INVALID_ARGUMENT", "Cannot serve a control message without a connection"),
    );
  }
  if (!context.settings.models.has(model)) {
    const error = `Unable to locate model handler for: ${model}`;
    return answerText(message, failure("ERR_NOT_FOUND", error));
  }
  if (!VERBS.some((known) => known === verb)) {
    const error = `Cannot serve the verb as it must be ${VERBS.join(", ")}`;
    return answerText(message, failure("ERR_INVALID_ARGUMENT", error));
  }
  if (isTooLarge(JSON.stringify(message.data) ?? "")) {
    return answerText(
      message,
      failure("ERR_TOO_LARGE", "Cannot read a message as it is too large"),
    );
  }
  return answerText(message, await carriedOut(context, model, verb, message));
}

/** The body as text; `undefined` if it is larger than {@linkcode BODY_BYTES_MAX}, of which no more is read. */
export async function bodyText(request: Request): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  try {
    for await (const chunk of request.body ?? []) {
      size += chunk.length;
      if (size > BODY_BYTES_MAX) return undefined;
      text += decoder.decode(chunk, { stream: true });
    }
  } catch {
    // It broke off, and a part of a body is none.
    return "";
  }
  return text + decoder.decode();
}
