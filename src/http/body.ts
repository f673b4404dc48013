/**
 * Bodies of requests, bounded while they are read.
 *
 * @module
 */

import { type Json, parseJson } from "../json.ts";
import { joined } from "../bytes.ts";
import { Refusal } from "./refusal.ts";

/** The whole body, if it has at most so many bytes. One that says it has more is not begun. */
export async function readBody(request: Request, bytesMax: number): Promise<Uint8Array> {
  const said = request.headers.get("content-length");
  if (Number(said) > bytesMax) throw tooLarge(bytesMax);
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  const reader = request.body?.getReader();
  while (reader !== undefined) {
    const { done, value } = await reader.read().catch(brokenOff);
    if (done) break;
    sizeBytes += value.length;
    if (sizeBytes > bytesMax) {
      // The rest is nobody's: whether it can be stopped is the host's affair.
      reader.cancel().catch(() => {});
      throw tooLarge(bytesMax);
    }
    chunks.push(value);
  }
  return joined(chunks, sizeBytes);
}

/** The body as JSON. */
export async function readJson(
  request: Request,
  bytesMax: number,
  types: readonly string[] = ["application/json"],
): Promise<Json> {
  const [type = ""] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const encoding = request.headers.get("content-encoding") ?? "identity";
  if (!types.includes(type.trim()) || encoding !== "identity") {
    throw new Refusal(415, {
      detail: `The body must be ${types.join(" or ")}, not compressed`,
      headers: { [request.method === "PATCH" ? "accept-patch" : "accept"]: types.join(", ") },
    });
  }
  const bytes = await readBody(request, bytesMax);
  try {
    return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), "a body");
  } catch {
    // Bytes that are no UTF-8, or text that is no JSON.
    throw new Refusal(400, { code: "ERR_MALFORMED", detail: "The body must be JSON in UTF-8" });
  }
}

/** Its client went away, or never meant to send it all. */
function brokenOff(): never {
  throw new Refusal(400, { code: "ERR_MALFORMED", detail: "The body must come to its end" });
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal(413, {
    code: "ERR_TOO_LARGE",
    detail: `The body must have at most ${bytesMax} bytes`,
  });
}
