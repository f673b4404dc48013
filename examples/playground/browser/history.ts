/**
 * Buttons and keys for undo and redo.
 *
 * @module
 */

import type { Doc, Undo } from "@holdfast/holdfast/documents/client";
import { element } from "./dom.ts";

/** Lets the two buttons of a part, and the keys while the focus is in it, undo and redo. */
export function startUndo(part: string, where: HTMLElement, undo: Undo, doc: Doc): void {
  const back = element(`${part}-undo`, HTMLButtonElement);
  const again = element(`${part}-redo`, HTMLButtonElement);
  const show = (): void => {
    // Said and not done: a button that is taken away takes the focus with it.
    back.setAttribute("aria-disabled", String(!undo.canUndo));
    again.setAttribute("aria-disabled", String(!undo.canRedo));
  };
  const run = (what: "undo" | "redo"): void => {
    // What is refused is told by the document.
    void undo[what]().catch(() => {});
    show();
  };
  back.addEventListener("click", () => run("undo"));
  again.addEventListener("click", () => run("redo"));
  where.addEventListener("keydown", (event) => {
    const { key, ctrlKey, metaKey, shiftKey } = event;
    if (!(ctrlKey || metaKey) || !/^[zy]$/i.test(key)) return;
    event.preventDefault();
    run(shiftKey || key.toLowerCase() === "y" ? "redo" : "undo");
  });
  // The history hears of an operation before or after this does, so look when both have.
  doc.on("op", () => queueMicrotask(show));
  show();
}
