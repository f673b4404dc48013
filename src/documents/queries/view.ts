/**
 * A collection as somebody asks for it: itself, or a projection of it.
 *
 * @module
 */

import type { FollowEvent, Snapshot } from "../core.ts";
import type { WireSnapshot } from "../protocol/messages.ts";
import { snapshotOnWire } from "../protocol/wire.ts";
import { ProjectionView } from "../projected_core.ts";
import type { Projections } from "../projection.ts";

/** A collection under the name by which it is asked. */
export interface View {
  /** The name. */
  readonly name: string;
  /** The collection that it leads to. */
  readonly of: string;
  /** A document as it is seen. */
  shown(snapshot: Snapshot): Snapshot;
  /** What is committed as it is seen. */
  heard(event: FollowEvent): FollowEvent;
  /** A document that is seen, as a message has it. */
  onWire(snapshot: Snapshot): WireSnapshot;
}

/** Gives views by name. */
export function viewsOf(projections: Projections, defaultType: string): (name: string) => View {
  const projected = new Map([...projections].map(([name, projection]) => [
    name,
    new ProjectionView(name, projection),
  ]));
  const onWire = (snapshot: Snapshot) => snapshotOnWire(snapshot, defaultType);
  return (name) => {
    const view = projected.get(name);
    return {
      name,
      of: view?.of ?? name,
      shown: (snapshot) => view?.snapshot(snapshot) ?? snapshot,
      heard: (event) => view?.event(event) ?? event,
      onWire,
    };
  };
}
