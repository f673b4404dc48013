/**
 * The page's sockets, behind a switch: what is cut hears nothing and can say nothing, as in a tunnel.
 *
 * @module
 */

/** The switch. */
class Network extends EventTarget {
  #isCut = false;

  get isCut(): boolean {
    return this.#isCut;
  }

  set(isCut: boolean): void {
    this.#isCut = isCut;
    this.dispatchEvent(new Event("change"));
  }
}

/** The page's network. */
export const network: Network = new Network();

/** A socket that ends when the network is cut, and opens when it is whole. */
export class CuttableSocket {
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  readonly #listening = new AbortController();
  #socket: WebSocket | undefined;

  constructor(url: string, protocols: string[] = []) {
    const turned = (): void => {
      if (!network.isCut) this.#open(url, protocols);
      else if (this.#socket !== undefined) this.#end({ code: 1006, reason: "" });
    };
    network.addEventListener("change", turned, { signal: this.#listening.signal });
    turned();
  }

  send(text: string): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(text);
  }

  close(code?: number): void {
    this.#listening.abort();
    this.#socket?.close(code);
  }

  #open(url: string, protocols: string[]): void {
    if (this.#socket !== undefined) return;
    const socket = this.#socket = new WebSocket(url, protocols);
    const { signal } = this.#listening;
    socket.addEventListener("open", (event) => this.#tell("onopen", event), { signal });
    socket.addEventListener("message", (event) => this.#tell("onmessage", event), { signal });
    socket.addEventListener("error", (event) => this.#tell("onerror", event), { signal });
    socket.addEventListener("close", (event) => this.#end(event), { signal });
  }

  #end(how: { readonly code: number; readonly reason: string }): void {
    this.#listening.abort();
    this.#socket?.close();
    this.#tell("onclose", how);
  }

  #tell(name: "onopen" | "onmessage" | "onerror" | "onclose", event: unknown): void {
    // Who set the listener knows what it gets.
    this[name]?.(event as never);
  }
}

/** The address of a socket of this page's server. */
export function socketUrl(path: string): string {
  const url = new URL(path, location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return url.href;
}
