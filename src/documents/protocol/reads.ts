/**
 * Fetches, subscriptions and their ends, on one connection.
 *
 * A subscription stands before its document is read, so that nothing falls between the two; what the stream tells
 * meanwhile is held, and what the reading had already is left out.
 *
 * What a client has may be impossible to continue: dropped operations, another life of the document. Ours is answered
 * with the whole document. An unmodified ShareDB client never goes back to a lower version by itself; it is told of a
 * deletion, and then of an operation on what is deleted, at which it forgets what it has and asks anew.
 *
 * @module
 */

import type { ReadResult } from "../core.ts";
import type { Ground } from "./ground.ts";
import { type Line, sentTo } from "./line.ts";
import type { WireError } from "./messages.ts";
import { envelopeOf, idsOf, readReply, refusalOf, wantsOf } from "./read_replies.ts";
import type { BulkResult } from "./replies.ts";
import type {
  BulkReadRequest,
  BulkUnsubscribeRequest,
  ReadRequest,
  UnsubscribeRequest,
} from "./requests.ts";
import type { LeaveTask, ReadTask } from "./tasks.ts";
import { baseOf, snapshotOnWire, wireError } from "./wire.ts";

/** A client fetches or subscribes. */
export function read(ground: Ground, request: ReadRequest | BulkReadRequest): void {
  const wants = wantsOf(request);
  const lines = wants.map(({ id, after }) => {
    const line = ground.line(request.c, id);
    if (after === undefined) line.isStartingOver = false;
    return line;
  });
  const lanes = lines.map(({ reads }) => reads);
  ground.enter({ ...newReading(request.c, lines), request, wants, lanes });
}

/** A client wants to hear no more. */
export function unsubscribe(
  ground: Ground,
  request: UnsubscribeRequest | BulkUnsubscribeRequest,
): void {
  const lines = idsOf(request).map((id) => ground.line(request.c, id));
  const lanes = lines.map(({ reads }) => reads);
  ground.enter({ kind: "leave", request, lines, lanes, waits: 0 });
}

/** Reads a document from where its stream is: something may be missing. */
export function readOn(ground: Ground, line: Line): void {
  const { collection, id, stream } = line;
  if (stream === undefined) return;
  const after = { version: stream.next, epoch: stream.epoch, tag: stream.tag };
  const wants = [{ id, after: baseOf(after.version, after.epoch, after.tag) }];
  ground.enter({ ...newReading(collection, [line]), request: undefined, wants, lanes: [] });
}

/** It is the turn of a reading: the streams of what is read are held, and those that are to begin begin. */
export function startRead(ground: Ground, task: ReadTask): void {
  const isSubscription = task.request?.a === "s" || task.request?.a === "bs";
  for (const line of task.lines) {
    if (isSubscription && !line.stream?.isSubscribed) {
      ground.streams.begin(line);
      task.joins.push(line.id);
    } else if (line.stream !== undefined) line.stream.holds++;
    task.streams.push(line.stream);
  }
  ground.emit({ kind: "start", task });
}

/** It is the turn of an end of subscriptions. */
export function startLeave(ground: Ground, task: LeaveTask): void {
  const { request, lines } = task;
  part(ground, request.c, lines.filter((line) => line.stream?.isSubscribed));
  ground.send(envelopeOf(request));
  ground.leave(task, lines);
}

/** A reading came back. */
export function finishRead(
  ground: Ground,
  task: ReadTask,
  results: readonly ReadResult[],
): void {
  const told = new Map<string, BulkResult>();
  task.lines.forEach((line, index) => {
    const result = results[index];
    const data = result && take(ground, task, index, result);
    if (data !== undefined) told.set(line.id, data);
  });
  if (task.request !== undefined) ground.send(readReply(task.request, told, ground.isOurs));
  leaveRead(ground, task);
}

/** A reading came to nothing. */
export function failRead(ground: Ground, task: ReadTask, error: WireError): void {
  if (task.request === undefined) return ground.fail("cannot read what is missing");
  part(ground, task.collection, task.lines.filter(({ id }) => task.joins.includes(id)));
  ground.send(refusalOf(task.request, error));
  leaveRead(ground, task);
}

/** Sends what was read of one document; gives what its reply has to say of it. */
function take(
  ground: Ground,
  task: ReadTask,
  index: number,
  result: ReadResult,
): BulkResult | undefined {
  const line = task.lines[index];
  const after = task.wants[index]?.after;
  if (line === undefined) return undefined;
  switch (result.kind) {
    case "refused": {
      if (task.request === undefined) ground.fail("cannot read what is missing");
      else if (task.joins.includes(line.id)) part(ground, task.collection, [line]);
      return { error: wireError(result.error) };
    }
    case "ops": {
      const { epoch, version, tag } = result.head;
      const isStale = !ground.isOurs && after !== undefined && after.epoch === undefined &&
        ground.isStale(line.collection, epoch, after.version);
      if (isStale) ground.startOver(line, after.version);
      else {
        for (const op of result.ops) ground.streams.sendOp(line, epoch, op);
        ground.vouch(line.collection, epoch);
      }
      // An acknowledgement may have come between.
      moveTo(line, task, index, epoch, Math.max(version, line.stream?.next ?? 0), tag);
      return undefined;
    }
    case "snapshot": {
      const { epoch, version, tag } = result.snapshot;
      moveTo(line, task, index, epoch, version, tag);
      if (after !== undefined && !ground.isOurs) {
        ground.startOver(line, after.version);
        return undefined;
      }
      ground.vouch(line.collection, epoch);
      if (task.request !== undefined) {
        const told = snapshotOnWire(result.snapshot, ground.defaultType, result.reason);
        return result.isPart ? { ...told, sv: true } : told;
      }
      ground.send({ a: "hb", b: { [line.collection]: { [line.id]: [version, epoch] } } });
      return undefined;
    }
  }
}

/** The stream goes on from here, if it is still the one that the reading held. */
function moveTo(
  line: Line,
  task: ReadTask,
  index: number,
  epoch: string,
  version: number,
  tag: string,
): void {
  if (line.stream !== undefined && line.stream === task.streams[index]) {
    sentTo(line.stream, epoch, version, tag);
  }
}

function leaveRead(ground: Ground, task: ReadTask): void {
  task.streams.forEach((stream, index) => {
    const line = task.lines[index];
    if (line !== undefined && stream !== undefined) ground.streams.release(line, stream);
  });
  ground.leave(task, task.lines);
  task.told?.();
}

function part(ground: Ground, collection: string, lines: readonly Line[]): void {
  for (const line of lines) ground.streams.end(line);
  if (lines.length === 0) return;
  ground.emit({ kind: "part", collection, ids: lines.map(({ id }) => id) });
}

/** A reading of documents, for nobody yet. */
export function newReading(
  collection: string,
  lines: readonly Line[],
): Omit<ReadTask, "request" | "wants" | "lanes"> {
  return { kind: "read", collection, lines, streams: [], joins: [], waits: 0 };
}
