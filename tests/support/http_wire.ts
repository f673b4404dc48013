/**
 * HTTP/1.1 by hand, as far as a proxy needs it that breaks the rules on purpose.
 *
 * @module
 */

/** A request as it came over the wire. */
export interface HttpRequest {
  /** The method. */
  readonly method: string;
  /** The path with its query. */
  readonly path: string;
  /** The headers, without those that belong to the connection. */
  readonly headers: Headers;
  /** The body; empty if there was none. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A response as it will go over the wire. */
export interface HttpResponse {
  /** The status. */
  readonly status: number;
  /** The headers; the length is added. */
  readonly headers: readonly (readonly [string, string])[];
  /** The body. */
  readonly body: Uint8Array;
}

/** Headers that say something of one connection, and nothing of the next. */
const OF_CONNECTION: readonly string[] = [
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "transfer-encoding",
];

/** Reads one request; undefined if the other side is done. Takes bodies with a declared length only. */
export async function readRequest(connection: Deno.TcpConn): Promise<HttpRequest | undefined> {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  const more = async (): Promise<boolean> => {
    const size = await connection.read(chunk);
    if (size === null) return false;
    const joined = new Uint8Array(held.length + size);
    joined.set(held);
    joined.set(chunk.subarray(0, size), held.length);
    held = joined;
    return true;
  };
  let end = endOfHead(held);
  for (; end < 0; end = endOfHead(held)) {
    if (!await more()) return undefined;
  }
  const [requestLine = "", ...lines] = new TextDecoder().decode(held.subarray(0, end)).split(
    "\r\n",
  );
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  const length = Number(headers.get("content-length") ?? 0);
  while (held.length < end + 4 + length) {
    if (!await more()) return undefined;
  }
  for (const name of OF_CONNECTION) headers.delete(name);
  return { method, path, headers, body: held.slice(end + 4, end + 4 + length) };
}

/** Writes a response whose length is declared in full, even if only a share of the body follows. */
export async function writeResponse(
  connection: Deno.TcpConn,
  { status, headers, body }: HttpResponse,
  { bodyShare = 1 }: { readonly bodyShare?: number } = {},
): Promise<void> {
  const lines = headers.filter(([name]) => !OF_CONNECTION.includes(name))
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const head = new TextEncoder().encode(
    `HTTP/1.1 ${status} -\r\n${lines.join("")}content-length: ${body.length}\r\n\r\n`,
  );
  const sent = body.subarray(0, Math.floor(body.length * bodyShare));
  const bytes = new Uint8Array(head.length + sent.length);
  bytes.set(head);
  bytes.set(sent, head.length);
  await writeBytes(connection, bytes);
}

/** Writes all bytes. */
export async function writeBytes(connection: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}

function endOfHead(bytes: Uint8Array): number {
  for (let i = bytes.indexOf(13); i >= 0; i = bytes.indexOf(13, i + 1)) {
    if (bytes[i + 1] === 10 && bytes[i + 2] === 13 && bytes[i + 3] === 10) return i;
  }
  return -1;
}
