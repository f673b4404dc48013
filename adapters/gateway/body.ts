/**
 * Reading a request's body, up to a limit.
 *
 * @module
 */

import { joined } from "../../src/bytes.ts";
import { sizeRefused } from "./refusal.ts";

/**
 * The body as text.
 *
 * @throws {Refusal} 413 if it is larger than the limit.
 */
export async function readText(request: Request, bytesMax: number): Promise<string> {
  if (isBounded(request, bytesMax)) return await request.text();
  return new TextDecoder().decode(await readStream(request.body, bytesMax));
}

/**
 * The body as bytes.
 *
 * @throws {Refusal} 413 if it is larger than the limit.
 */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  if (isBounded(request, bytesMax)) return new Uint8Array(await request.arrayBuffer());
  return await readStream(request.body, bytesMax);
}

/**
 * Whether the request declares its size, which the server holds it to, or can have no body. Looked up in the headers,
 * because merely asking for `request.body` makes a stream, which costs as much as the rest of a small request.
 */
function isBounded({ method, headers }: Request, bytesMax: number): boolean {
  const declared = headers.get("content-length");
  if (declared === null) return method === "GET" || method === "HEAD";
  const bytes = Number(declared);
  if (bytes > bytesMax) throw sizeRefused("request", bytesMax, bytes, 413);
  return true;
}

async function readStream(
  body: ReadableStream<Uint8Array> | null,
  bytesMax: number,
): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body ?? []) {
    length += chunk.length;
    if (length > bytesMax) throw sizeRefused("request", bytesMax, length, 413);
    chunks.push(chunk);
  }
  return joined(chunks, length);
}
