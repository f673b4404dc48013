/**
 * The picture of the cluster: a circle of nodes and the links between them, each a button with a name.
 *
 * @module
 */

import { type ClusterView, NODE_COUNT, type NodeView } from "../wire.ts";
import { draw, make, show } from "./dom.ts";
import type { Point } from "./points.ts";

/** What is done with what is clicked. */
export interface PictureHands {
  node(id: number, life: NodeView["life"]): void;
  link(link: readonly [number, number], isCut: boolean): void;
}

/** The picture's size, in its own units. */
const SIZE = { width: 560, height: 500 } as const;
const CENTER: Point = { x: 280, y: 264 };
const RADIUS = 206;

/** The words for a node's part. */
export const ROLE_WORDS: Readonly<Record<NodeView["role"], string>> = {
  follower: "follower",
  preCandidate: "candidate to be",
  candidate: "candidate",
  leader: "leader",
};

/** Where a node is in the picture. */
export function placeOf(id: number): Point {
  const angle = (id - 1) / NODE_COUNT * 2 * Math.PI - Math.PI / 2;
  return { x: CENTER.x + RADIUS * Math.cos(angle), y: CENTER.y + RADIUS * Math.sin(angle) };
}

interface LinkView {
  readonly link: readonly [number, number];
  readonly line: SVGLineElement;
  readonly button: HTMLButtonElement;
}

/** The picture. */
export class Picture {
  /** Where messages fly. */
  readonly layer: SVGGElement = draw("g");
  readonly #nodes: readonly HTMLButtonElement[];
  readonly #links: readonly LinkView[];
  #view: ClusterView | undefined;

  constructor(where: HTMLElement, hands: PictureHands) {
    const lines = draw("g");
    const svg = draw("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, "aria-hidden": "true" });
    svg.append(lines, this.layer);
    where.append(svg);
    this.#links = everyPair().map((link) => this.#link(link, lines, hands));
    this.#nodes = Array.from({ length: NODE_COUNT }, (_, at) => this.#node(at + 1, hands));
    where.append(...this.#nodes, ...this.#links.map(({ button }) => button));
  }

  /** Shows the cluster as it is. */
  show(view: ClusterView): void {
    this.#view = view;
    for (const node of view.nodes) {
      const button = this.#nodes[node.id - 1];
      if (button !== undefined) showNode(button, node);
    }
    for (const { link: [a, b], line, button } of this.#links) {
      const isCut = this.#isCut([a, b]);
      line.classList.toggle("cut", isCut);
      button.setAttribute("aria-pressed", String(isCut));
      label(button, `Link between node ${a} and node ${b}, ${isCut ? "cut" : "whole"}`);
    }
  }

  #isCut([a, b]: readonly [number, number]): boolean {
    return this.#view?.cuts.some((cut) => cut[0] === a && cut[1] === b) ?? false;
  }

  #node(id: number, hands: PictureHands): HTMLButtonElement {
    const button = make("button", { type: "button", className: "node" });
    button.append(
      make("span", { className: "number", textContent: String(id) }),
      make("span", { className: "part" }),
    );
    put(button, placeOf(id));
    label(button, `Node ${id}`);
    button.addEventListener("click", () => {
      hands.node(id, this.#view?.nodes[id - 1]?.life ?? "running");
    });
    return button;
  }

  #link(link: readonly [number, number], lines: SVGGElement, hands: PictureHands): LinkView {
    const [a, b] = [placeOf(link[0]), placeOf(link[1])];
    const line = draw("line", { x1: a.x, y1: a.y, x2: b.x, y2: b.y });
    lines.append(line);
    const button = make("button", { type: "button", className: "link" });
    put(button, { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 });
    button.addEventListener("click", () => hands.link(link, this.#isCut(link)));
    return { link, line, button };
  }
}

function showNode(button: HTMLButtonElement, { id, life, role, term }: NodeView): void {
  button.dataset.role = life === "running" ? role : life;
  button.dataset.term = String(term % 8);
  const part = life === "running" ? ROLE_WORDS[role] : life;
  label(button, `Node ${id}, ${part}, term ${term}`);
  const words = button.querySelector(".part");
  if (words !== null) show(words, life === "running" ? `term ${term}` : life);
}

/** A label is set where it has changed: who reads a page aloud is not told the same again. */
function label(button: HTMLButtonElement, name: string): void {
  if (button.getAttribute("aria-label") !== name) button.setAttribute("aria-label", name);
}

function put(button: HTMLButtonElement, { x, y }: Point): void {
  button.style.left = `${x / SIZE.width * 100}%`;
  button.style.top = `${y / SIZE.height * 100}%`;
}

function everyPair(): readonly (readonly [number, number])[] {
  const ids = Array.from({ length: NODE_COUNT }, (_, at) => at + 1);
  return ids.flatMap((a) => ids.filter((b) => b > a).map((b) => [a, b] as const));
}
