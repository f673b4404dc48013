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
    const known = METHODS.includes(method) ? method : "other";
    const labels = labelsOf({ part, method: known, status: String(status) });
    this.#counts.set(labels, (this.#counts.get(labels) ?? 0) + 1);
  }

  /** The lines of all counts. */
  lines(): readonly string[] {
    return [...this.#counts].map(([labels, count]) => `${labels} ${count}`);
  }
}

/** What the parts and the handler counted. Parts of one name count apart, by their place. */
export function metricsText(
  parts: readonly Part[],
  counts: RequestCounts,
  streams: number,
): string {
  const families = new Map<string, string[]>();
  for (const [at, { name, counters }] of parts.entries()) {
    for (const [counter, value] of Object.entries(counters?.() ?? {})) {
      const family = `${metricName(name)}_${metricName(counter)}_total`;
      const lines = families.get(family) ?? [];
      families.set(family, [...lines, `${labelsOf({ part: String(at) })} ${value}`]);
    }
  }
  return [
    ...[...families].map(([family, lines]) => metric(family, "counter", lines)),
    metric("http_requests_total", "counter", counts.lines()),
    metric("http_streams", "gauge", [` ${streams}`]),
  ].join("");
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
