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
  /** Gives the way up; without effect the second time. The listener is told nothing more. */
  close(): void;
}

/** Begins to open a way. Tells the listener nothing before it has returned. */
export type OpenLink = (listener: LinkListener) => Link;
