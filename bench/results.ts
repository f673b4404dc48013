/**
 * The text of `bench/RESULTS.md`: a section per bench file, a table per comparison.
 *
 * @module
 */

import type { Table } from "./harness.ts";

/** What one bench file gave. */
export interface Section {
  /** The file's name without `_bench.ts`, as `deno task bench` takes it. */
  readonly name: string;
  /** Its tables. */
  readonly tables: readonly Table[];
}

const HEAD = `# Measured

Each table comes from one run in which all its rows took turns; a value is the median of its rounds,
and the last column holds every row against the first. Run them again with \`deno task bench\`, or one
part with \`deno task bench cache\`.
`;

/** The new text of the file: the given sections replace those of their names, all others stay. */
export function merged(before: string, sections: readonly Section[], setting: string): string {
  const all = new Map<string, string>();
  for (const text of before.split(/^(?=## )/m).slice(1)) {
    all.set(/^## (.*)$/m.exec(text)?.[1] ?? "", text.trimEnd());
  }
  for (const section of sections) all.set(section.name, sectionText(section, setting));
  const texts = [...all].toSorted(([a], [b]) => a < b ? -1 : 1).map(([, text]) => text);
  return [HEAD, ...texts.map((text) => `${text}\n`)].join("\n");
}

function sectionText({ name, tables }: Section, setting: string): string {
  return [
    `## ${name}`,
    `\`deno task bench ${name}\` on ${setting}`,
    ...tables.map(tableText),
  ].join("\n\n");
}

/** One table as Markdown, its columns aligned as `deno fmt` wants them. */
export function tableText({ title, unit, rows }: Table): string {
  const notes = rows.some(({ note }) => note !== undefined);
  const first = rows[0]?.value ?? NaN;
  const cells = rows.map(({ name, value, note = "" }) => {
    const line = [name, shown(value), ratio(value, first)];
    return notes ? [...line, note] : line;
  });
  return aligned([notes ? [title, unit, "×", ""] : [title, unit, "×"], ...cells]);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const safe = lines.map((line) => line.map((cell) => cell.replaceAll("|", "\\|")));
  const isNumber = (column: number) => column === 1 || column === 2;
  const widths = (safe[0] ?? []).map((_, column) =>
    Math.max(isNumber(column) ? 2 : 1, ...safe.map((line) => [...line[column] ?? ""].length))
  );
  const text = (line: readonly string[]) =>
    `| ${
      widths.map((width, column) => {
        const cell = line[column] ?? "";
        const space = " ".repeat(width - [...cell].length);
        return isNumber(column) ? space + cell : cell + space;
      }).join(" | ")
    } |`;
  const rule = widths.map((width, column) =>
    isNumber(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)
  );
  const [head = [], ...rest] = safe;
  return [text(head), `| ${rule.join(" | ")} |`, ...rest.map(text)].join("\n");
}

function shown(value: number): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { maximumFractionDigits: digits });
}

function ratio(value: number, first: number): string {
  return first === 0 ? "" : (value / first).toFixed(2);
}
