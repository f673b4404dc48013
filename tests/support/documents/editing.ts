/**
 * Clients that edit one document together over ways that break, against real servers.
 *
 * @module
 */

import { deepStrictEqual } from "node:assert/strict";
import { connectLink } from "../../../src/documents/client/connect.ts";
import type { Connection } from "../../../src/documents/client/connection_face.ts";
import type { Doc } from "../../../src/documents/client/face.ts";
import type { LinkListener, OpenLink } from "../../../src/documents/client/link.ts";
import { text } from "../../../src/ot/mod.ts";
import { type Dice, diceFor } from "../../simulation/dice.ts";
import type { Edits } from "../../simulation/documents/edits.ts";
import { eventually } from "../eventually.ts";

/** A way that can be broken. */
export interface Breakable {
  readonly open: OpenLink;
  /** Breaks what is open: what is under way is lost, on both sides. */
  cut(): void;
}

/** Makes a way breakable. */
export function breakable(open: () => OpenLink): Breakable {
  const cuts = new Set<() => void>();
  return {
    open: (listener) => {
      let isOpen = true;
      const end = () => {
        isOpen = false;
        cuts.delete(cut);
      };
      const told: LinkListener = {
        opened: () => isOpen && listener.opened(),
        received: (text) => isOpen && listener.received(text),
        told: (messages) => isOpen && listener.told?.(messages),
        closed: (how) => {
          if (!isOpen) return;
          end();
          listener.closed(how);
        },
      };
      const link = open()(told);
      const cut = () => {
        end();
        link.close();
        queueMicrotask(() => listener.closed({ isFinal: false }));
      };
      cuts.add(cut);
      const close = () => {
        end();
        link.close();
      };
      const { send, tell } = link;
      return { send, ...tell && { tell }, close };
    },
    cut: () => {
      for (const cut of [...cuts]) cut();
    },
  };
}

/** How a party edits. */
export interface PartyOptions {
  /** The server that a client is led to when it opens a way. */
  readonly open: () => OpenLink;
  readonly edits: Edits;
  readonly seed: number;
  readonly clients?: number;
  readonly steps?: number;
}

interface Member {
  connection: Connection;
  readonly way: Breakable;
  readonly storage: Map<string, string>;
}

/** Lets clients edit one document until all have the same; gives the marks of what was acknowledged, and the document. */
export async function party(
  { open, edits, seed, clients = 3, steps = 60 }: PartyOptions,
): Promise<{ readonly data: unknown; readonly acknowledged: readonly string[] }> {
  const dice = diceFor(seed, "party");
  const acknowledged: string[] = [];
  const members = Array.from({ length: clients }, (): Member => {
    const way = breakable(open);
    const storage = new Map<string, string>();
    return { way, storage, connection: connectLink(way.open, { ...OPTIONS, storage }) };
  });
  try {
    const [first] = members;
    if (first === undefined) throw new Error("A party needs somebody");
    await docOf(first).create(edits.initial, { type: edits.type.uri });
    await Promise.all(members.map((member) => docOf(member).subscribe()));
    for (let step = 0; step < steps; step++) {
      act(dice, dice.pick(members), edits, `m${step}`, acknowledged);
      if (dice.chance(0.4)) await new Promise((resolve) => setTimeout(resolve, dice.whole(0, 4)));
    }
    const data = await agreed(members);
    return { data, acknowledged };
  } finally {
    for (const { connection } of members) connection.close();
  }
}

const OPTIONS = { types: [text], retry: 5, silence: 5_000 };

function docOf({ connection }: Member): Doc {
  const doc = connection.get("posts", "party");
  return doc;
}

function act(
  dice: Dice,
  member: Member,
  edits: Edits,
  mark: string,
  acknowledged: string[],
): void {
  const roll = dice.float();
  const doc = docOf(member);
  if (roll < 0.85) {
    if (doc.data === undefined) return;
    doc.submit(edits.edit(doc.data, dice, mark), { compose: !dice.chance(0.3) })
      .then(() => acknowledged.push(mark), () => {});
  } else if (roll < 0.95) member.way.cut();
  else {
    // The process ends, and another one comes with what it stored.
    member.way.cut();
    member.connection.close();
    member.connection = connectLink(member.way.open, { ...OPTIONS, storage: member.storage });
    docOf(member).subscribe().catch(() => {});
  }
}

async function agreed(members: readonly Member[]): Promise<unknown> {
  const [first, ...others] = members.map(docOf);
  await eventually("all clients have the same", () => {
    const docs = members.map(docOf);
    return docs.every((doc) =>
      !doc.hasPending && doc.isSubscribed && doc.version === docs[0]?.version
    );
  });
  for (const other of others) deepStrictEqual(other.data, first?.data);
  return first?.data;
}
