/**
 * What every store of models must do so that nothing happens twice.
 *
 * @module
 */

import { SOURCES_MAX } from "../../src/models/port.ts";
import { sourceGroup } from "../../src/models/source_group.ts";
import { equal } from "./assert.ts";
import { claim, members, type OnModels, put, remove, writer } from "./model_writes.ts";

/** Registers the suite. */
export function modelRepeats(on: OnModels): void {
  onTokens(on);
  onSources(on);
}

function onTokens(on: OnModels): void {
  const once = {
    "a drawn id": [put(undefined)],
    "a given id": [put("7", { claims: [claim("x")] })],
    "a claim": [put(undefined, { claims: [claim("x")] })],
    "a batch": [put(undefined), put("5"), remove("9"), put(undefined)],
    "a removal of nothing": [remove("9")],
  };
  for (const [what, writes] of Object.entries(once)) {
    on(`commit() answers like the first when it comes again: ${what}`, async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      const first = await commit(writes, { token: "t" });
      await commit([remove("1"), remove("5"), remove("7"), put("9")]);
      const again = await commit(writes, { token: "t" });
      if (first.kind !== "done" || again.kind !== "done") throw new Error("both must be done");
      equal([first.isRepeat, again.isRepeat], [false, true]);
      equal(again.writes.map(withoutBody), first.writes.map(withoutBody));
      equal((await bench.store.get(bench.shape, ["9"]))[0]?.id, "9");
      equal(await bench.store.count(bench.shape), what === "a batch" ? 2 : 1);
    });
  }

  on(
    "commit() takes what comes without a token for a write of its own each time",
    async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      const [own, taken] = [{ token: undefined }, put(undefined, { claims: [claim("x")] })];
      const first = await commit([put(undefined)], own);
      const second = await commit([put(undefined)], own);
      if (first.kind !== "done" || second.kind !== "done") throw new Error("both must be done");
      equal([first.isRepeat, second.isRepeat], [false, false]);
      equal(await bench.store.count(bench.shape), 2);
      equal((await commit([taken], own)).kind, "done");
      equal((await commit([taken], own)).kind, "taken");
      await commit([remove("3")], own);
      equal((await commit([taken], own)).kind, "done");
    },
  );

  on("commit() repeats an update after others came, with the body of then", async (bench) => {
    const { commit, done } = writer(bench.store, bench.shape);
    const { version } = await done(put("1"));
    const update = put("1", { expect: { kind: "version", version }, body: `{"n":2}` });
    const first = await commit([update], { token: "t" });
    await done(put("1", { expect: undefined, body: `{"n":3}` }));
    await done(members("1", { add: ["sa"] }));
    const again = await commit([update], { token: "t" });
    if (first.kind !== "done" || again.kind !== "done") throw new Error("both must be done");
    equal(again.writes[0]?.version, first.writes[0]?.version);
    equal(again.writes[0]?.body, `{"n":2}`);
    equal((await bench.store.get(bench.shape, ["1"]))[0]?.body, `{"n":3}`);
  });

  on("commit() writes once for many that come at once", async (bench) => {
    const peer = await bench.peer();
    const writers = [writer(bench.store, bench.shape), writer(peer, bench.shape)];
    const results = await Promise.all(
      Array.from(
        { length: 20 },
        (_, at) => writers[at % 2]?.commit([put(undefined)], { token: "t" }),
      ),
    );
    const ids = results.flatMap((result) => result?.kind === "done" ? result.writes : []);
    equal(ids.map(({ id }) => id), Array.from({ length: 20 }, () => "1"));
    equal(await bench.store.count(bench.shape), 1);
  });

  on("commit() refuses a token that named another write", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    await commit([put("1")], { token: "t", digest: "a" });
    equal(await commit([put("2")], { token: "t", digest: "b" }), { kind: "reused" });
    equal(await bench.store.get(bench.shape, ["2"]), [undefined]);
  });

  on(
    "commit() refuses a token that was refused, also when it could go through by now",
    async (bench) => {
      const { commit, done } = writer(bench.store, bench.shape);
      await done(put("1", { claims: [claim("x")] }));
      const late = [put(undefined, { claims: [claim("x")] })];
      equal((await commit([put("1")], { token: "t" })).kind, "conflict");
      equal((await commit(late, { token: "u" })).kind, "taken");
      await done(remove("1"));
      equal(await commit([put("1")], { token: "t" }), {
        kind: "conflict",
        at: 0,
        current: undefined,
      });
      equal(await commit(late, { token: "u" }), {
        kind: "taken",
        at: 0,
        claim: 0,
        owner: undefined,
      });
      equal((await commit(late, { token: "u", digest: "other" })).kind, "reused");
      equal(await bench.store.count(bench.shape), 0);
      equal((await commit([put("1")], { token: "v" })).kind, "done");
    },
  );
}

function onSources(on: OnModels): void {
  on("commit() makes each place of a source once, and lets places be left out", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const at = (index: number) =>
      commit([put(undefined)], { position: { source: "log", index } }).then(({ kind }) => kind);
    equal([await at(1), await at(1), await at(5), await at(4), await at(5)], [
      "done",
      "passed",
      "done",
      "passed",
      "passed",
    ]);
    equal(await bench.store.count(bench.shape), 2);
  });

  on(
    "commit() answers a place that comes again like the first while it knows the token",
    async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      const options = { token: "log/1", position: { source: "log", index: 1 } };
      await commit([put(undefined)], options);
      const again = await commit([put(undefined)], options);
      equal(again.kind === "done" && again.isRepeat, true);
      equal(again.kind === "done" && again.writes[0]?.id, "1");
    },
  );

  on(
    "commit() refuses a source that it does not know and that is past its first place",
    async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      const result = await commit([put("1")], { position: { source: "log", index: 2 } });
      equal(result, { kind: "unknown" });
      equal(await bench.store.count(bench.shape), 0);
    },
  );

  on("commit() moves no source by a commit that failed", async (bench) => {
    const { commit } = writer(bench.store, bench.shape);
    const position = { source: "log", index: 1 };
    await commit([put("1")]);
    equal((await commit([put("1")], { position })).kind, "conflict");
    equal((await commit([put("2")], { position })).kind, "done");
  });

  on(
    "commit() remembers a bounded number of sources of a group, and forgets the idlest",
    async (bench) => {
      const { commit } = writer(bench.store, bench.shape);
      const at = (source: string, index: number) =>
        commit([put("1", { expect: undefined })], { position: { source, index } });
      const [first = "", second = "", more = "", ...others] = sourcesOfOneGroup(SOURCES_MAX + 1);
      for (const source of [first, second, ...others]) await at(source, 1);
      equal((await at(first, 2)).kind, "done");
      await at(more, 1);
      equal((await at(first, 3)).kind, "done");
      equal((await at(second, 2)).kind, "unknown");
    },
  );
}

function sourcesOfOneGroup(count: number): readonly string[] {
  const sources: string[] = [];
  for (let at = 0; sources.length < count; at++) {
    if (sourceGroup(`source${at}`) === sourceGroup("source0")) sources.push(`source${at}`);
  }
  return sources;
}

function withoutBody<T extends { readonly body?: unknown }>(
  { body: _, ...rest }: T,
): Omit<T, "body"> {
  return rest;
}
