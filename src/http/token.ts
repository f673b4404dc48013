/**
 * The token of a write that its client named by an `Idempotency-Key`.
 *
 * @module
 */

import { mac } from "../mac.ts";
import type { Call } from "./part.ts";
import { idempotencyKey } from "./preconditions.ts";
import { Refusal } from "./refusal.ts";

/**
 * The token of a write, if its client named it. No client can name another's writes, or the server's own: the token is
 * made of the key and of who sent it.
 *
 * @throws {Refusal} 400 if the key is none.
 */
export async function tokenOf({ request, subject }: Call): Promise<string | undefined> {
  const header = request.headers.get("idempotency-key");
  if (header === null) return undefined;
  const key = idempotencyKey(header);
  if (key === undefined) {
    throw new Refusal(400, { detail: "Idempotency-Key must have 1 to 255 visible characters" });
  }
  return `http/${await mac(`subject:${subject?.id ?? ""}`, key)}`;
}
