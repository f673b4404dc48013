/**
 * The playground's page as the server gives it: everything that has a place and a name. The script brings it to life.
 *
 * @module
 */

import { allContinents, allCountries } from "../atlas/atlas.ts";
import { type Html, html } from "../atlas/html.ts";
import { BASE_PATH, CALLERS, SKETCH } from "./wire.ts";

/** The page; it says whether what it shows is kept by a store that other processes share. */
export function playgroundPage(isShared: boolean): Html {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Holdfast playground</title>
        <link rel="icon" href="${BASE_PATH}/icon.svg">
        <link rel="stylesheet" href="${BASE_PATH}/style.css">
        <script type="module" src="${BASE_PATH}/main.js"></script>
      </head>
      <body>
            <a class="skip" href="#board">Skip to the board</a>
            ${header(isShared)}
            <main>${board()}${desk()}${cluster()}${stampede()}${atlas()}</main>
            <footer>
              <p>Holdfast. State for code that does not stay. Nothing on this page comes from elsewhere.</p>
            </footer>
            <p id="news" class="unseen" role="status" aria-live="polite"></p>
          </body>
    </html>
  `;
}

function header(isShared: boolean): Html {
  const store = isShared
    ? "Board, letter, sketch and cache are kept in Redis: other processes on it show the same."
    : "Everything is kept in the memory of this process, and gone when it ends.";
  return html`
    <header>
      <div class="top">
        <p class="brand"><img src="${BASE_PATH}/icon.svg" alt="" width="28" height="28"> Holdfast</p>
        <nav aria-label="Parts of the playground">
          <a href="#board">Board</a>
          <a href="#desk">Desk</a>
          <a href="#cluster">Cluster</a>
          <a href="#stampede">Stampede</a>
          <a href="#atlas">Atlas</a>
        </nav>
      </div>
      <h1>State for code that does&nbsp;not&nbsp;stay</h1>
      <p class="lede">
          Open this page in a second window and watch the two agree. Then cut one off, go on working in
          it, and let it come back.
        </p>
      <div class="self">
        <label for="name">Your name</label>
        <input id="name" maxlength="20" autocomplete="off" spellcheck="false">
        <button id="cut" type="button" aria-pressed="false">Cut my connection</button>
        <ul id="people" class="people" aria-label="People here"></ul>
      </div>
      <p class="store">${store}</p>
    </header>
  `;
}

function board(): Html {
  return html`
    <section id="board" aria-labelledby="board-title">
      <div class="words">
        <h2 id="board-title">A shared board</h2>
        <p>
            Records of a model, kept in every window by sync. A write is seen at once, sent once, and
            waits while there is no connection.
          </p>
        <p id="board-state" class="state" role="status">Connecting</p>
      </div>
      <form id="card-form" class="row">
        <label for="card-title">A place to go</label>
        <input id="card-title" required maxlength="60" list="countries" autocomplete="off">
        <datalist id="countries">${allCountries().map(({ name }) =>
          html`<option value="${name}"></option>`
        )}</datalist>
        <button class="primary">Add a card</button>
      </form>
      <div id="columns" class="columns"></div>
    </section>
  `;
}

function desk(): Html {
  return html`
    <section id="desk" aria-labelledby="desk-title">
      <div class="words">
        <h2 id="desk-title">One letter, one sketch, many hands</h2>
        <p>
            Two documents under operational transformation. Cursors and pens of others move with the
            edits; undo takes back your own and nobody else’s.
          </p>
        <p id="desk-state" class="state" role="status">Connecting</p>
      </div>
      <div class="desk">
        <div class="sheet">
          <div class="bar">
            <h3 id="letter-title">The letter</h3>
            <button id="letter-undo" type="button" aria-label="Undo in the letter">Undo</button>
            <button id="letter-redo" type="button" aria-label="Redo in the letter">Redo</button>
          </div>
          <div class="paper">
            <div id="letter-cursors" class="mirror" aria-hidden="true"></div>
            <textarea id="letter" aria-labelledby="letter-title" spellcheck="false" disabled></textarea>
          </div>
          <p id="letter-others" class="hint" role="status">Nobody else is in the letter</p>
        </div>
        <div class="sheet">
          <div class="bar">
            <h3 id="sketch-title">The sketch</h3>
            <button id="sketch-undo" type="button" aria-label="Undo in the sketch">Undo</button>
            <button id="sketch-redo" type="button" aria-label="Redo in the sketch">Redo</button>
            <button id="sketch-clear" type="button" aria-label="Clear the sketch">Clear</button>
          </div>
          <div
            id="sketch"
            class="canvas"
            role="application"
            tabindex="0"
            aria-labelledby="sketch-title"
            aria-describedby="sketch-hint"
          >
            <svg id="sketch-picture" viewBox="0 0 ${SKETCH.width} ${SKETCH
              .height}" aria-hidden="true"></svg>
          </div>
          <p id="sketch-hint" class="hint">
              Draw with a pointer; or by keys: arrows move your pen, space sets it down and lifts it.
            </p>
          <p id="sketch-count" class="unseen" role="status"></p>
        </div>
      </div>
    </section>
  `;
}

function cluster(): Html {
  return html`
    <section id="cluster" aria-labelledby="cluster-title">
      <div class="words">
        <h2 id="cluster-title">Five nodes agree</h2>
        <p>
            A Raft cluster at work in this server, slowed down so that you can follow. Click a link to
            cut it, a node to stop it. A client goes on writing; what it was promised is never lost.
          </p>
        <p id="cluster-state" class="state" role="status">Connecting</p>
      </div>
      <div class="tools">
        <fieldset>
          <legend>A click on a node</legend>
          <label><input type="radio" name="tool" value="kill" checked> kills it</label>
          <label><input type="radio" name="tool" value="pause"> pauses it</label>
        </fieldset>
        <fieldset>
          <legend>Time runs</legend>
          <label><input type="radio" name="pace" value="10" checked> 10 times slower</label>
          <label><input type="radio" name="pace" value="4"> 4 times</label>
        </fieldset>
        <div class="row">
          <button id="writes" type="button" aria-pressed="true">Writes go on</button>
          <button id="write" type="button">Write once</button>
          <button id="heal" type="button">Heal everything</button>
        </div>
      </div>
      <div class="cluster">
        <div>
          <div id="cluster-picture" class="picture" role="group" aria-label="Nodes and links"></div>
          <ul class="legend" aria-label="Messages">
            <li class="heartbeat">heartbeat</li>
            <li class="entries">entries</li>
            <li class="ask">asks for a vote</li>
            <li class="yes">vote</li>
            <li class="no">no vote</li>
            <li class="answer">answer</li>
          </ul>
        </div>
        <div class="logs">
          <h3 id="logs-title">What each node has on its disk</h3>
          <div class="scroll" role="group" tabindex="0" aria-labelledby="logs-title">
            <table id="logs" aria-labelledby="logs-title">
              <thead>
                <tr>
                  <th scope="col">node</th>
                  <th scope="col">role</th>
                  <th scope="col">term</th>
                  <th scope="col">vote</th>
                  <th scope="col">commit</th>
                  <th scope="col">log</th>
                </tr>
              </thead>
              <tbody></tbody>
            </table>
          </div>
          <p class="hint">
              A colour is a term, a number is a write, a dot is an entry of Raft’s own. Filled: the node
              knows it to be committed.
            </p>
          <div class="pair">
            <div>
              <h3 id="writes-title">What the client was promised</h3>
              <ol id="write-list" class="told" aria-labelledby="writes-title"></ol>
            </div>
            <div>
              <h3 id="told-title">What happened</h3>
              <ol id="told" class="told" aria-labelledby="told-title"></ol>
            </div>
          </div>
        </div>
      </div>
    </section>
  `;
}

function stampede(): Html {
  return html`
    <section id="stampede" aria-labelledby="stampede-title">
      <div class="words">
        <h2 id="stampede-title">A stampede</h2>
        <p>
            ${CALLERS} callers want one key that is not there, in ten instances of a function, and making
            its value takes a third of a second. One square is one caller.
          </p>
      </div>
      <div class="runs">
          ${run("with", "With the lease", "One caller creates, and everybody gets what it made.")}
          ${run("without", "By hand", "Look, create, store: right, until everybody comes at once.")}
        </div>
      <div class="charts">
        <figure>
          <figcaption>Creations</figcaption>
          <div id="creations-chart"></div>
        </figure>
        <figure>
          <figcaption>Hit ratio, in percent of those who have an answer</figcaption>
          <div id="hits-chart"></div>
        </figure>
      </div>
    </section>
  `;
}

function run(id: "with" | "without", title: string, words: string): Html {
  return html`
    <div class="run ${id}">
      <h3>${title}</h3>
      <p>${words}</p>
      <button id="run-${id}" type="button" class="primary">
          Send ${CALLERS} callers ${id === "with" ? "with the lease" : "without it"}
        </button>
      <output id="result-${id}" for="run-${id}">Not run yet</output>
      <div id="crowd-${id}" class="crowd" aria-hidden="true"></div>
    </div>
  `;
}

function atlas(): Html {
  return html`
    <section id="atlas" aria-labelledby="atlas-title">
      <div class="words">
        <h2 id="atlas-title">An atlas behind a cache</h2>
        <p>
            ${allCountries()
              .length} countries as records of a model, and pages about them that are made
            once and then served. The same data tells the board what a country’s capital is.
          </p>
      </div>
      <ul class="cards">
          ${allContinents().map(([code, name]) =>
            html`<li><a href="/continents/${code}">${name}</a></li>`
          )}
        </ul>
      <p class="links">
        <a href="/atlas">What the cache does</a>
        <a href="/api/countries?continent=EU">Countries as JSON</a>
        <a href="/api/openapi.json">The API in OpenAPI</a>
      </p>
    </section>
  `;
}
