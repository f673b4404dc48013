/**
 * The least that a test needs to ask a Redis directly, past every client and gateway it is there to judge: one
 * command out, one RESP2 reply in.
 *
 * @module
 */

/** A reply: text (latin-1, so that every byte survives), an integer, nothing, or a list. */
export type Reply = string | number | null | readonly Reply[];

/** A connection that answers one command after the other. */
export interface Wire extends Disposable {
  /** Sends a command and waits for its reply. Throws an error with Redis's own text if that is what it answers. */
  command(...args: readonly (string | number)[]): Promise<Reply>;
}

/** Opens a connection to a Redis on this machine. */
export async function openWire(port: number): Promise<Wire> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const reader = byteReader(connection);
  return {
    command: async (...args) => {
      await writeAll(connection, encodeCommand(args));
      return await readReply(reader);
    },
    [Symbol.dispose]: () => connection.close(),
  };
}

interface ByteReader {
  line(): Promise<string>;
  bytes(length: number): Promise<Uint8Array>;
}

function encodeCommand(args: readonly (string | number)[]): Uint8Array {
  const encoder = new TextEncoder();
  const text = args.map((arg) => {
    const size = encoder.encode(String(arg)).length;
    return `$${size}\r\n${arg}\r\n`;
  });
  return encoder.encode(`*${args.length}\r\n${text.join("")}`);
}

async function readReply(reader: ByteReader): Promise<Reply> {
  const line = await reader.line();
  const rest = line.slice(1);
  switch (line[0]) {
    case "+":
      return rest;
    case ":":
      return Number(rest);
    case "-":
      throw new Error(rest);
    case "$": {
      if (rest === "-1") return null;
      return latin1(await reader.bytes(Number(rest) + 2)).slice(0, -2);
    }
    case "*": {
      if (rest === "-1") return null;
      const items: Reply[] = [];
      for (let i = Number(rest); i > 0; i--) items.push(await readReply(reader));
      return items;
    }
    default:
      throw new Error("Cannot read a reply of Redis as its first byte is unknown");
  }
}

function byteReader(connection: Deno.Conn): ByteReader {
  let held = new Uint8Array(0);
  const chunk = new Uint8Array(65_536);
  const more = async () => {
    const size = await connection.read(chunk);
    if (size === null) throw new Error("Cannot read a reply as Redis closed the connection");
    const joined = new Uint8Array(held.length + size);
    joined.set(held);
    joined.set(chunk.subarray(0, size), held.length);
    held = joined;
  };
  const bytes = async (length: number) => {
    while (held.length < length) await more();
    const taken = held.slice(0, length);
    held = held.slice(length);
    return taken;
  };
  const line = async () => {
    let end = held.indexOf(10);
    for (; end < 0; end = held.indexOf(10)) await more();
    return latin1(await bytes(end + 1)).slice(0, -2);
  };
  return { line, bytes };
}

function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

async function writeAll(connection: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
}
