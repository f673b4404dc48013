/**
 * The desk in this window: one connection for the letter, the sketch and who is here.
 *
 * @module
 */

import {
  connectDocuments,
  type Connection,
  openPresence,
  type Presence,
} from "@holdfast/holdfast/documents/client";
import { text } from "@holdfast/holdfast/ot";
import { DESK, DOCUMENTS_PATH, ROOMS } from "../wire.ts";
import { element, make, show } from "./dom.ts";
import { startLetter } from "./letter.ts";
import { CuttableSocket, network, socketUrl } from "./network.ts";
import { avoidHuesOf, ownId, ownSelf, type Person, personOf, startSelf } from "./self.ts";
import { startSketch } from "./sketch.ts";

/** Brings the desk to life, and the list of people. */
export function startDesk(): void {
  const connection = connectDocuments(socketUrl(DOCUMENTS_PATH), {
    types: [text],
    webSocket: CuttableSocket,
  });
  const people = openPresence(connection, ROOMS.people);
  startSelf((person) => {
    people.set(ownId, { ...person });
    showPeople(people);
  });
  people.on("change", () => showPeople(people));
  void people.join().then(() => {
    avoidHuesOf(personsIn(people));
    people.set(ownId, { ...ownSelf() });
    showPeople(people);
  }, () => {});
  showPeople(people);
  startLetter(connection.get(DESK.collection, DESK.letter), connection, people);
  startSketch(connection.get(DESK.collection, DESK.sketch), connection);
  startState(connection);
}

function startState(connection: Connection): void {
  const state = element("desk-state", HTMLElement);
  const tell = (): void => {
    const isOnline = connection.state === "connected";
    const word = isOnline ? "In sync" : network.isCut ? "Cut off" : "Connecting";
    show(state, !isOnline && connection.hasPending ? `${word}, edits waiting` : word);
    state.dataset.state = isOnline ? "online" : "offline";
  };
  connection.on("state", tell);
  network.addEventListener("change", tell);
  element("desk", HTMLElement).addEventListener("input", tell);
}

function personsIn(people: Presence): readonly Person[] {
  return [...people.others.values()].map(personOf).filter((each) => each !== undefined);
}

function showPeople(people: Presence): void {
  const all = [{ ...ownSelf(), name: `${ownSelf().name} (you)` }, ...personsIn(people)];
  element("people", HTMLUListElement).replaceChildren(
    ...all.map(({ name, hue }) => make("li", { className: `person hue-${hue}` }, name)),
  );
}
