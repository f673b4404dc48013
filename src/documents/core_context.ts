/**
 * What the parts of the core share.
 *
 * @module
 */

import type { DocumentsBackend } from "./port.ts";
import type { RecentDocuments } from "./recent.ts";
import type { CoreSettings } from "./settings.ts";
import type { Tags } from "./tags.ts";

/** A backend with everything that was settled, and the copies of recent documents. */
export interface CoreContext extends DocumentsBackend {
  /** The options, checked and filled in. */
  readonly settings: CoreSettings;
  /** Copies of recent documents. */
  readonly recents: RecentDocuments;
  /** Gives the tags of operations. */
  readonly tags: Tags;
}
