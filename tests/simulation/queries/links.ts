/**
 * Connections to a server within the process, which are easily cut and come back.
 *
 * @module
 */

import type { Clock } from "../../../src/clock.ts";
import { connectLink } from "../../../src/documents/client/connect.ts";
import type { Connection } from "../../../src/documents/client/connection_face.ts";
import type { Link, OpenLink } from "../../../src/documents/client/link.ts";
import type { DocumentServer } from "../../../src/documents/protocol/server.ts";
import type { Random } from "../../../src/random.ts";

/** What a connection needs. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** What cuts each open link. */
  readonly cuts: Set<() => void>;
}

/** A connection. */
export function connectThrough(
  server: DocumentServer,
  { clock, random, cuts }: LinkOptions,
): Connection {
  const open = server.link("");
  const openLink: OpenLink = (on) => {
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      cuts.delete(cut);
      on.closed({ isFinal: false });
    };
    const link: Link = open({
      opened: () => isOver || on.opened(),
      received: (text) => isOver || on.received(text),
      closed: end,
    });
    const cut = (): void => {
      link.close();
      end();
    };
    cuts.add(cut);
    return { send: (text) => link.send(text), close: cut };
  };
  return connectLink(openLink, { clock, random, retry: "10ms" });
}
