/**
 * Reading a request's body, up to a limit.
 *
 * @module
 */

import { sizeRefused } from "./refusal.ts";

/**
 * The body as text.
 *
 * @throws {Refusal} 413 if it is larger than the limit.
 */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (request.body === null) return "";
  if (declaredBytes(request, bytesMax) !== undefined) return await request.text();
  return new TextDecoder().decode(await readStream(request.body, bytesMax));
}

/**
 * The body as bytes.
 *
 * @throws {Refusal} 413 if it is larger than the limit.
 */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (request.body === null) return new Uint8Array(0);
  if (declaredBytes(request, bytesMax) !== undefined) {
    return new Uint8Array(await request.arrayBuffer());
  }
  return await readStream(request.body, bytesMax);
}

/** The size that the request declares, which the server holds it to; undefined if it declares none. */
function declaredBytes(request: Request, bytesMax: number): number | undefined {
  const declared = request.headers.get("content-length");
  if (declared === null) return undefined;
  const bytes = Number(declared);
  if (bytes > bytesMax) throw sizeRefused("request", bytesMax, bytes, 413);
  return bytes;
}

async function readStream(
  body: ReadableStream<Uint8Array>,
  bytesMax: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw sizeRefused("request", bytesMax, length, 413);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
