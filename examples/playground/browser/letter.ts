/**
 * The letter: a text area over a text document, with the cursors of the others.
 *
 * @module
 */

import {
  type Connection,
  createUndo,
  type Doc,
  openPresence,
  type Presence,
} from "@holdfast/holdfast/documents/client";
import { text, type TextOp } from "@holdfast/holdfast/ot";
import { element, make, show } from "./dom.ts";
import { startUndo } from "./history.ts";
import { ownId, type Person, personOf } from "./self.ts";

/** What this editor gives along with its edits, so that it knows them again. */
const EDITOR = {};

/** Brings the letter to life. */
export function startLetter(doc: Doc, connection: Connection, people: Presence): void {
  const area = element("letter", HTMLTextAreaElement);
  const cursors = openPresence(connection, doc);
  const shown = (): string => typeof doc.data === "string" ? doc.data : "";
  const showCursors = (): void => drawCursors(shown(), cursors, people);

  const load = (): void => {
    area.value = shown();
    area.disabled = false;
    showCursors();
  };
  doc.on("load", load);
  doc.on("create", load);
  doc.on("op", ({ op, origin }) => {
    // An operation of the text's own type: the document has no other.
    if (origin !== EDITOR) follow(area, shown(), op as TextOp);
    showCursors();
  });
  area.addEventListener("input", () => {
    const op = difference(shown(), area.value);
    if (op.length > 0) void doc.submit(op, { origin: EDITOR }).catch(() => {});
    tellCursor();
  });
  const tellCursor = (): void => {
    const isHere = document.activeElement === area;
    const { selectionStart: anchor, selectionEnd: focus } = area;
    cursors.set(ownId, isHere ? [anchor, focus] : null);
  };
  document.addEventListener("selectionchange", tellCursor);
  area.addEventListener("focus", tellCursor);
  area.addEventListener("blur", tellCursor);
  cursors.on("change", showCursors);
  people.on("change", showCursors);
  startUndo("letter", area, createUndo(doc), doc);
  void doc.subscribe().then(load, () => {});
  void cursors.join().catch(() => {});
}

/** Shows what others did, and leaves one's own cursor where it was in the text. */
function follow(area: HTMLTextAreaElement, value: string, op: TextOp): void {
  const { selectionStart, selectionEnd, selectionDirection } = area;
  const [start, end] = [selectionStart, selectionEnd].map((at) => text.transformPosition(at, op));
  area.value = value;
  area.setSelectionRange(start ?? 0, end ?? 0, selectionDirection);
}

/** The operation between two texts that differ in one place. */
function difference(before: string, after: string): TextOp {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before[start] === after[start]) start++;
  let end = 0;
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++;
  // A character of two units is not cut in half.
  if (/[\uD800-\uDBFF]/.test(before[start - 1] ?? "")) start--;
  if (/[\uDC00-\uDFFF]/.test(before[before.length - end] ?? "")) end--;
  const [gone, come] = [
    before.slice(start, before.length - end),
    after.slice(start, after.length - end),
  ];
  return [
    ...start > 0 ? [start] : [],
    ...gone === "" ? [] : [{ d: gone.length }],
    ...come === "" ? [] : [come],
  ].filter((_, __, all) => all.some((part) => typeof part !== "number"));
}

interface Cursor extends Person {
  readonly from: number;
  readonly to: number;
  readonly at: number;
}

/** The same text again, unseen, with a mark at every cursor: so the browser itself finds their places. */
function drawCursors(value: string, cursors: Presence, people: Presence): void {
  const all = cursorsOf(value, cursors, people);
  const mirror = element("letter-cursors", HTMLElement);
  const parts: (Node | string)[] = [];
  let done = 0;
  for (const { name, hue, at } of all) {
    parts.push(value.slice(done, at));
    const flag = make("span", { className: "flag" }, name);
    parts.push(make("span", { className: `caret hue-${hue}` }, flag));
    done = at;
  }
  // A line that ends with nothing has no height of its own.
  mirror.replaceChildren(...parts, `${value.slice(done)}\u200b`);
  const words = all.map(({ name, at }) => `${name} is in line ${lineOf(value, at)}`);
  show(
    element("letter-others", HTMLElement),
    words.length === 0 ? "Nobody else is in the letter" : words.join(", "),
  );
}

function cursorsOf(value: string, cursors: Presence, people: Presence): readonly Cursor[] {
  return [...cursors.others].flatMap(([id, selection]): Cursor[] => {
    const person = personOf(people.others.get(id)) ?? { name: "Somebody", hue: 0 };
    const [anchor, focus] = [selection, selection].flat().map((at) =>
      Math.min(Math.max(0, Number(at) || 0), value.length)
    );
    const at = focus ?? 0;
    return [{ ...person, at, from: Math.min(anchor ?? at, at), to: Math.max(anchor ?? at, at) }];
  }).sort((a, b) => a.at - b.at);
}

function lineOf(value: string, at: number): number {
  return value.slice(0, at).split("\n").length;
}
