/**
 * What is asked of a running node, with its answers as values and its refusals as errors.
 *
 * @module
 */

import { ArgumentError, HoldfastError } from "../errors.ts";
import type { Json } from "../json.ts";
import { mac } from "../mac.ts";
import { sleep, withDeadline } from "../waiting.ts";
import type { SessionStamp } from "./core/message.ts";
import { refusalError } from "./node_errors.ts";
import type { Read } from "./node_face.ts";
import type { ProposeOptions } from "./node_options.ts";
import { checkProposalKey, keyStamp } from "./proposal_keys.ts";
import type { Running } from "./running.ts";
import type { SessionOutcome } from "./sessions.ts";

/** How long to wait. */
export interface Waiting {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * The stamp of a proposal, checked at once as the log keeps it for ever. A promise only if there is a key.
 *
 * @throws {ArgumentError} `ERR_INVALID_ARGUMENT`
 */
export function stampOf(
  { session: stamp, key }: ProposeOptions,
): SessionStamp | undefined | Promise<SessionStamp> {
  if (key !== undefined) {
    if (stamp !== undefined) throw badStamp("it must have a session or a key, not both");
    checkProposalKey(key);
    return mac("proposal key", key).then(keyStamp);
  }
  if (stamp === undefined) return undefined;
  const { session, sequence, acknowledged } = Object(stamp);
  const areWhole = [session, sequence, acknowledged].every(Number.isSafeInteger);
  if (areWhole && session > 0 && acknowledged >= 0 && acknowledged < sequence) return stamp;
  throw badStamp(
    "session and sequence must be whole numbers from 1, and acknowledged one from 0 below sequence",
  );
}

function badStamp(rule: string): ArgumentError {
  return new ArgumentError("ERR_INVALID_ARGUMENT", `Cannot propose as ${rule}`);
}

/** Appends, and waits until it is applied here. @throws as `ConsensusNode.propose` */
export async function appended<Command, Reply extends Json, Query, Answer>(
  running: Running<Command, Reply, Query, Answer>,
  data: Uint8Array,
  session: SessionStamp | undefined,
  { timeoutMs, signal }: Waiting,
): Promise<{ outcome: SessionOutcome<Reply>; index: number; term: number }> {
  const { loop, backend, observing } = running;
  observing.counts.proposals += 1;
  const proposing = loop.propose(data, session);
  const found = await withDeadline(backend.clock, timeoutMs, proposing, unknown, { signal });
  switch (found.kind) {
    case "done":
      return { outcome: found.reply, index: found.index, term: found.term };
    case "refused":
      if (found.reason === "stopped") throw running.stopped();
      throw refusalError("propose", found.reason, found.leader);
    case "lost":
      throw new HoldfastError(
        "ERR_DISPLACED",
        "Cannot apply the proposal as another leader's stands in its place: it has not happened",
      );
    case "unknown":
      throw unknown();
  }
}

/** Reads what is linearizable; asks again while there is no leader, as a read may be asked as often as one likes. */
export async function confirmed<Command, Reply extends Json, Query, Answer, Value>(
  running: Running<Command, Reply, Query, Answer>,
  serve: () => Value,
  { timeoutMs, signal }: Waiting,
): Promise<Read<Value>> {
  const { loop, backend: { clock }, settings } = running;
  const untilMs = clock.monotonic() + timeoutMs;
  let late: () => Error = () =>
    new HoldfastError("ERR_TIMEOUT", `Cannot read within ${timeoutMs} ms`);
  for (;;) {
    const reading = loop.read(serve);
    const leftMs = Math.max(0, untilMs - clock.monotonic());
    const outcome = await withDeadline(clock, leftMs, reading, late, { signal });
    if (outcome.kind === "done") return { answer: outcome.value, index: outcome.index };
    const { reason } = outcome;
    if (reason === "stopped") throw running.stopped();
    if (reason === "full" || reason === "badTarget") throw refusalError("read", reason);
    late = () => refusalError("read", "unconfirmed");
    if (clock.monotonic() >= untilMs) throw late();
    await sleep(clock, settings.tickMs, { signal });
  }
}

function unknown(): HoldfastError {
  return new HoldfastError(
    "ERR_OUTCOME_UNKNOWN",
    "Cannot tell whether the proposal was or will be applied: only one with a session or a key may be proposed again",
  );
}
