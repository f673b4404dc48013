/**
 * Whether the package is one that Node, TypeScript and bundlers understand alike, by the judgement of publint and
 * are-the-types-wrong.
 *
 * @module
 */

import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Everything that is wrong with a packed package, or could be taken to be; nothing, in a good one. */
export async function faults(tarball: string): Promise<string[]> {
  const bytes = await Deno.readFile(tarball);
  return [...await publishingFaults(bytes), ...await typeFaults(bytes)];
}

async function publishingFaults(bytes: Uint8Array<ArrayBuffer>): Promise<string[]> {
  const { messages, pkg } = await publint({ pack: { tarball: bytes.buffer }, strict: true });
  return messages.map((message) =>
    `publint: ${formatMessage(message, pkg, { color: false }) ?? message.code}`
  );
}

async function typeFaults(bytes: Uint8Array): Promise<string[]> {
  const result = await checkPackage(createPackageFromTarballData(bytes));
  if (!result.types) return ["are-the-types-wrong: the package has no types"];
  return result.problems.map((problem) => `are-the-types-wrong: ${JSON.stringify(problem)}`);
}
