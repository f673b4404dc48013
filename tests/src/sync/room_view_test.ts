import { deepStrictEqual } from "node:assert/strict";
import { presenceMeta, RoomView } from "../../../src/sync/room_view.ts";

const present = (member: string, key: string, meta: number, version: number) => ({
  member,
  meta: presenceMeta(key, meta),
  version,
});

Deno.test("RoomView tells users and not connections: the first that comes, the last that goes", () => {
  const view = new RoomView();
  const all = (version: number, members: ReturnType<typeof present>[]) =>
    view.apply({ kind: "all", version, members });
  const change = (version: number, joined: ReturnType<typeof present>[], left: string[] = []) =>
    view.apply({ kind: "change", version, joined, left });
  deepStrictEqual(all(1, [present("c1", "ada", 1, 1)]), {
    joins: [{ key: "ada", meta: 1 }],
    leaves: [],
  });
  deepStrictEqual(change(2, [present("c2", "ada", 1, 2)]), { joins: [], leaves: [] });
  deepStrictEqual(change(3, [present("c2", "ada", 2, 3)]).joins, [{ key: "ada", meta: 2 }]);
  deepStrictEqual(change(4, [], ["c1"]), { joins: [], leaves: [] });
  deepStrictEqual(change(5, [present("c3", "bob", 1, 5)], ["c2"]), {
    joins: [{ key: "bob", meta: 1 }],
    leaves: [{ key: "ada" }],
  });
  deepStrictEqual(all(6, []), { joins: [], leaves: [{ key: "bob" }] });
  deepStrictEqual(view.version, 6);
});

Deno.test("RoomView passes over what a stranger put there", () => {
  const view = new RoomView();
  const members = ["", "{}", "[", "[1,2]", "null"].map((meta, i) => ({
    member: `m${i}`,
    meta,
    version: i,
  }));
  deepStrictEqual(view.apply({ kind: "all", version: 1, members }), { joins: [], leaves: [] });
});
