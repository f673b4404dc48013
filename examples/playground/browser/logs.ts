/**
 * The logs of the nodes, under each other by index, and what the client was promised.
 *
 * @module
 */

import type { ClusterView, LogCell, NodeView, WriteView } from "../wire.ts";
import { element, make, show } from "./dom.ts";
import { ROLE_WORDS } from "./picture.ts";

/** How many places of the logs are shown. */
const COLUMNS = 8;

/** Shows the table of logs and the list of writes. */
export function showLogs({ nodes, writes }: ClusterView): void {
  const body = element("logs", HTMLTableElement).tBodies[0];
  if (body === undefined) return;
  while (body.rows.length < nodes.length) body.append(newRow());
  const last = Math.max(COLUMNS, ...nodes.map(({ log }) => log.at(-1)?.index ?? 0));
  nodes.forEach((node, at) => {
    const row = body.rows[at];
    if (row !== undefined) showRow(row, node, last - COLUMNS + 1);
  });
  showWrites(writes);
}

function newRow(): HTMLTableRowElement {
  const head = make("th", { scope: "row" });
  const cells = Array.from({ length: 4 }, () => make("td"));
  const log = make("td", { className: "log" });
  const words = make("span", { className: "unseen" });
  const places = Array.from({ length: COLUMNS }, () => make("span", { className: "entry" }));
  for (const place of places) place.setAttribute("aria-hidden", "true");
  log.append(words, ...places);
  return make("tr", {}, head, ...cells, log);
}

function showRow(row: HTMLTableRowElement, node: NodeView, first: number): void {
  const { id, life, role, term, vote, commit, log } = node;
  row.dataset.life = life;
  const texts = [
    String(id),
    life === "running" ? ROLE_WORDS[role] : life,
    life === "killed" ? "–" : String(term),
    vote === undefined ? "–" : String(vote),
    life === "killed" ? "–" : String(commit),
  ];
  texts.forEach((text, at) => show(row.cells[at] ?? row, text));
  const last = log.at(-1)?.index ?? 0;
  const [words, ...places] = row.cells[5]?.children ?? [];
  if (words !== undefined) show(words, `up to ${last}`);
  places.forEach((place, at) => {
    const cell = log.find(({ index }) => index === first + at);
    showEntry(place, cell, first + at <= commit);
  });
}

function showEntry(place: Element, cell: LogCell | undefined, isCommitted: boolean): void {
  show(place, cell === undefined ? "" : cell.write === undefined ? "·" : String(cell.write));
  const kind = cell === undefined ? "none" : `term-${cell.term % 8}${isCommitted ? " done" : ""}`;
  const name = `entry ${kind}`;
  if (place.className !== name) place.className = name;
}

function showWrites(writes: readonly WriteView[]): void {
  const list = element("write-list", HTMLOListElement);
  const newest = String(writes[0]?.number ?? 0);
  if (list.dataset.newest === newest) return;
  list.dataset.newest = newest;
  list.replaceChildren(...writes.map(({ number, index, term, node, attempts, tookMs }) => {
    const tries = attempts === 1 ? "" : `, ${attempts} attempts`;
    const seconds = (tookMs / 1000).toFixed(1);
    return make(
      "li",
      {},
      make("b", {}, String(number)),
      `: index ${index}, term ${term}, node ${node}, ${seconds} s${tries}`,
    );
  }));
}
