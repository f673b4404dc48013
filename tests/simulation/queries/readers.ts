/**
 * Who asks the queries of a run, and under which rules: everybody everything, or some documents are for nobody, or are
 * seen through a projection, or results are told only now and then.
 *
 * @module
 */

import { isJsonObject, type Json } from "../../../src/json.ts";
import type { TestServerOptions } from "../../support/documents/server.ts";
import { type Dice, oneOf } from "../../src/queries/draw.ts";

/** The collection that is edited. */
export const COLLECTION = "things";
/** The same, as a projection. */
const PROJECTION = "titles";
const SEEN = ["a", "c"];

/** The readers of a run. */
export interface Readers {
  /** What their server is made with. */
  readonly options: TestServerOptions;
  /** Under which name the next query asks. */
  readonly name: () => string;
  /** Whether a document is for them. */
  readonly mayRead: (id: string) => boolean;
  /** A document's data as it is seen under a name. */
  readonly seen: (name: string, data: Json | undefined) => Json | undefined;
}

/** Draws readers. */
export function drawReaders(dice: Dice): Readers {
  const isJudged = dice(0, 3) === 0;
  const isGathered = dice(0, 4) === 0;
  const [pollDebounce, pollInterval] = [dice(1, 300), oneOf(dice, [0, 700])];
  const mayRead = (id: string): boolean => !isJudged || Number(id) % 4 !== 0;
  const authorize = async ({ action, id }: { action: string; id: string | undefined }) => {
    // A rule takes as long as it takes.
    for (let turns = dice(0, 6); turns > 0; turns--) await null;
    return action !== "read" || id === undefined || mayRead(id);
  };
  return {
    options: {
      rules: {
        ...isJudged && { authorize },
        ...isGathered && {
          use: { query: (context) => void Object.assign(context, { pollDebounce, pollInterval }) },
        },
      },
      projections: { [PROJECTION]: { of: COLLECTION, fields: SEEN } },
    },
    name: () => dice(0, 4) === 0 ? PROJECTION : COLLECTION,
    mayRead,
    seen: (name, data) => {
      if (name !== PROJECTION || !isJsonObject(data)) return data;
      return Object.fromEntries(Object.entries(data).filter(([field]) => SEEN.includes(field)));
    },
  };
}
