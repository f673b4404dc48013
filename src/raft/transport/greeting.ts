/**
 * How two nodes greet: the listener challenges, the dialler says who it is and proves that it knows the secret, and the
 * listener proves the same.
 *
 * The secret itself is never sent, and a proof is of no use for another connection, as both sides' random words are in
 * it. What follows is not encrypted: use a private network, or a tunnel.
 *
 * @module
 */

import { HoldfastError } from "../../errors.ts";
import { isJsonObject, parseJson } from "../../json.ts";
import { mac, macMatches } from "../../mac.ts";

/** The longest frame of a greeting, in bytes: all that a stranger can make a node keep. */
export const GREETING_BYTES_MAX = 8_192;

/** What a dialler says. */
export interface Hello {
  /** Its cluster. */
  readonly cluster: string;
  /** Its URL. */
  readonly from: string;
  /** The URL that it dialled. */
  readonly to: string;
  /** How it writes messages. */
  readonly codec: string;
  /** What the connection is for. */
  readonly channel: "messages" | "snapshots";
}

/** The first frame of the listener. */
export function challengeFrame(challenge: string): Uint8Array {
  return textBytes({ challenge });
}

/** The dialler's answer to a challenge. */
export async function helloFrame(
  hello: Hello,
  secret: string,
  words: { readonly challenge: string; readonly nonce: string },
): Promise<Uint8Array> {
  return textBytes({
    ...hello,
    nonce: words.nonce,
    proof: await proofOf("hello", hello, secret, words),
  });
}

/** The listener's answer to a hello that it believes. */
export async function welcomeFrame(
  hello: Hello,
  secret: string,
  words: { readonly challenge: string; readonly nonce: string },
): Promise<Uint8Array> {
  return textBytes({ proof: await proofOf("welcome", hello, secret, words) });
}

/** The listener's word. @throws {HoldfastError} `ERR_MALFORMED` */
export function readChallenge(frame: Uint8Array): string {
  return textOf(objectOf(frame), "challenge");
}

/** The dialler's hello, if its proof holds. @throws {HoldfastError} `ERR_MALFORMED`, `ERR_UNAUTHORIZED` */
export async function readHello(
  frame: Uint8Array,
  secret: string,
  challenge: string,
): Promise<{ readonly hello: Hello; readonly nonce: string }> {
  const said = objectOf(frame);
  const channel = textOf(said, "channel");
  if (channel !== "messages" && channel !== "snapshots") return malformed();
  const hello: Hello = {
    cluster: textOf(said, "cluster"),
    from: textOf(said, "from"),
    to: textOf(said, "to"),
    codec: textOf(said, "codec"),
    channel,
  };
  const nonce = textOf(said, "nonce");
  await check("hello", hello, secret, { challenge, nonce }, textOf(said, "proof"));
  return { hello, nonce };
}

/** Checks the listener's answer. @throws {HoldfastError} `ERR_MALFORMED`, `ERR_UNAUTHORIZED` */
export async function readWelcome(
  frame: Uint8Array,
  hello: Hello,
  secret: string,
  words: { readonly challenge: string; readonly nonce: string },
): Promise<void> {
  await check("welcome", hello, secret, words, textOf(objectOf(frame), "proof"));
}

type Words = { readonly challenge: string; readonly nonce: string };

async function check(role: string, hello: Hello, secret: string, words: Words, proof: string) {
  const isKnown = secret === ""
    ? proof === ""
    : await macMatches(secret, signedText(role, hello, words), proof);
  if (isKnown) return;
  throw new HoldfastError("ERR_UNAUTHORIZED", "Cannot connect as the secrets differ");
}

async function proofOf(role: string, hello: Hello, secret: string, words: Words): Promise<string> {
  return secret === "" ? "" : await mac(secret, signedText(role, hello, words));
}

function signedText(role: string, hello: Hello, { challenge, nonce }: Words): string {
  const { cluster, from, to, codec, channel } = hello;
  return JSON.stringify([role, challenge, nonce, cluster, from, to, codec, channel]);
}

function textBytes(value: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(value));
}

function objectOf(frame: Uint8Array): object {
  const value = parseJson(new TextDecoder().decode(frame), "a greeting");
  return isJsonObject(value) ? value : malformed();
}

function textOf(value: object, name: string): string {
  const text: unknown = Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  return typeof text === "string" ? text : malformed();
}

function malformed(): never {
  throw new HoldfastError("ERR_MALFORMED", "Cannot read a greeting as its fields do not fit");
}
