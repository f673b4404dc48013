/**
 * Text operations taken apart and put together, piece by piece.
 *
 * @module
 */

import { lengthOf, type TextComponent, type TextOp } from "./text_component.ts";

/** An operation that is read in pieces of any length. Past its end it skips for ever. */
export class Pieces {
  readonly #op: TextOp;
  #index = 0;
  #offset = 0;

  /** Starts at the operation's start. */
  constructor(op: TextOp) {
    this.#op = op;
  }

  /** Whether nothing but endless skipping is left. */
  get isAtEnd(): boolean {
    return this.#index === this.#op.length;
  }

  /** Whether the next piece inserts. */
  get isInsertNext(): boolean {
    return typeof this.#op[this.#index] === "string";
  }

  /** The next piece, `max` long at most; one that only the `whole` of makes sense here comes in one piece. */
  next(max: number = Infinity, whole?: "insert" | "delete"): TextComponent {
    const component = this.#op[this.#index];
    if (component === undefined) return max;
    const kind = typeof component === "string" ? "insert" : "delete";
    const isWhole = typeof component !== "number" && kind === whole;
    const from = this.#offset;
    const to = isWhole ? lengthOf(component) : Math.min(from + max, lengthOf(component));
    this.#offset = to;
    if (to === lengthOf(component)) {
      this.#index++;
      this.#offset = 0;
    }
    if (typeof component === "string") return component.slice(from, to);
    return typeof component === "number" ? to - from : { d: to - from };
  }
}

/** An operation that is being made: neighbours of a kind merge, what does nothing is left out. */
export class TextBuilder {
  readonly #op: TextComponent[] = [];

  /** Appends a component. */
  add(component: TextComponent): void {
    if (lengthOf(component) === 0) return;
    const at = this.#op.length - 1;
    const last = this.#op[at];
    const merged = last === undefined ? undefined : mergedText(last, component);
    if (merged === undefined) this.#op.push(component);
    else this.#op[at] = merged;
  }

  /** The operation, after what is left of another one, without a skip at its end. */
  finish(rest?: Pieces): TextOp {
    while (rest !== undefined && !rest.isAtEnd) this.add(rest.next());
    if (typeof this.#op[this.#op.length - 1] === "number") this.#op.pop();
    return this.#op;
  }
}

function mergedText(last: TextComponent, next: TextComponent): TextComponent | undefined {
  if (typeof last === "number") return typeof next === "number" ? last + next : undefined;
  if (typeof last === "string") return typeof next === "string" ? last + next : undefined;
  return typeof next === "object" ? { d: last.d + next.d } : undefined;
}
