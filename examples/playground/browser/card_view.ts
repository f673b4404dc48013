/**
 * A card as it is seen and handled.
 *
 * @module
 */

import { type Card, COLUMN_TITLES, COLUMNS } from "../wire.ts";
import { make, show } from "./dom.ts";

/** What a person does to a card. */
export interface CardHands {
  rename(title: string): void;
  remove(): void;
  /** To the column before or after. */
  step(by: -1 | 1): void;
  /** Above the card that is above it. */
  lift(): void;
  dragged(): void;
}

/** How long a change is seen as one, in milliseconds. */
const FLASH_MS = 900;

/** A card's element. */
export class CardView {
  readonly element: HTMLLIElement;
  readonly #title = make("input", { className: "title", maxLength: 60, spellcheck: false });
  readonly #detail = make("p", { className: "detail" });
  readonly #back = make("button", { type: "button", textContent: "←" });
  readonly #on = make("button", { type: "button", textContent: "→" });
  readonly #up = make("button", { type: "button", textContent: "↑" });
  readonly #remove = make("button", { type: "button", textContent: "×" });
  #flashTimer: number | undefined;

  constructor(hands: CardHands) {
    const grip = make("span", { className: "grip", draggable: true, textContent: "⠿" });
    grip.setAttribute("aria-hidden", "true");
    const buttons = make(
      "div",
      { className: "buttons" },
      this.#up,
      this.#back,
      this.#on,
      this.#remove,
    );
    this.element = make(
      "li",
      { className: "card" },
      grip,
      make("div", { className: "body" }, this.#title, this.#detail),
      buttons,
    );
    grip.addEventListener("dragstart", (event) => {
      event.dataTransfer?.setDragImage(this.element, 12, 20);
      hands.dragged();
    });
    this.#title.addEventListener("change", () => hands.rename(this.#title.value));
    this.#title.addEventListener("keydown", ({ key }) => {
      if (key === "Enter") this.#title.blur();
    });
    this.#back.addEventListener("click", () => hands.step(-1));
    this.#on.addEventListener("click", () => hands.step(1));
    this.#up.addEventListener("click", () => hands.lift());
    this.#remove.addEventListener("click", () => hands.remove());
  }

  /** Where its middle is, from the top of the window. */
  get middle(): number {
    const { top, height } = this.element.getBoundingClientRect();
    return top + height / 2;
  }

  show({ title, detail, column }: Card): void {
    if (this.#title !== document.activeElement || this.#title.value.trim() === "") {
      this.#title.value = title;
    }
    show(this.#detail, detail);
    this.#title.setAttribute("aria-label", `Title of ${title}`);
    this.#up.setAttribute("aria-label", `Move ${title} up`);
    this.#remove.setAttribute("aria-label", `Remove ${title}`);
    const at = COLUMNS.indexOf(column);
    step(this.#back, title, COLUMNS[at - 1]);
    step(this.#on, title, COLUMNS[at + 1]);
  }

  /** The focus stays on the card, also where the button that had it is of no use any more. */
  focusStep(by: -1 | 1): void {
    const [wanted, other] = by === 1 ? [this.#on, this.#back] : [this.#back, this.#on];
    (wanted.disabled ? other : wanted).focus();
  }

  flash(): void {
    clearTimeout(this.#flashTimer);
    this.element.classList.add("fresh");
    this.#flashTimer = setTimeout(() => this.element.classList.remove("fresh"), FLASH_MS);
  }
}

function step(button: HTMLButtonElement, title: string, to: Card["column"] | undefined): void {
  button.disabled = to === undefined;
  const where = to === undefined ? "further" : `to ${COLUMN_TITLES[to]}`;
  button.setAttribute("aria-label", `Move ${title} ${where}`);
}
