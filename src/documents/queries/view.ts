/**
 * A collection as somebody asks for it: itself, or a projection of it.
 *
 * @module
 */

import type { FollowEvent, Snapshot } from "../core.ts";
import type { WireSnapshot } from "../protocol/messages.ts";
import { snapshotOnWire } from "../protocol/wire.ts";
import { ProjectionView } from "../projection_view.ts";
import { isProjectable, type Projections } from "../projection.ts";

/** A collection under the name by which it is asked. */
export interface View {
  /** The name. */
  readonly name: string;
  /** The collection that it leads to. */
  readonly of: string;
  /** Whether it is a projection. */
  readonly isProjection: boolean;
  /** Documents as they are seen, without those that are not. */
  shown(snapshots: readonly Snapshot[]): readonly Snapshot[];
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
    if (view === undefined) {
      return { name, of: name, isProjection: false, shown: same, heard: same, onWire };
    }
    return {
      name,
      of: view.of,
      isProjection: true,
      shown: (snapshots) =>
        snapshots.filter(({ type }) => isProjectable(type)).map((one) => view.snapshot(one)),
      heard: (event) => view.event(event),
      onWire,
    };
  };
}

function same<Value>(value: Value): Value {
  return value;
}
