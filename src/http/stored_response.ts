/**
 * A response as it is kept, and back.
 *
 * @module
 */

import { isUnchanged, lastingHeaders, type StoredResponse } from "./caching.ts";

/**
 * The kept form of a response, its body read whole; or, if the body is longer than `bodyBytesMax`, a response with the
 * same body that is still to be read.
 */
export async function toStored(
  response: Response,
  bodyBytesMax: number,
  createdAtMs: number,
): Promise<StoredResponse | Response> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = response.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    sizeBytes += value.length;
    if (sizeBytes > bodyBytesMax) return new Response(resumed(chunks, reader), response);
  }
  const headers = lastingHeaders(response.headers);
  return { status: response.status, headers, body: joined(chunks, sizeBytes), createdAtMs };
}

/** The response that a kept one stands for, for this request: 304 if the client has the same. */
export function toResponse(stored: StoredResponse, request: Request): Response {
  const headers = new Headers(stored.headers.map(([name, value]) => [name, value]));
  if (isUnchanged(request, headers.get("etag"))) {
    return new Response(null, { status: 304, headers });
  }
  const hasBody = stored.status !== 204 && stored.status !== 304;
  return new Response(hasBody ? stored.body.slice() : null, { status: stored.status, headers });
}

function joined(chunks: readonly Uint8Array[], sizeBytes: number): Uint8Array {
  const whole = new Uint8Array(sizeBytes);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

/** What was read already, then the rest as it comes. */
function resumed(
  chunks: readonly Uint8Array[],
  reader: ReadableStreamDefaultReader<Uint8Array>,
): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const chunk = chunks[at++];
      if (chunk !== undefined) return controller.enqueue(chunk);
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
