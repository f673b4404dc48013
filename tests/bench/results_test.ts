/** @module */
import { match, strictEqual } from "node:assert/strict";
import { merged, tableText } from "../../bench/results.ts";

const HITS = {
  title: "A hit",
  unit: "ops/s",
  rows: [{ name: "us", value: 2_000_000.4 }, { name: "them|1", value: 500_000 }],
};

Deno.test("tableText() holds every row against the first", () => {
  strictEqual(
    tableText(HITS),
    [
      "| A hit   |     ops/s |    × |",
      "| ------- | --------: | ---: |",
      "| us      | 2,000,000 | 1.00 |",
      "| them\\|1 |   500,000 | 0.25 |",
    ].join("\n"),
  );
});

Deno.test("tableText() adds a column for notes if there are any", () => {
  const rows = [{ name: "us", value: 1.234, note: "p99 3 ms" }, { name: "them", value: 0 }];
  match(tableText({ title: "t", unit: "ms", rows }), /\| us +\| +1\.23 \| 1\.00 \| p99 3 ms \|/);
});

Deno.test("merged() replaces the sections that ran and keeps the others, by name", () => {
  const first = merged("", [{ name: "log", tables: [HITS] }], "Deno 1");
  const second = merged(first, [{ name: "cache", tables: [] }], "Deno 2");
  const third = merged(second, [{ name: "log", tables: [] }], "Deno 3");
  match(third, /## cache\n\n`deno task bench cache` on Deno 2\n\n## log\n\n.* on Deno 3\n$/);
  strictEqual(merged(third, [], "Deno 4"), third);
});

Deno.test("merged() writes what `deno fmt` leaves as it is", async () => {
  const tiny = { title: "t", unit: "%", rows: [{ name: "u", value: 1 }] };
  const noted = { title: "t", unit: "%", rows: [{ name: "u", value: 1, note: "n" }] };
  const text = merged("", [{ name: "cache", tables: [HITS, tiny, noted] }], "Deno 1");
  const fmt = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext=md", "--line-width=100", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = fmt.stdin.getWriter();
  await writer.write(new TextEncoder().encode(text));
  await writer.close();
  strictEqual(new TextDecoder().decode((await fmt.output()).stdout), text);
});
