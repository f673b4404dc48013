/**
 * Requests to a gateway as a client of any language would make them.
 *
 * @module
 */

import type { TestGateway } from "../../support/redis/gateway.ts";

/** How a request differs from a POST with the gateway's own token. */
export interface RestOptions {
  /** The method. Default: POST with a body, else GET. */
  readonly method?: string;
  /** The body: text or bytes as they are, anything else as JSON. */
  readonly body?: unknown;
  /** Further headers; `authorization: ""` leaves the token out. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, read to its end. */
export interface RestAnswer {
  /** The HTTP status. */
  readonly status: number;
  /** The body as text. */
  readonly text: string;
  /** The headers. */
  readonly headers: Headers;
}

/** Makes one request. */
export async function rest(
  gateway: Pick<TestGateway, "url" | "token">,
  path: string,
  { method, body, headers = {} }: RestOptions = {},
): Promise<RestAnswer> {
  const all = new Headers({ authorization: `Bearer ${gateway.token}`, ...headers });
  if (all.get("authorization") === "") all.delete("authorization");
  const response = await fetch(gateway.url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: all,
    ...(body === undefined ? {} : { body: encodeBody(body) }),
  });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Runs one command by a body and returns the parsed answer. */
export async function command(
  gateway: Pick<TestGateway, "url" | "token">,
  ...args: readonly (string | number)[]
): Promise<{ readonly result?: unknown; readonly error?: string }> {
  return JSON.parse((await rest(gateway, "/", { body: args })).text);
}

function encodeBody(body: unknown): BodyInit {
  if (typeof body === "string") return body;
  return body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body);
}
