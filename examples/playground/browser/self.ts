/**
 * Who sits in front of this page: a name, a colour, and an id that is nobody else's.
 *
 * @module
 */

import { element } from "./dom.ts";

const NAMES = ["Heron", "Otter", "Gannet", "Puffin", "Limpet", "Tern", "Eider", "Seal", "Crab"];
const HUES = 8;

/** Somebody on the page. */
export interface Person {
  readonly name: string;
  /** One of eight colours. */
  readonly hue: number;
}

const dice = crypto.getRandomValues(new Uint32Array(3));
/** This page's id in every room. */
export const ownId: string = dice.join("-");

let self: Person = {
  name: NAMES[(dice[0] ?? 0) % NAMES.length] ?? "Heron",
  hue: (dice[1] ?? 0) % HUES,
};

/** Who one is now. */
export function ownSelf(): Person {
  return self;
}

/** Lets the name be changed; calls back with who one has become. */
export function startSelf(changed: (person: Person) => void): void {
  const input = element("name", HTMLInputElement);
  input.value = self.name;
  input.addEventListener("input", () => {
    self = { ...self, name: input.value.trim() || "Somebody" };
    changed(self);
  });
}

/** Takes another colour, if somebody has one's own. */
export function avoidHuesOf(others: readonly Person[]): void {
  const taken = others.map(({ hue }) => hue);
  while (taken.length < HUES && taken.includes(self.hue)) {
    self = { ...self, hue: (self.hue + 1) % HUES };
  }
}

/** What somebody else says of himself, if it is that. */
export function personOf(value: unknown): Person | undefined {
  if (typeof value !== "object" || value === null || !("name" in value)) return undefined;
  const { name } = value;
  const hue = "hue" in value ? Number(value.hue) : 0;
  return typeof name === "string" ? { name: name.slice(0, 20), hue: hue % HUES } : undefined;
}
