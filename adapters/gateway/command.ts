/**
 * From an HTTP body or path to commands of Redis.
 *
 * A command is a JSON array in the body (`["SET", "k", "v"]`), or a path (`/set/k/v`) whose last argument may be the
 * raw body: the only way to write bytes that are no text. Everything is parsed before anything is sent, so what is
 * malformed is never half executed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { malformed } from "./refusal.ts";

/** An argument of a command: text, or bytes where the text was none. */
export type Argument = string | Uint8Array;

/** A command: its name and its arguments; never empty. */
export type Command = readonly Argument[];

/** The name of a command in capitals. */
export function commandName(command: Command): string {
  return textOf(command[0] ?? "").toUpperCase();
}

/** An argument as text. */
export function textOf(argument: Argument): string {
  return typeof argument === "string" ? argument : new TextDecoder().decode(argument);
}

/** How many bytes a command has on the wire to Redis, without the protocol's own few. */
export function commandBytes(command: Command): number {
  let bytes = 0;
  for (const argument of command) bytes += argumentBytes(argument);
  return bytes;
}

/** How many bytes an argument has as UTF-8. */
export function argumentBytes(argument: Argument): number {
  return typeof argument === "string" ? Buffer.byteLength(argument) : argument.length;
}

/**
 * The command in a body.
 *
 * @throws {Refusal} 400 if the body is no JSON array of scalars.
 */
export function parseCommand(body: string): Command {
  const command = toCommand(parseJson(body));
  if (command === undefined) throw malformed("command");
  return command;
}

/**
 * The commands in the body of `/pipeline` or `/multi-exec`.
 *
 * @throws {Refusal} 400 if the body is no JSON array of commands.
 */
export function parseCommands(body: string, what: "pipeline" | "transaction"): readonly Command[] {
  const items = parseJson(body);
  if (!Array.isArray(items) || items.length === 0) throw malformed(what);
  return items.map((item: unknown) => {
    const command = toCommand(item);
    if (command === undefined) throw malformed(what);
    return command;
  });
}

/**
 * The command in a path: its segments, then the body, then the query's names and values.
 *
 * @throws {Refusal} 400 if the path is not percent-encoded as it must be.
 */
export function commandOfPath(path: string, body: Uint8Array, query: string): Command {
  const command: Argument[] = pathSegments(path);
  if (body.length > 0) command.push(body);
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === "_token") continue;
    command.push(name);
    if (value !== "") command.push(value);
  }
  return command;
}

/**
 * The segments of a path; a slash at its end starts none.
 *
 * @throws {Refusal} 400 if one is not percent-encoded as it must be.
 */
export function pathSegments(path: string): Argument[] {
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  return segments.map((segment) => segment.includes("%") ? decodePercent(segment) : segment);
}

function parseJson(body: string): unknown {
  try {
    const value: unknown = JSON.parse(body);
    // JavaScript rounds integers past 2^53. Only where one is in sight is the text read a second time.
    return /\d{16}/.test(body) ? JSON.parse(quoteLongNumbers(body)) : value;
  } catch {
    // No JSON: the caller says what it should have been.
    return undefined;
  }
}

/** Turns integers of 16 digits and more into strings, so that they reach Redis digit by digit. */
function quoteLongNumbers(json: string): string {
  const stringOrNumber = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/g;
  return json.replace(
    stringOrNumber,
    (token) => /^-?\d{16,}$/.test(token) ? `"${token}"` : token,
  );
}

function toCommand(value: unknown): Command | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  // Mostly all strings already: then the array is the command.
  if (value.every((item) => typeof item === "string")) return value;
  const command: string[] = [];
  for (const item of value) {
    if (typeof item !== "string" && typeof item !== "number" && typeof item !== "boolean") {
      return undefined;
    }
    command.push(String(item));
  }
  return command;
}

const PERCENT = 0x25;

/** Decodes `%41`, to bytes where those are no UTF-8. */
function decodePercent(segment: string): Argument {
  const encoded = new TextEncoder().encode(segment);
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let i = 0; i < encoded.length; i++) {
    let byte = encoded[i] ?? 0;
    if (byte === PERCENT) {
      const hex = String.fromCharCode(encoded[i + 1] ?? 0, encoded[i + 2] ?? 0);
      if (!/^[0-9a-fA-F]{2}$/.test(hex)) throw malformed("path");
      byte = Number.parseInt(hex, 16);
      i += 2;
    }
    bytes[length++] = byte;
  }
  const decoded = bytes.subarray(0, length);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(decoded);
  } catch {
    // No UTF-8: the bytes themselves are the argument.
    return decoded;
  }
}
