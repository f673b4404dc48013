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

  /** The next piece, `max` long at most; an insertion or a deletion comes in one piece where only its `whole` will do. */
  next(max: number, whole: "insert" | "delete"): TextComponent {
    const component = this.#op[this.#index];
    if (component === undefined) return max;
    const isWhole = typeof component === "string"
      ? whole === "insert"
      : typeof component === "object" && whole === "delete";
    if (isWhole || lengthOf(component) - this.#offset <= max) return this.rest();
    const from = this.#offset;
    this.#offset += max;
    return part(component, from, from + max);
  }

  /** What is left of the component that comes next. There must be one. */
  rest(): TextComponent {
    const component = this.#op[this.#index] ?? 0;
    const from = this.#offset;
    this.#index++;
    this.#offset = 0;
    return from === 0 ? component : part(component, from, lengthOf(component));
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
    if (last === undefined || typeof last !== typeof component) this.#op.push(component);
    else this.#op[at] = mergedText(last, component);
  }

  /** The operation, after what is left of another one, without a skip at its end. */
  finish(rest?: Pieces): TextOp {
    while (rest !== undefined && !rest.isAtEnd) this.add(rest.rest());
    if (typeof this.#op[this.#op.length - 1] === "number") this.#op.pop();
    return this.#op;
  }
}

function part(component: TextComponent, from: number, to: number): TextComponent {
  if (typeof component === "number") return to - from;
  return typeof component === "string" ? component.slice(from, to) : { d: to - from };
}

/** Two neighbours of one kind as one. */
function mergedText(last: TextComponent, next: TextComponent): TextComponent {
  if (typeof last === "object") return { d: last.d + lengthOf(next) };
  if (typeof last === "number") return last + lengthOf(next);
  return typeof next === "string" ? last + next : last;
}
