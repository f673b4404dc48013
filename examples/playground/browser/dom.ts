/**
 * What the page's parts need of the page.
 *
 * @module
 */

/** The element of an id. @throws {Error} if the page has none of that kind. */
export function element<Kind extends Element>(id: string, Kind: abstract new () => Kind): Kind {
  const found = document.getElementById(id);
  if (found instanceof Kind) return found;
  throw new Error(`The page has no ${Kind.name} called ${id}`);
}

/** A new element with properties of its own, and what is in it. */
export function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  properties: Partial<HTMLElementTagNameMap[Name]> = {},
  ...content: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...content);
  return made;
}

/** A new element of a picture with attributes. */
export function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Readonly<Record<string, string | number>> = {},
  ...content: readonly (Node | string)[]
): SVGElementTagNameMap[Name] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.append(...content);
  return made;
}

/** Shows a text where it is not shown already, so that a screen reader hears it once. */
export function show(where: Element, text: string): void {
  if (where.textContent !== text) where.textContent = text;
}

/** Tells people who do not see the page what happened on it. */
export function announce(text: string): void {
  show(element("news", HTMLElement), text);
}

/** Whether somebody asked for less motion. */
export function prefersStillness(): boolean {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}
