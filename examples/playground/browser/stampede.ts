/**
 * The stampede in this window: squares for callers, and two charts.
 *
 * @module
 */

import { CALLERS, STAMPEDE_PATH, type StampedeNews } from "../wire.ts";
import { Chart } from "./chart.ts";
import { announce, draw, element, show } from "./dom.ts";

const ROW = 50;
/** How long a run takes, about, in milliseconds: the end of the charts. */
const END_MS = 1_000;

type Way = "with" | "without";

/** Brings the stampede to life. */
export function startStampede(): void {
  const creations = new Chart(element("creations-chart", HTMLElement), {
    name: "Creations",
    endMs: END_MS,
    top: CALLERS / 2,
    unit: "",
  });
  const hits = new Chart(element("hits-chart", HTMLElement), {
    name: "Hit ratio",
    endMs: END_MS,
    top: 100,
    unit: " %",
  });
  for (const way of ["with", "without"] as const) {
    const button = element(`run-${way}`, HTMLButtonElement);
    const crowd = new Crowd(element(`crowd-${way}`, HTMLElement));
    button.addEventListener("click", async () => {
      if (button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      try {
        await run(way, crowd, { creations, hits });
      } catch {
        // The server went away in the middle.
        show(element(`result-${way}`, HTMLElement), "The server is away");
      }
      button.removeAttribute("aria-busy");
    });
  }
}

interface Charts {
  readonly creations: Chart;
  readonly hits: Chart;
}

async function run(way: Way, crowd: Crowd, { creations, hits }: Charts): Promise<void> {
  const result = element(`result-${way}`, HTMLElement);
  const [created, answered] = [new Set<number>(), new Set<number>()];
  crowd.clear();
  creations.begin(way);
  hits.begin(way);
  for await (const news of newsOf(way)) {
    for (const caller of news.creating) created.add(caller);
    for (const caller of news.answered) answered.add(caller);
    crowd.show(news);
    const served = [...answered].filter((caller) => !created.has(caller)).length;
    const ratio = answered.size === 0 ? undefined : served / answered.size * 100;
    creations.add(way, news.atMs, created.size);
    if (ratio !== undefined) hits.add(way, news.atMs, ratio);
    const count = created.size === 1 ? "1 creation" : `${created.size} creations`;
    const percent = ratio === undefined ? "" : `, hit ratio ${ratio.toFixed(1)} %`;
    const words = `${answered.size} callers answered, ${count}${percent}`;
    show(result, words);
    if (news.isOver) {
      announce(`${way === "with" ? "With the lease" : "By hand"}: ${words}`);
    }
  }
}

async function* newsOf(way: Way): AsyncGenerator<StampedeNews> {
  const lease = way === "with" ? "yes" : "no";
  const response = await fetch(`${STAMPEDE_PATH}?lease=${lease}`, { method: "POST" });
  if (!response.ok || response.body === null) throw new Error(`Answered ${response.status}`);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** A square for every caller. */
class Crowd {
  readonly #squares: readonly SVGRectElement[];

  constructor(where: HTMLElement) {
    const rows = Math.ceil(CALLERS / ROW);
    this.#squares = Array.from({ length: CALLERS }, (_, at) => {
      const [x, y] = [at % ROW * 10 + 1, Math.floor(at / ROW) * 10 + 1];
      return draw("rect", { x, y, width: 8, height: 8, rx: 2 });
    });
    where.append(draw("svg", { viewBox: `0 0 ${ROW * 10} ${rows * 10}` }, ...this.#squares));
  }

  clear(): void {
    for (const square of this.#squares) square.removeAttribute("class");
  }

  show({ arrived, creating, answered }: StampedeNews): void {
    for (const caller of arrived) this.#mark(caller, "waits");
    for (const caller of creating) this.#mark(caller, "creates");
    for (const caller of answered) this.#mark(caller, "has");
  }

  #mark(caller: number, name: string): void {
    this.#squares[caller]?.classList.add(name);
  }
}
