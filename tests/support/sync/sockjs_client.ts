/**
 * A program: npm `sockjs-client` against a hub at the URL that it is given, over each transport that exists outside
 * browsers. Prints what came of each as a line of JSON. Runs on Deno and, bundled, on Node.
 *
 * @module
 */

import process from "node:process";
import SockJS from "sockjs-client";

const TRANSPORTS = ["websocket", "xhr-streaming", "eventsource", "xhr-polling"];
/** What old browsers and proxies lost: line separators, quotes, joiners, pairs. */
const TEXT = '\u2028"\\ \u200c\ufeff\0🙂 ünï';
const ROUNDS = 10;

interface Message {
  readonly id?: string;
  readonly event: string;
  readonly data: { readonly text?: string };
}

const [, , url = ""] = process.argv;
for (const transport of TRANSPORTS) {
  // deno-lint-ignore no-console -- a program tells what it has to tell.
  console.log(JSON.stringify({ transport, ...await tried(transport) }));
}
process.exit(0);

/** Opens, writes a few times, and hears of it. */
function tried(transport: string): Promise<object> {
  return new Promise((resolve) => {
    const socket = new SockJS(url, undefined, { transports: [transport] });
    let answers = 0;
    let events = 0;
    let texts = 0;
    const say = () =>
      socket.send(
        JSON.stringify({ id: `m${answers}`, event: "Todo:upsert", data: { text: TEXT } }),
      );
    socket.onopen = say;
    socket.onmessage = ({ data }: { readonly data: string }) => {
      const message: Message = JSON.parse(data);
      if (message.event !== "Todo:upsert") return;
      if (message.data.text === TEXT) texts++;
      if (message.id === undefined) events++;
      else if (++answers < ROUNDS) say();
      if (answers === ROUNDS && events === ROUNDS) {
        const used = socket.transport;
        socket.close();
        resolve({ used, answers, events, texts });
      }
    };
    socket.onclose = ({ code, reason }: { readonly code: number; readonly reason: string }) =>
      resolve({ code, reason, answers, events });
  });
}
