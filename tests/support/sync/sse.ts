/**
 * A client of an event stream, by hand.
 *
 * @module
 */

import type { Heard } from "./peer.ts";

/** What a stream told. */
export interface ListeningStream extends AsyncDisposable {
  /** The messages, in order. */
  readonly heard: Heard[];
  /** The ids of the events. */
  readonly ids: string[];
  /** Settles when the stream has ended. */
  readonly ended: Promise<void>;
}

/** Listens to an event stream until it is disposed of. */
export async function listen(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<ListeningStream> {
  const stop = new AbortController();
  const response = await fetch(url, {
    headers: { accept: "text/event-stream", ...headers },
    signal: stop.signal,
  });
  const heard: Heard[] = [];
  const ids: string[] = [];
  const ended = read(response, heard, ids).catch(() => {});
  return {
    heard,
    ids,
    ended,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await ended;
    },
  };
}

/** The address of a stream of models, each with the cursor after which it goes on. */
export function streamUrl(base: string, models: readonly (readonly [string, string?])[]): string {
  return `${base}?models=${encodeURIComponent(JSON.stringify(models))}`;
}

async function read(response: Response, heard: Heard[], ids: string[]): Promise<void> {
  let text = "";
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part;
    for (let at = text.indexOf("\n\n"); at >= 0; at = text.indexOf("\n\n")) {
      const [, data] = /^data: (.*)$/m.exec(text.slice(0, at)) ?? [];
      const [, id] = /^id: (.*)$/m.exec(text.slice(0, at)) ?? [];
      if (data !== undefined) heard.push(JSON.parse(data));
      if (id !== undefined) ids.push(id);
      text = text.slice(at + 2);
    }
  }
}
