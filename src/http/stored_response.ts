/**
 * A response as it is kept, and back.
 *
 * @module
 */

import { joined } from "../bytes.ts";
import { ageMs, isUnchanged, lastingHeaders, type StoredResponse } from "./caching.ts";

/**
 * The kept form of a response, its body read whole; or, if the body is longer than `bodyBytesMax`, a response with the
 * same body that is still to be read. One that says its length is not begun in vain.
 */
export async function toStored(
  response: Response,
  bodyBytesMax: number,
  nowMs: number,
): Promise<StoredResponse | Response> {
  if (Number(response.headers.get("content-length")) > bodyBytesMax) return response;
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
  return {
    status: response.status,
    headers: lastingHeaders(response.headers),
    body: joined(chunks, sizeBytes),
    createdAtMs: nowMs - ageMs(response.headers),
  };
}

/** The response that a kept one stands for, for this request: 304 if the client has the same. */
export function toResponse(stored: StoredResponse, request: Request): Response {
  const { status } = stored;
  const headers = new Headers(stored.headers.map(([name, value]) => [name, value]));
  // What is not there, or is somewhere else, says so again, whatever the client has (RFC 9110 §13.2.1).
  if (status < 300 && isUnchanged(request, headers.get("etag"))) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(status === 204 ? null : stored.body.slice(), { status, headers });
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
