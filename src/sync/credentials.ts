/**
 * What a request carries to show who asks: a bearer token, or one in a subprotocol, because a browser cannot send headers
 * with a WebSocket; or a ticket, which opens one connection and is of no use to whoever reads it in a log later.
 *
 * @module
 */

import { textOfBase64Url } from "../bytes.ts";
import { SUBPROTOCOL, TICKET_PROTOCOL, TOKEN_PROTOCOL } from "./messages.ts";

/** What a request carries. */
export interface Credentials {
  /** The token. */
  readonly token: string | undefined;
  /** The ticket. */
  readonly ticket: string | undefined;
  /** The subprotocol to answer with, if the client named it. */
  readonly protocol: string | undefined;
}

/** The credentials of a request. */
export function credentialsOf(request: Request): Credentials {
  const protocols = (request.headers.get("sec-websocket-protocol") ?? "").split(/,\s*/);
  const after = (prefix: string): string | undefined =>
    protocols.find((name) => name.startsWith(prefix))?.slice(prefix.length);
  const [, bearer] = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "") ?? [];
  const encoded = after(TOKEN_PROTOCOL);
  return {
    token: bearer ?? (encoded === undefined ? undefined : textOfBase64Url(encoded)),
    ticket: after(TICKET_PROTOCOL) ?? new URL(request.url).searchParams.get("ticket") ?? undefined,
    protocol: protocols.includes(SUBPROTOCOL) ? SUBPROTOCOL : undefined,
  };
}
