/**
 * Tickets: each opens one connection, soon. They live in the presence store, because to leave a room is to be given what
 * was left there, once: so of two who come with the same ticket, to whichever process, one is let in.
 *
 * @module
 */

import type { PresenceBackend } from "../presence/presence.ts";
import { presenceTag } from "../presence/presence.ts";
import { HoldfastError } from "../errors.ts";
import { randomToken } from "../random.ts";
import type { SyncSubject } from "./options.ts";

/** How long a ticket is good, in milliseconds. */
export const TICKET_MS = 30_000;

const TICKET = /^[\w-]{32}$/;

/**
 * A ticket for a subject, which must be JSON of at most 4 KiB.
 *
 * @throws {HoldfastError} `ERR_LIMIT` if too many tickets are about.
 */
export async function issueTicket(
  { presence, random }: PresenceBackend,
  subject: SyncSubject | undefined,
  signal?: AbortSignal,
): Promise<string> {
  const ticket = randomToken(random, 32);
  const meta = JSON.stringify({ subject });
  const options = { ttlMs: TICKET_MS, tag: presenceTag(random), signal };
  const put = await presence.put(shelf(ticket), ticket, meta, options);
  if (put.kind === "present") return ticket;
  throw new HoldfastError("ERR_LIMIT", "Cannot give a ticket as too many are unused");
}

/** The subject of a ticket, which is then used up; `undefined` if it is none, or is used up or too old. */
export async function redeemTicket(
  { presence, random }: PresenceBackend,
  ticket: string,
): Promise<{ readonly subject?: SyncSubject } | undefined> {
  if (!TICKET.test(ticket)) return undefined;
  const [left] = await presence.leave(shelf(ticket), [ticket], { tag: presenceTag(random) });
  // What this file put there.
  return left && JSON.parse(left.meta);
}

/** The tickets are spread over 64 rooms, so that as many times more may be about. */
function shelf(ticket: string): string {
  return `sync-tickets/${ticket[0]}`;
}
