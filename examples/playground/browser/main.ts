/**
 * The page's script: each part by itself.
 *
 * @module
 */

import { startBoard } from "./board.ts";
import { startCluster } from "./cluster.ts";
import { startDesk } from "./desk.ts";
import { element } from "./dom.ts";
import { network } from "./network.ts";
import { startStampede } from "./stampede.ts";

const cut = element("cut", HTMLButtonElement);
cut.addEventListener("click", () => {
  network.set(!network.isCut);
  cut.setAttribute("aria-pressed", String(network.isCut));
});

startBoard();
startDesk();
startCluster();
startStampede();
