/**
 * The cluster in this window: what the stream of events says is shown, what a person clicks is sent.
 *
 * @module
 */

import {
  CLUSTER_PATH,
  type ClusterAction,
  type ClusterNews,
  type ClusterView,
  type Pace,
} from "../wire.ts";
import { announce, element, make, show } from "./dom.ts";
import { Flights } from "./flights.ts";
import { showLogs } from "./logs.ts";
import { Picture } from "./picture.ts";

/** How many lines of what happened are kept. */
const TOLD_MAX = 6;

/** Brings the cluster to life. */
export function startCluster(): void {
  const where = element("cluster-picture", HTMLElement);
  const picture = new Picture(where, {
    node: (id, life) => act({ kind: life === "running" ? tool() : revive(life), node: id }),
    link: (link, isCut) => act({ kind: isCut ? "mend" : "cut", link }),
  });
  const flights = new Flights(picture.layer);
  const state = element("cluster-state", HTMLElement);
  // It comes back by itself when it is lost.
  const stream = new EventSource(CLUSTER_PATH);
  stream.addEventListener("message", ({ data }) => {
    const news: ClusterNews = JSON.parse(data);
    picture.show(news.view);
    flights.show(news.flights);
    showLogs(news.view);
    showControls(news.view);
    tell(news.told);
    show(state, stateOf(news.view));
    state.dataset.state = leaderOf(news.view) === undefined ? "offline" : "online";
  });
  stream.addEventListener("error", () => {
    show(state, "The server is away");
    state.dataset.state = "offline";
  });
  startControls();
}

function revive(life: "paused" | "killed"): "resume" | "restart" {
  return life === "paused" ? "resume" : "restart";
}

function tool(): "kill" | "pause" {
  return document.querySelector<HTMLInputElement>("input[name=tool]:checked")?.value === "pause"
    ? "pause"
    : "kill";
}

function act(action: ClusterAction): void {
  const headers = { "content-type": "application/json" };
  fetch(CLUSTER_PATH, { method: "POST", headers, body: JSON.stringify(action) })
    .catch(() => announce("The server is away"));
}

function startControls(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[name=pace]")) {
    input.addEventListener("change", () => {
      const pace: Pace = input.value === "4" ? 4 : 10;
      act({ kind: "pace", pace });
    });
  }
  const writes = element("writes", HTMLButtonElement);
  writes.addEventListener("click", () => {
    act({ kind: "writes", isOn: writes.getAttribute("aria-pressed") !== "true" });
  });
  element("write", HTMLButtonElement).addEventListener("click", () => act({ kind: "write" }));
  element("heal", HTMLButtonElement).addEventListener("click", () => act({ kind: "heal" }));
}

/** What somebody in another window has set is set here, too. */
function showControls({ pace, writesAreOn }: ClusterView): void {
  element("writes", HTMLButtonElement).setAttribute("aria-pressed", String(writesAreOn));
  for (const input of document.querySelectorAll<HTMLInputElement>("input[name=pace]")) {
    input.checked = input.value === String(pace);
  }
}

function leaderOf({ nodes }: ClusterView): ClusterView["nodes"][number] | undefined {
  return nodes
    .filter(({ role, life }) => role === "leader" && life === "running")
    .sort((a, b) => b.term - a.term)[0];
}

function stateOf(view: ClusterView): string {
  const { acknowledged, waiting } = view;
  const leader = leaderOf(view);
  const who = leader === undefined
    ? "Nobody leads"
    : `Node ${leader.id} leads in term ${leader.term}`;
  const tries = waiting !== undefined && waiting.attempts > 1
    ? `, write ${waiting.number} in its ${waiting.attempts}th attempt`.replace("2th", "2nd")
      .replace("3th", "3rd")
    : "";
  return `${who}, ${acknowledged} ${acknowledged === 1 ? "write" : "writes"} acknowledged${tries}`;
}

function tell(told: readonly string[]): void {
  const list = element("told", HTMLOListElement);
  for (const what of told) {
    list.prepend(make("li", {}, what));
    if (what.includes("leads")) announce(what);
  }
  while (list.children.length > TOLD_MAX) list.lastElementChild?.remove();
}
