/**
 * The board in this window: a live collection of cards, three columns, and what a person can do to a card.
 *
 * @module
 */

import { connectSync, type RecordOf, type SyncCollection } from "@holdfast/holdfast/sync/client";
import { type Card, CARD_MODEL, COLUMN_TITLES, COLUMNS, SYNC_PATH } from "../wire.ts";
import { CardView } from "./card_view.ts";
import { announce, element, make, show } from "./dom.ts";
import { CuttableSocket, network, socketUrl } from "./network.ts";

type CardRecord = RecordOf<Card>;

/** Brings the board to life. */
export function startBoard(): void {
  const client = connectSync(socketUrl(SYNC_PATH), {
    WebSocket: CuttableSocket,
    onConflict: "lastWrite",
  });
  const cards = client.collection<Card>(CARD_MODEL, { order: (a, b) => a.rank - b.rank });
  const board = new Board(cards);
  const state = element("board-state", HTMLElement);
  const tell = (): void => {
    const waiting = client.pending === 0 ? "" : `, ${writes(client.pending)} waiting`;
    const word = client.state === "online" ? "In sync" : network.isCut ? "Cut off" : "Connecting";
    show(state, `${word}${waiting}`);
    state.dataset.state = client.state;
  };
  const changed = (): void => {
    board.render();
    tell();
  };
  cards.on("upsert", ({ record, isPending, replaces }) => {
    if (replaces !== undefined) board.renamed(replaces, record.id);
    changed();
    if (!isPending) board.flash(record.id);
    // What is acknowledged is counted off after its listeners were told.
    queueMicrotask(tell);
  });
  cards.on("delete", changed);
  cards.on("reset", changed);
  client.on("state", tell);
  client.on("refused", ({ error }) => announce(`The board did not take it: ${error.message}`));
  network.addEventListener("change", () => {
    tell();
    if (!network.isCut) client.connect();
  });
  cards.ready.then(changed, () => show(state, "The board cannot be read"));
  startForm(cards);
}

function writes(count: number): string {
  return count === 1 ? "1 write" : `${count} writes`;
}

function startForm(cards: SyncCollection<Card>): void {
  const title = element("card-title", HTMLInputElement);
  element("card-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const text = title.value.trim();
    if (text === "") return;
    const rank = rankAtEnd(cards.records, "wish");
    void cards.upsert({ title: text, detail: "", column: "wish", rank }).catch(() => {});
    announce(`${text} is on the board`);
    title.value = "";
    title.focus();
  });
}

function rankAtEnd(records: readonly CardRecord[], column: Card["column"]): number {
  return Math.max(0, ...records.filter((card) => card.column === column).map(({ rank }) => rank)) +
    1;
}

/** A rank between two, or at an end where there is none. */
function between(before: number | undefined, after: number | undefined): number {
  return ((before ?? (after ?? 0) - 2) + (after ?? (before ?? 0) + 2)) / 2;
}

/** The columns, and the views of the cards by their ids. */
class Board {
  readonly #cards: SyncCollection<Card>;
  readonly #lists = new Map<Card["column"], HTMLUListElement>();
  readonly #counts = new Map<Card["column"], HTMLElement>();
  readonly #views = new Map<CardRecord["id"], CardView>();
  #dragged: CardRecord["id"] | undefined;

  constructor(cards: SyncCollection<Card>) {
    this.#cards = cards;
    const columns = element("columns", HTMLElement);
    for (const column of COLUMNS) columns.append(this.#column(column));
  }

  /** A card's temporary id has become another. */
  renamed(before: CardRecord["id"], id: CardRecord["id"]): void {
    const view = this.#views.get(before);
    if (view === undefined) return;
    this.#views.delete(before);
    this.#views.set(id, view);
  }

  /** Shows that a card was changed just now. */
  flash(id: CardRecord["id"]): void {
    this.#views.get(id)?.flash();
  }

  /** Shows the cards as they are, and keeps the focus where it is. */
  render(): void {
    const focused = document.activeElement;
    // By their own ids: the collection knows a record by its temporary one as well.
    const ids = new Set(this.#cards.records.map(({ id }) => id));
    for (const [id, view] of this.#views) {
      if (ids.has(id)) continue;
      view.element.remove();
      this.#views.delete(id);
    }
    for (const column of COLUMNS) this.#fill(column);
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  }

  #fill(column: Card["column"]): void {
    const list = this.#lists.get(column);
    const cards = this.#cards.records.filter((card) => card.column === column);
    show(this.#counts.get(column) ?? document.body, String(cards.length));
    cards.forEach((card, at) => {
      const view = this.#viewOf(card);
      view.show(card);
      if (list?.children[at] !== view.element) {
        list?.insertBefore(view.element, list.children[at] ?? null);
      }
    });
  }

  #viewOf(card: CardRecord): CardView {
    const known = this.#views.get(card.id);
    if (known !== undefined) return known;
    const view: CardView = new CardView({
      rename: (title) => this.#change(view, { title }),
      remove: () => this.#remove(view),
      step: (by) => this.#step(view, by),
      lift: () => this.#lift(view),
      dragged: () => this.#dragged = this.#idOf(view),
    });
    this.#views.set(card.id, view);
    return view;
  }

  #idOf(view: CardView): CardRecord["id"] | undefined {
    return [...this.#views].find(([, other]) => other === view)?.[0];
  }

  #change(view: CardView, fields: Partial<Card>): void {
    const id = this.#idOf(view);
    if (id === undefined) return;
    // What is refused is told to the listener of `refused`.
    void this.#cards.upsert({ id, ...fields }, { patch: true }).catch(() => {});
  }

  #remove(view: CardView): void {
    const id = this.#idOf(view);
    if (id === undefined) return;
    void this.#cards.delete(id).catch(() => {});
    announce("The card is gone");
    element("card-title", HTMLInputElement).focus();
  }

  #step(view: CardView, by: -1 | 1): void {
    const id = this.#idOf(view);
    const card = id === undefined ? undefined : this.#cards.get(id);
    const column = card && COLUMNS[COLUMNS.indexOf(card.column) + by];
    if (card === undefined || column === undefined) return;
    this.#change(view, { column, rank: rankAtEnd(this.#cards.records, column) });
    view.focusStep(by);
    announce(`${card.title} is in ${COLUMN_TITLES[column]}`);
  }

  #lift(view: CardView): void {
    const id = this.#idOf(view);
    const card = id === undefined ? undefined : this.#cards.get(id);
    if (card === undefined) return;
    const above = this.#cards.records.filter(({ column, rank }) =>
      column === card.column && rank < card.rank
    );
    const [before, after] = [above.at(-2)?.rank, above.at(-1)?.rank];
    if (after === undefined) return;
    this.#change(view, { rank: between(before, after) });
    announce(`${card.title} is one higher`);
  }

  #column(column: Card["column"]): HTMLElement {
    const list = make("ul");
    const count = make("span", { className: "count" });
    const title = make("h3", { id: `column-${column}` }, COLUMN_TITLES[column]);
    const made = make("div", { className: "column" }, make("header", {}, title, count), list);
    made.setAttribute("role", "group");
    made.setAttribute("aria-labelledby", title.id);
    made.addEventListener("dragover", (event) => event.preventDefault());
    made.addEventListener("drop", (event) => {
      event.preventDefault();
      this.#drop(column, event.clientY);
    });
    this.#lists.set(column, list);
    this.#counts.set(column, count);
    return made;
  }

  /** Between the two cards where the pointer is. */
  #drop(column: Card["column"], y: number): void {
    const view = this.#dragged === undefined ? undefined : this.#views.get(this.#dragged);
    if (view === undefined) return;
    const others = this.#cards.records.filter((card) =>
      card.column === column && card.id !== this.#dragged
    );
    const below = others.findIndex(({ id }) => (this.#views.get(id)?.middle ?? 0) > y);
    const at = below === -1 ? others.length : below;
    const [before, after] = [others[at - 1]?.rank, others[at]?.rank];
    this.#change(view, { column, rank: between(before, after) });
  }
}
