/**
 * Markup from a template whose holes are escaped.
 *
 * @module
 */

/** Text that is markup already. */
export class Html {
  readonly #markup: string;

  constructor(markup: string) {
    this.#markup = markup;
  }

  toString(): string {
    return this.#markup;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Markup with every hole escaped, but for holes that are markup themselves, and lists of such. */
export function html(template: TemplateStringsArray, ...holes: readonly unknown[]): Html {
  const parts = template.map((text, i) => text + (i < holes.length ? filled(holes[i]) : ""));
  return new Html(parts.join(""));
}

function filled(hole: unknown): string {
  if (hole instanceof Html) return hole.toString();
  if (Array.isArray(hole)) return hole.map(filled).join("");
  return String(hole).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}
