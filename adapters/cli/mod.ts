/**
 * The command line of nodes: start one, join, leave, hand over, show status, watch.
 *
 * As a program: `deno run -A adapters/cli/main.ts --help`.
 *
 * @module
 */

export { type Environment, USAGE } from "./command_line.ts";
export type { Console } from "./console.ts";
export { runCommandLine } from "./run.ts";
