/**
 * The lines of an event stream, as far as the protocol here needs it: `data:` lines, one message each. Anything else
 * (comments, blank lines, other fields) is a sign of life.
 *
 * Source: WHATWG HTML, "Server-sent events", 9.2.6 (interpreting an event stream).
 *
 * @module
 */

import { malformed } from "./failures.ts";

/** The most characters of a line; a longer one is told as `OVERLONG`, so that nobody takes silence for "nothing". */
export const LINE_LENGTH_MAX = 65_536;

/** What is told in place of a line that is too long to be one of ours. */
export const OVERLONG = "overlong";

/**
 * Hands on the lines of a stream until it ends.
 *
 * @throws {RequestError} `ERR_UNAVAILABLE` if the answer is no event stream.
 */
export async function readEventStream(
  response: Response,
  onData: (data: string) => void,
): Promise<unknown> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
    await response.body?.cancel();
    throw malformed("its answer is no event stream");
  }
  const reader = response.body.getReader();
  const lines = eventStreamLines(onData);
  for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
    lines(chunk.value);
  }
  return { result: "ended" };
}

/** Takes the bytes of a stream as they come, and tells each line's data; `""` for a line without data. */
export function eventStreamLines(onData: (data: string) => void): (chunk: Uint8Array) => void {
  const decoder = new TextDecoder();
  let rest = "";
  let isSkipping = false;
  return (chunk) => {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (isSkipping || line.length > LINE_LENGTH_MAX) onData(OVERLONG);
      else onData(line.startsWith("data:") ? line.slice(line[5] === " " ? 6 : 5) : "");
      isSkipping = false;
    }
    if (rest.length <= LINE_LENGTH_MAX) return;
    rest = "";
    isSkipping = true;
  };
}
