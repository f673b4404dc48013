/**
 * Counters as Prometheus reads them: its text format, version 0.0.4.
 *
 * @module
 */

import type { Part } from "./part.ts";

/** The methods that are counted by name: no client makes up lines. */
const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** How many requests each part's routes answered, by method and status. */
export class RequestCounts {
  readonly #counts = new Map<string, number>();

  /** Counts one answer. */
  add(part: string, method: string, status: number): void {
    const key = `${status} ${METHODS.includes(method) ? method : "other"} ${part}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** The lines of all counts. */
  lines(): readonly string[] {
    return [...this.#counts].map(([key, count]) => {
      const [, status = "", method = "", part = ""] = /^(\d+) (\w+) (.*)$/s.exec(key) ?? [];
      return `${labelsOf({ part, method, status })} ${count}`;
    });
  }
}

/** What the parts and the handler counted. Parts of one name count apart, by their label. */
export function metricsText(
  parts: readonly Part[],
  counts: RequestCounts,
  streams: number,
): string {
  return [
    ...families(parts, "counter", (part) => part.counters?.()),
    ...families(parts, "gauge", (part) => part.gauges?.()),
    metric("http_requests_total", "counter", counts.lines()),
    metric("http_streams", "gauge", [` ${streams}`]),
  ].join("");
}

function families(
  parts: readonly Part[],
  type: "counter" | "gauge",
  valuesOf: (part: Part) => Readonly<Record<string, number>> | undefined,
): readonly string[] {
  const lines = new Map<string, string[]>();
  for (const [at, part] of parts.entries()) {
    const { name, label = String(at) } = part;
    for (const [value, count] of Object.entries(valuesOf(part) ?? {})) {
      const family = metricName(name) + "_" + metricName(value) +
        (type === "counter" ? "_total" : "");
      lines.set(family, [...lines.get(family) ?? [], `${labelsOf({ part: label })} ${count}`]);
    }
  }
  return [...lines].map(([family, each]) => metric(family, type, each));
}

function metric(name: string, type: string, lines: readonly string[]): string {
  const full = `holdfast_${name}`;
  return [`# TYPE ${full} ${type}`, ...lines.map((line) => full + line), ""].join("\n");
}

/** Letters of a metric's name: `creationMs` becomes `creation_ms`. */
function metricName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/\W/g, "_");
}

function labelsOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/["\\\n]/g, (char) => char === "\n" ? "\\n" : `\\${char}`);
}
