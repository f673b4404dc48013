/**
 * Message authentication codes within the turn in which they are asked for.
 *
 * Web Crypto works on a thread of its own and answers when that is done, which is another moment in every run: a
 * simulation that must replay from its seed cannot wait for it. The codes are the same.
 *
 * @module
 */

import { createHmac } from "node:crypto";

/** Lets Web Crypto answer HMAC with SHA-256 at once, until disposed of. */
export function macOnThread(): Disposable {
  const { subtle } = crypto;
  const secrets = new WeakMap<object, Uint8Array>();
  const replaced = {
    importKey: (_format: string, secret: Uint8Array) => {
      const key = {};
      secrets.set(key, secret);
      return Promise.resolve(key);
    },
    sign: (_algorithm: string, key: object, data: Uint8Array) => {
      const secret = secrets.get(key);
      if (secret === undefined) throw new Error("Cannot sign as the key is another's");
      return Promise.resolve(new Uint8Array(createHmac("sha256", secret).update(data).digest()));
    },
  };
  Object.assign(subtle, replaced);
  return {
    [Symbol.dispose]: () => {
      for (const name of Object.keys(replaced)) Reflect.deleteProperty(subtle, name);
    },
  };
}
