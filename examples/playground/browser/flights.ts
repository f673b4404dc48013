/**
 * Messages on their way, drawn as they fly.
 *
 * @module
 */

import type { Flight } from "../wire.ts";
import { draw, prefersStillness } from "./dom.ts";
import { placeOf } from "./picture.ts";

/** The most messages that are drawn at a time. */
const FLIGHTS_MAX = 120;
/** How big a message is drawn. */
const RADII: Readonly<Record<Flight["kind"], number>> = {
  heartbeat: 4,
  answer: 3.5,
  entries: 8,
  ask: 7,
  yes: 7,
  no: 7,
};
/** How far a message comes that is lost. */
const LOST_AT = 0.45;

/** The messages in a layer of the picture. */
export class Flights {
  readonly #layer: SVGGElement;

  constructor(layer: SVGGElement) {
    this.#layer = layer;
  }

  /** Lets messages fly; none where nobody looks, or where somebody asked for stillness. */
  show(flights: readonly Flight[]): void {
    if (document.hidden || prefersStillness()) return;
    for (const flight of flights) {
      if (this.#layer.childElementCount < FLIGHTS_MAX) this.#fly(flight);
    }
  }

  #fly({ from, to, kind, ms, isLost }: Flight): void {
    const [start, end] = [placeOf(from), placeOf(to)];
    const part = isLost ? LOST_AT : 1;
    const dot = draw("circle", { r: RADII[kind], class: `flight ${kind}${isLost ? " lost" : ""}` });
    this.#layer.append(dot);
    const at = (x: number, y: number): string => `translate(${x}px, ${y}px)`;
    const last = at(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part);
    const flight = dot.animate([
      { transform: at(start.x, start.y), opacity: 1 },
      { transform: last, opacity: 1, offset: 0.9 },
      { transform: last, opacity: isLost ? 0 : 1 },
    ], { duration: ms * (isLost ? LOST_AT + 0.3 : 1) });
    flight.finished.then(() => dot.remove(), () => dot.remove());
  }
}
