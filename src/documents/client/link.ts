/**
 * What a connection is made over: an ordered way for texts to a server, which may be lost at any time.
 *
 * @module
 */

/** What a way to a server tells. */
export interface LinkListener {
  /** Texts may be sent. */
  opened(): void;
  /** A text came. */
  received(text: string): void;
  /** Messages came as values, all at once; they are nobody else's. A way within a process tells so who can hear it. */
  told?(messages: readonly unknown[]): void;
  /** Nothing comes any more; called once, also for a way that could not be opened. */
  closed(end: LinkEnd): void;
}

/** How a way to a server ended. */
export interface LinkEnd {
  /** Whether the server wants nobody to come back. */
  readonly isFinal: boolean;
  /** Why, for people. */
  readonly reason?: string | undefined;
}

/** An open way to a server. */
export interface Link {
  /** Sends a text; without effect once it is closed. */
  send(text: string): void;
  /** Sends a message as a value, of which a copy arrives; only a way within a process does. */
  tell?(message: Readonly<Record<string, unknown>>): void;
  /** Gives the way up; without effect the second time. The listener is told nothing more. */
  close(): void;
}

/** Begins to open a way. Tells the listener nothing before it has returned. */
export type OpenLink = (listener: LinkListener) => Link;
