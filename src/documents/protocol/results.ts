/**
 * Documents of one connection that are in results of its queries: their operations are sent as if the client were
 * subscribed to them, and once, however many results they are in.
 *
 * @module
 */

import type { DocumentPosition, PartialPosition } from "../change.ts";
import type { Ground } from "./ground.ts";
import { type Line, sentTo, type Stream } from "./line.ts";
import { newReading } from "./reads.ts";
import { baseOf } from "./wire.ts";

/** A document that came into a result, with its stream if that began with it. */
export interface Kept {
  readonly line: Line;
  readonly stream: Stream | undefined;
}

/** Documents come into a result: from now on nothing of them is missed, and nothing sent before {@linkcode settle}. */
export function keep(ground: Ground, collection: string, ids: readonly string[]): readonly Kept[] {
  return ids.map((id) => {
    const line = ground.line(collection, id);
    return { line, stream: ground.streams.keep(line) };
  });
}

/** They were told as they are at these positions: what follows those is sent. */
export function settle(
  ground: Ground,
  kept: readonly Kept[],
  positions: ReadonlyMap<string, DocumentPosition>,
): void {
  for (const { line, stream } of kept) {
    const position = positions.get(line.id);
    if (position === undefined) continue;
    const { epoch, version, tag } = position;
    ground.vouch(line.collection, epoch);
    if (stream === undefined || line.stream !== stream) continue;
    sentTo(stream, epoch, version, tag);
    ground.streams.release(line, stream);
  }
}

/** The client has them at these positions already: what follows is read and sent, and then it is told that it was. */
export function resume(
  ground: Ground,
  collection: string,
  kept: readonly Kept[],
  had: ReadonlyMap<string, PartialPosition>,
  told: () => void,
): void {
  const fresh = kept.flatMap(({ line, stream }) => {
    const after = had.get(line.id);
    return stream === undefined || after === undefined ? [] : [{ line, stream, after }];
  });
  if (fresh.length === 0) return told();
  const wants = fresh.map(({ line: { id }, stream, after: { version, epoch, tag } }) => {
    sentTo(stream, epoch ?? "", version, tag ?? "");
    return { id, after: baseOf(version, epoch, tag) };
  });
  const reading = newReading(collection, fresh.map(({ line }) => line));
  ground.enter({ ...reading, request: undefined, wants, lanes: [], told });
  for (const { line, stream } of fresh) ground.streams.release(line, stream);
}

/** Documents are in the result no more. */
export function letGo(ground: Ground, collection: string, ids: readonly string[]): void {
  const lines = ids.flatMap((id) => ground.lineIfAny(collection, id) ?? []);
  for (const line of lines) ground.streams.letGo(line);
  ground.clear(lines);
}
