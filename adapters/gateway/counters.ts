/**
 * What a gateway counts, and how it tells a monitoring system.
 *
 * @module
 */

/** Totals since the gateway was made, and two gauges. */
export interface GatewayCounters {
  /** HTTP requests, whatever became of them. */
  readonly requests: number;
  /** Commands sent to Redis; each of a pipeline or transaction counts. */
  readonly commands: number;
  /** Requests refused by the gateway itself: malformed, unauthorized, not available, past a limit. */
  readonly refused: number;
  /** Requests whose connection to Redis was lost with commands in flight. */
  readonly unknown: number;
  /** Requests being worked on. */
  readonly inFlight: number;
  /** Event streams that are open. */
  readonly streams: number;
}

const HELP: Readonly<Record<keyof GatewayCounters, readonly [kind: string, help: string]>> = {
  requests: ["counter", "HTTP requests"],
  commands: ["counter", "commands sent to Redis"],
  refused: ["counter", "requests refused by the gateway itself"],
  unknown: ["counter", "requests whose outcome is unknown"],
  inFlight: ["gauge", "requests being worked on"],
  streams: ["gauge", "open event streams"],
};

/** The counters in the Prometheus text format, version 0.0.4. */
export function toMetrics(counters: GatewayCounters): string {
  const lines: string[] = [];
  for (const [field, [kind, help]] of Object.entries(HELP)) {
    const snake = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const name = `holdfast_gateway_${snake}${kind === "counter" ? "_total" : ""}`;
    const value = counters[field as keyof GatewayCounters]; // HELP has exactly these.
    lines.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, `${name} ${value}`);
  }
  return `${lines.join("\n")}\n`;
}
