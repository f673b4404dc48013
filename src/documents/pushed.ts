/**
 * What it means to create a document of updates that is there already: updates commute, so it is one more of them.
 *
 * @module
 */

import { isUpdateType, type OtType } from "../ot/mod.ts";
import type { Change } from "./change.ts";

/** The creation of what is there already, where updates commute, as what it adds; any other change as it is. */
export function pushed(type: OtType | undefined, change: Change): Change {
  if (change.kind !== "create" || !isUpdateType(type)) return change;
  if (change.type !== type.uri && change.type !== type.name) return change;
  return change.data === undefined || change.data === ""
    ? { kind: "none" }
    : { kind: "op", op: change.data };
}
