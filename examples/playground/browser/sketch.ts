/**
 * The sketch: strokes in a JSON document, each a text of points that grows while it is drawn, and the pens of all.
 *
 * @module
 */

import {
  type Connection,
  createUndo,
  type Doc,
  openPresence,
  type Presence,
  type Undo,
} from "@holdfast/holdfast/documents/client";
import { ROOMS, SKETCH } from "../wire.ts";
import { draw, element, show } from "./dom.ts";
import { startUndo } from "./history.ts";
import { pathOf, type Point, pointText } from "./points.ts";
import { ownId, ownSelf, personOf } from "./self.ts";

/** A stroke, as it is kept. */
interface Stroke {
  readonly hue: number;
  readonly points: string;
}

/** The most strokes; with one more the oldest goes. */
const STROKES_MAX = 300;
/** The longest stroke, in characters; then another one begins. */
const STROKE_LENGTH_MAX = 6_000;
/** Between two places of a pen that are told, in milliseconds. */
const PEN_MS = 50;
/** How far a key moves the pen. */
const KEY_STEP = 20;

/** Brings the sketch to life. */
export function startSketch(doc: Doc, connection: Connection): void {
  const undo = createUndo(doc, { interval: "1m" });
  const sketch = new Sketch(doc, openPresence(connection, ROOMS.pens), undo);
  for (const name of ["load", "create", "op"] as const) doc.on(name, () => sketch.render());
  void doc.subscribe().then(() => sketch.render(), () => {});
  startUndo("sketch", element("sketch", HTMLElement), undo, doc);
}

class Sketch {
  readonly #doc: Doc;
  readonly #pens: Presence;
  readonly #undo: Undo;
  readonly #canvas = element("sketch", HTMLElement);
  readonly #picture = element("sketch-picture", SVGSVGElement);
  readonly #strokes = draw("g");
  readonly #marks = draw("g");
  readonly #paths = new Map<string, SVGPathElement>();
  /** The stroke that is being drawn. */
  #stroke: string | undefined;
  #count = 0;
  #keyPen: Point = { x: SKETCH.width / 2, y: SKETCH.height / 2 };
  #toldAtMs = 0;

  constructor(doc: Doc, pens: Presence, undo: Undo) {
    this.#doc = doc;
    this.#pens = pens;
    this.#undo = undo;
    this.#picture.append(this.#strokes, this.#marks);
    pens.on("change", () => this.#renderPens());
    void pens.join().catch(() => {});
    this.#listen();
    element("sketch-clear", HTMLButtonElement).addEventListener("click", () => this.#clear());
  }

  /** Shows the strokes that are there. */
  render(): void {
    const strokes = this.#all();
    for (const [id, path] of this.#paths) {
      if (strokes[id] !== undefined) continue;
      path.remove();
      this.#paths.delete(id);
    }
    for (const [id, { hue, points }] of Object.entries(strokes)) {
      const path = this.#paths.get(id) ?? draw("path", { class: `stroke hue-${hue}` });
      if (!path.isConnected) this.#strokes.append(path);
      this.#paths.set(id, path);
      const d = pathOf(points);
      if (path.getAttribute("d") !== d) path.setAttribute("d", d);
    }
    const count = this.#paths.size;
    show(element("sketch-count", HTMLElement), count === 1 ? "1 stroke" : `${count} strokes`);
  }

  #all(): Readonly<Record<string, Stroke>> {
    const data = this.#doc.data as { readonly strokes?: Record<string, Stroke> } | undefined;
    return data?.strokes ?? {};
  }

  #listen(): void {
    const canvas = this.#canvas;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      this.#begin(this.#place(event));
    });
    canvas.addEventListener("pointermove", (event) => {
      const places = event.getCoalescedEvents?.() ?? [];
      const last = this.#place(event);
      if (this.#stroke !== undefined) {
        this.#extend(places.length > 0 ? places.map((each) => this.#place(each)) : [last]);
      }
      this.#tellPen(last);
    });
    for (const name of ["pointerup", "pointercancel"] as const) {
      canvas.addEventListener(name, () => this.#end());
    }
    canvas.addEventListener("pointerleave", () => this.#tellPen(undefined));
    canvas.addEventListener("keydown", (event) => this.#key(event));
    canvas.addEventListener("blur", () => {
      this.#end();
      this.#tellPen(undefined);
    });
  }

  #place({ clientX, clientY }: MouseEvent): Point {
    const { left, top, width, height } = this.#picture.getBoundingClientRect();
    return {
      x: (clientX - left) / width * SKETCH.width,
      y: (clientY - top) / height * SKETCH.height,
    };
  }

  #key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, readonly [number, number]>> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
    };
    const step = steps[event.key];
    if (step !== undefined) {
      const { x, y } = this.#keyPen;
      this.#keyPen = {
        x: Math.min(SKETCH.width, Math.max(0, x + step[0] * KEY_STEP)),
        y: Math.min(SKETCH.height, Math.max(0, y + step[1] * KEY_STEP)),
      };
      if (this.#stroke !== undefined) this.#extend([this.#keyPen]);
    } else if (event.key === " ") {
      if (this.#stroke === undefined) this.#begin(this.#keyPen);
      else this.#end();
    } else return;
    event.preventDefault();
    this.#tellPen(this.#keyPen);
  }

  #begin(point: Point): void {
    if (this.#doc.data === undefined) return;
    const id = `${ownId}-${Date.now().toString(36)}-${this.#count++}`;
    const [oldest] = Object.entries(this.#all());
    const isFull = Object.keys(this.#all()).length >= STROKES_MAX && oldest !== undefined;
    this.#stroke = id;
    this.#submit([
      ...isFull ? [{ p: ["strokes", oldest[0]], od: oldest[1] }] : [],
      { p: ["strokes", id], oi: { hue: ownSelf().hue, points: pointText(point) } },
    ]);
  }

  #extend(points: readonly Point[]): void {
    const id = this.#stroke;
    const stroke = id === undefined ? undefined : this.#all()[id];
    // Somebody has cleared the sketch meanwhile.
    if (id === undefined || stroke === undefined) return this.#end();
    const { length } = stroke.points;
    this.#submit([{ p: ["strokes", id, "points", length], si: points.map(pointText).join("") }]);
    if (length < STROKE_LENGTH_MAX) return;
    const last = points.at(-1);
    this.#end();
    if (last !== undefined) this.#begin(last);
  }

  #end(): void {
    this.#stroke = undefined;
    // A stroke is undone as one, and apart from the next.
    this.#undo.split();
  }

  #clear(): void {
    this.#undo.split();
    const all = Object.entries(this.#all());
    if (all.length > 0) {
      this.#submit(all.map(([id, stroke]) => ({ p: ["strokes", id], od: stroke })));
    }
    this.#undo.split();
  }

  #submit(op: readonly object[]): void {
    // What is refused is taken back by the document, and shown so.
    void this.#doc.submit(op).catch(() => {});
  }

  #tellPen(point: Point | undefined): void {
    const nowMs = performance.now();
    if (point !== undefined && nowMs - this.#toldAtMs < PEN_MS) return;
    this.#toldAtMs = nowMs;
    const place = point && { x: Math.round(point.x), y: Math.round(point.y) };
    this.#pens.set(ownId, place === undefined ? null : { ...ownSelf(), ...place });
    this.#renderPens(place);
  }

  /** The pens of the others; one's own as well while it is moved by keys. */
  #renderPens(own?: Point): void {
    const isByKeys = own !== undefined && this.#canvas.matches(":focus-visible");
    const all = [...this.#pens.others.values(), ...isByKeys ? [{ ...ownSelf(), ...own }] : []];
    this.#marks.replaceChildren(...all.flatMap((value) => {
      const person = personOf(value);
      const { x, y } = value as { readonly x?: unknown; readonly y?: unknown };
      if (person === undefined || typeof x !== "number" || typeof y !== "number") return [];
      const mark = draw("g", { class: `pen hue-${person.hue}`, transform: `translate(${x} ${y})` });
      mark.append(draw("circle", { r: 9 }), draw("text", { x: 16, y: 7 }, person.name));
      return [mark];
    }));
  }
}
