/**
 * What the journal tells of documents, on one connection.
 *
 * @module
 */

import { assertNever } from "../../errors.ts";
import type { FollowEvent } from "../core.ts";
import type { Ground } from "./ground.ts";

/** The journal tells of a document. */
export function hear(ground: Ground, collection: string, event: FollowEvent): void {
  switch (event.kind) {
    case "ops": {
      const line = ground.lineIfAny(collection, event.id);
      for (const op of event.ops) {
        if (line?.stream !== undefined) ground.streams.tell(line, line.stream, event.epoch, op);
      }
      return;
    }
    case "gap":
      for (const line of ground.linesOf(collection)) {
        const isMeant = event.id === undefined || event.id === line.id;
        if (isMeant && line.stream !== undefined) ground.streams.mend(line, line.stream);
      }
      return;
    case "failed":
      return ground.fail("cannot follow the journal");
    default:
      return assertNever(event, "an event of a journal");
  }
}
