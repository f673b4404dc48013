/**
 * Load on an HTTP server by a client that costs next to nothing: the same bytes again and again on connections that
 * are kept open, each waiting for its answer.
 *
 * @module
 */

/** How much load. */
export interface RawLoadOptions {
  /** How many connections, each with one request under way. */
  readonly connections: number;
  /** For how long, in milliseconds. */
  readonly ms: number;
}

/** Requests a second. */
export async function rawLoad(
  url: string,
  request: Uint8Array,
  { connections, ms }: RawLoadOptions,
): Promise<number> {
  const { hostname, port } = new URL(url);
  const started = performance.now();
  let answers = 0;
  const lane = async () => {
    using connection = await Deno.connect({ hostname, port: Number(port) });
    connection.setNoDelay(true);
    const buffer = new Uint8Array(65_536);
    while (performance.now() - started < ms) {
      await connection.write(request);
      await readAnswer(connection, buffer);
      answers++;
    }
  };
  await Promise.all(Array.from({ length: connections }, lane));
  return answers * 1_000 / (performance.now() - started);
}

const decoder = new TextDecoder("latin1");

/** Reads an answer that declares its length and fits the buffer. */
async function readAnswer(connection: Deno.TcpConn, buffer: Uint8Array): Promise<void> {
  for (let held = 0, wanted = Infinity; held < wanted;) {
    const size = await connection.read(buffer.subarray(held));
    if (size === null) throw new Error("Cannot measure as the server closed the connection");
    held += size;
    if (wanted < Infinity) continue;
    const text = decoder.decode(buffer.subarray(0, held));
    const end = text.indexOf("\r\n\r\n");
    const length = /content-length: (\d+)/i.exec(text)?.[1];
    if (end >= 0 && length !== undefined) wanted = end + 4 + Number(length);
  }
}
