/**
 * Was there one order of all operations that explains every answer? Decides it for the history of one key.
 *
 * The search is Wing and Gong's ("Testing and Verifying Concurrent Objects", 1993) with the cache of Lowe ("Testing for
 * Linearizability", 2017): a pair of (set of operations placed, state reached) is entered only once. Linearizability is
 * local (Herlihy and Wing, 1990), so a history over many keys is checked key by key.
 *
 * An operation whose outcome the client never learned has no return: it may be placed anywhere after its call, or never.
 *
 * @module
 */

/** One operation of a client on one key. */
export interface Operation<Input, Output> {
  /** When the client sent it. */
  readonly calledAt: number;
  /** When the answer came; `undefined` if the outcome is unknown. */
  readonly returnedAt: number | undefined;
  /** What was asked. */
  readonly input: Input;
  /** What was answered; `undefined` if the outcome is unknown. */
  readonly output: Output | undefined;
}

/** What the operations do when they happen one after another. */
export interface SequentialModel<State, Input, Output> {
  /** The state before the first operation. */
  readonly initial: State;
  /** The state after an operation, or `impossible` if it could not have answered so. An unknown output fits always. */
  apply(state: State, input: Input, output: Output | undefined): State | typeof impossible;
  /** A text that is equal for equal states only. */
  print(state: State): string;
}

/** What a model says of an answer that this state does not give. */
export const impossible: unique symbol = Symbol("impossible");

/** `undecided`: the search was given up after its bound of steps. */
export type Verdict = "linearizable" | "not linearizable" | "undecided";

/** A call or a return in the doubly linked list of what is still to be explained. */
interface Mark {
  readonly id: number;
  /** The return that belongs to a call; `undefined` in returns. */
  readonly match: Mark | undefined;
  previous: Mark | undefined;
  next: Mark | undefined;
}

interface Placed<State> {
  readonly call: Mark;
  readonly stateBefore: State;
}

/** Searches for an order of the operations that explains all answers; gives up after `stepsMax` steps. */
export function checkLinearizable<State, Input, Output>(
  operations: readonly Operation<Input, Output>[],
  model: SequentialModel<State, Input, Output>,
  { stepsMax = 1_000_000 }: { readonly stepsMax?: number } = {},
): Verdict {
  const head = linkedMarks(operations);
  const placedSet = new Uint32Array(Math.ceil(operations.length / 32));
  const seen = new Set<string>();
  const placed: Placed<State>[] = [];
  let state = model.initial;
  let toExplain = operations.filter((operation) => operation.returnedAt !== undefined).length;
  let mark = head.next;

  for (let steps = 0; toExplain > 0; steps++) {
    if (steps >= stepsMax) return "undecided";
    if (mark?.match !== undefined) {
      const next = tryToPlace(mark.id, state);
      if (next === impossible) {
        mark = mark.next;
        continue;
      }
      placed.push({ call: mark, stateBefore: state });
      state = next;
      unlink(mark);
      if (isAnswered(mark.id)) toExplain -= 1;
      mark = head.next;
      continue;
    }
    // A return whose call is not placed (or the end): the last choice was wrong.
    const last = placed.pop();
    if (last === undefined) return "not linearizable";
    state = last.stateBefore;
    flip(placedSet, last.call.id);
    relink(last.call);
    if (isAnswered(last.call.id)) toExplain += 1;
    mark = last.call.next;
  }
  return "linearizable";

  function isAnswered(id: number): boolean {
    return operations[id]?.returnedAt !== undefined;
  }

  function tryToPlace(id: number, from: State): State | typeof impossible {
    const operation = operations[id];
    if (operation === undefined) return impossible;
    const next = model.apply(from, operation.input, operation.output);
    if (next === impossible) return impossible;
    // Who waits for no answer and changes nothing may as well be left out.
    if (!isAnswered(id) && model.print(next) === model.print(from)) return impossible;
    flip(placedSet, id);
    const key = `${placedSet.join()}:${model.print(next)}`;
    if (!seen.has(key)) {
      seen.add(key);
      return next;
    }
    flip(placedSet, id);
    return impossible;
  }
}

function flip(set: Uint32Array, id: number): void {
  set[id >> 5] = (set[id >> 5] ?? 0) ^ (1 << (id & 31));
}

/** All calls and returns by time, calls first where times are equal, after a mark that stands for the start. */
function linkedMarks(operations: readonly Operation<unknown, unknown>[]): Mark {
  const timed: { at: number; isReturn: boolean; mark: Mark }[] = [];
  operations.forEach((operation, id) => {
    const returned: Mark = { id, match: undefined, previous: undefined, next: undefined };
    const called: Mark = { id, match: returned, previous: undefined, next: undefined };
    timed.push({ at: operation.calledAt, isReturn: false, mark: called });
    timed.push({ at: operation.returnedAt ?? Infinity, isReturn: true, mark: returned });
  });
  timed.sort((a, b) => a.at === b.at ? Number(a.isReturn) - Number(b.isReturn) : a.at - b.at);
  const head: Mark = { id: -1, match: undefined, previous: undefined, next: undefined };
  let last = head;
  for (const { mark } of timed) {
    last.next = mark;
    mark.previous = last;
    last = mark;
  }
  return head;
}

/** Takes a call and its return out of the list; they keep their own pointers, so that they can come back. */
function unlink(call: Mark): void {
  for (const mark of [call, call.match]) {
    if (mark?.previous) mark.previous.next = mark.next;
    if (mark?.next) mark.next.previous = mark.previous;
  }
}

/** Puts back what was unlinked last. */
function relink(call: Mark): void {
  for (const mark of [call.match, call]) {
    if (mark?.previous) mark.previous.next = mark;
    if (mark?.next) mark.next.previous = mark;
  }
}
