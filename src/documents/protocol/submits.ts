/**
 * Operations that the client of one connection submits.
 *
 * Before an acknowledgement go all operations that its client missed, and no other copy of them goes later.
 *
 * @module
 */

import type { Json } from "../../json.ts";
import type { SubmitResult } from "../core.ts";
import type { Ground } from "./ground.ts";
import { sentTo } from "./line.ts";
import type { WireError, WireFixup } from "./messages.ts";
import { forgottenAt, numbered } from "./read_replies.ts";
import type { OpMessage } from "./replies.ts";
import type { SubmitRequest } from "./requests.ts";
import type { SubmitTask } from "./tasks.ts";
import { baseOf, wireError } from "./wire.ts";

/** Refusals after which what an unmodified client has is worth nothing. */
const HOPELESS: readonly unknown[] = [
  "ERR_DOC_EPOCH",
  "ERR_SUBMIT_TRANSFORM_OPS_NOT_FOUND",
  "ERR_OUTCOME_UNKNOWN",
];

/** A client submits an operation. */
export function submit(ground: Ground, request: SubmitRequest): void {
  const line = ground.line(request.c, request.d);
  const source = request.src ?? ground.who.id;
  const base = baseOf(request.v, request.e, request.g);
  ground.streams.know(source);
  if (line.isStartingOver && base !== undefined) {
    // Made on what the client was told to forget; a refusal could hit what it has submitted since.
    return ground.send(forgottenAt(request, base.version));
  }
  const lanes = [line.submits];
  ground.enter({ kind: "submit", request, line, base, source, toldBy: undefined, lanes, waits: 0 });
}

/** A submission came back. */
export function finishSubmit(ground: Ground, task: SubmitTask, result: SubmitResult): void {
  if (result.kind === "refused") return failSubmit(ground, task, wireError(result.error));
  const { request, line, source } = task;
  const { epoch } = result;
  sendMissed(ground, task, result);
  const isNew = result.kind === "committed";
  const version = isNew ? result.op.version : result.version;
  const fixup = isNew ? result.fixup : undefined;
  const message = {
    a: "op",
    c: line.collection,
    d: line.id,
    src: source,
    seq: request.seq,
    v: version,
    e: epoch,
    g: isNew ? result.op.tag : undefined,
  } as const;
  const isPlain = fixup === undefined && request.n === undefined;
  ground.send(
    isPlain ? message : { ...message, ...numbered(request), ...fixupOnWire(message, fixup) },
  );
  ground.vouch(line.collection, epoch);
  if (line.stream !== undefined && isNew && version >= line.stream.next) {
    sentTo(line.stream, epoch, version + 1, result.op.tag);
  }
  leaveSubmit(ground, task);
}

function fixupOnWire(
  { src, seq, v }: Omit<WireFixup, "op">,
  fixup: Json | undefined,
): Pick<OpMessage, "fixup"> {
  return fixup === undefined ? {} : { fixup: [{ src, seq, v, op: fixup }] };
}

/** A submission is refused. */
export function failSubmit(ground: Ground, task: SubmitTask, error: WireError): void {
  const { request, line, base } = task;
  const { v, src, seq } = request;
  ground.send({
    a: "op",
    c: line.collection,
    d: line.id,
    ...(v === undefined ? {} : { v }),
    ...(src === undefined ? {} : { src }),
    seq,
    ...numbered(request),
    error,
  });
  if (!ground.isOurs && base !== undefined && HOPELESS.includes(error.code)) {
    ground.startOver(line, base.version);
  }
  leaveSubmit(ground, task);
}

function sendMissed(
  ground: Ground,
  { line, base }: SubmitTask,
  { epoch, missed = [] }: Exclude<SubmitResult, { kind: "refused" }>,
): void {
  const { stream } = line;
  // Whoever submits at a version has everything before it.
  if (stream !== undefined && base !== undefined && base.version > stream.next) {
    sentTo(stream, epoch, base.version, base.tag ?? "");
  }
  for (const op of missed) {
    if (stream !== undefined && op.version < stream.next) continue;
    ground.streams.sendOp(line, epoch, op);
    if (stream !== undefined) sentTo(stream, epoch, op.version + 1, op.tag);
  }
}

function leaveSubmit(ground: Ground, task: SubmitTask): void {
  const { line, toldBy } = task;
  ground.leave(task, [line]);
  if (toldBy !== undefined) ground.streams.release(line, toldBy);
}
