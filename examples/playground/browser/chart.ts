/**
 * A chart of two lines over time.
 *
 * @module
 */

import { draw, show } from "./dom.ts";

/** What a chart shows. */
export interface ChartOptions {
  readonly name: string;
  /** Where time ends, in milliseconds; it grows if need be. */
  readonly endMs: number;
  /** The highest value. */
  readonly top: number;
  /** What stands behind a value. */
  readonly unit: string;
}

/** Which of the lines. */
export type Line = "with" | "without";

const SIZE = { width: 480, height: 200, left: 44, right: 84, top: 14, bottom: 30 } as const;
const WORDS: Readonly<Record<Line, string>> = { with: "lease", without: "by hand" };

interface Series {
  readonly path: SVGPathElement;
  readonly label: SVGTextElement;
  points: readonly (readonly [atMs: number, value: number])[];
}

/** A chart. Its name for screen readers says how the lines end. */
export class Chart {
  readonly #options: ChartOptions;
  readonly #svg: SVGSVGElement;
  readonly #axes = draw("g", { class: "axes" });
  /** Words in the middle while there is no line. */
  readonly #empty = draw("text", {
    class: "time",
    x: (SIZE.left + SIZE.width - SIZE.right) / 2,
    y: SIZE.height / 4,
  });
  readonly #series: Readonly<Record<Line, Series>>;
  #endMs: number;

  constructor(where: HTMLElement, options: ChartOptions) {
    this.#options = options;
    this.#endMs = options.endMs;
    this.#series = { with: newSeries("with"), without: newSeries("without") };
    this.#svg = draw("svg", {
      viewBox: `0 0 ${SIZE.width} ${SIZE.height}`,
      role: "img",
      class: "chart",
    });
    const lines = Object.values(this.#series).flatMap(({ path, label }) => [path, label]);
    this.#svg.append(this.#axes, this.#empty, ...lines);
    where.append(this.#svg);
    this.#drawAxes();
    this.#draw();
  }

  /** Begins a line anew. */
  begin(line: Line): void {
    this.#series[line].points = [];
    this.#draw();
  }

  /** Goes on with a line. */
  add(line: Line, atMs: number, value: number): void {
    const series = this.#series[line];
    series.points = [...series.points, [atMs, value]];
    if (atMs > this.#endMs) {
      this.#endMs = Math.ceil(atMs / 500) * 500;
      this.#drawAxes();
    }
    this.#draw();
  }

  #draw(): void {
    const { name, unit } = this.#options;
    const ends = (["with", "without"] as const).map((line) => {
      const { path, label, points } = this.#series[line];
      const last = points.at(-1);
      path.setAttribute(
        "d",
        points.map(([x, y], at) => `${at === 0 ? "M" : "L"}${this.#at(x, y)}`).join(""),
      );
      if (last === undefined) {
        show(label, "");
        return `${WORDS[line]}: not run yet`;
      }
      const value = `${Number(last[1].toFixed(1))}${unit}`;
      show(label, `${value} ${WORDS[line]}`);
      const [x = 0, y = 0] = this.#at(...last).split(" ").map(Number);
      label.setAttribute("x", String(x + 6));
      label.setAttribute("y", String(y + (line === "with" && this.#isClose() ? -4 : 4)));
      return `${WORDS[line]}: ${value} in the end`;
    });
    const isEmpty = Object.values(this.#series).every(({ points }) => points.length === 0);
    show(this.#empty, isEmpty ? "drawn while callers are served" : "");
    this.#svg.setAttribute("aria-label", `${name}. ${ends.join("; ")}`);
  }

  /** Whether the ends of the two lines are so close that their words would meet. */
  #isClose(): boolean {
    const [a, b] = [this.#series.with.points.at(-1), this.#series.without.points.at(-1)];
    if (a === undefined || b === undefined) return false;
    return Math.abs(a[1] - b[1]) < this.#options.top / 12;
  }

  #at(atMs: number, value: number): string {
    const width = SIZE.width - SIZE.left - SIZE.right;
    const height = SIZE.height - SIZE.top - SIZE.bottom;
    const x = SIZE.left + atMs / this.#endMs * width;
    const y = SIZE.top + (1 - Math.min(1, value / this.#options.top)) * height;
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  }

  #drawAxes(): void {
    const { top } = this.#options;
    const rows = [0, top / 2, top].flatMap((value) => {
      const [x, y] = this.#at(0, value).split(" ");
      return [
        draw("line", { x1: x ?? 0, x2: SIZE.width - SIZE.right, y1: y ?? 0, y2: y ?? 0 }),
        draw("text", { x: SIZE.left - 8, y: Number(y) + 4, class: "value" }, String(value)),
      ];
    });
    const marks = Array.from({ length: Math.floor(this.#endMs / 500) + 1 }, (_, at) => {
      const [x] = this.#at(at * 500, 0).split(" ");
      const words = at === 0 ? "0" : `${at / 2} s`;
      return draw("text", { x: x ?? 0, y: SIZE.height - 8, class: "time" }, words);
    });
    this.#axes.replaceChildren(...rows, ...marks);
  }
}

function newSeries(line: Line): Series {
  return {
    path: draw("path", { class: `line ${line}` }),
    label: draw("text", { class: `end ${line}` }),
    points: [],
  };
}
