/**
 * The atlas as pages.
 *
 * @module
 */

import {
  allContinents,
  allCountries,
  type Country,
  countryOf,
  languageOf,
  namesakes,
  relatives,
} from "./atlas.ts";
import { Html, html } from "./html.ts";

/** One request that went through the cache. */
export interface Visit {
  readonly path: string;
  readonly verdict: string;
  readonly tookMs: number;
}

/** What the front page tells of the cache. */
export interface Report {
  readonly store: string;
  readonly counters: readonly (readonly [name: string, count: number])[];
  readonly visits: readonly Visit[];
  readonly stampede: string | undefined;
}

/** The page of a path below the front page; nothing if there is none. */
export function page(path: string): Html | undefined {
  const [, kind, code = ""] = /^\/(countries|continents|languages)\/(\w{2,3})$/.exec(path) ?? [];
  switch (kind) {
    case "countries":
      return countryPage(code);
    case "continents":
      return continentPage(code);
    case "languages":
      return languagePage(code);
    default:
      return undefined;
  }
}

/** The front page, made anew for every request. */
export function frontPage({ store, counters, visits, stampede }: Report): Html {
  return layout(
    "An atlas behind a cache",
    html`
      <p>
        Every page below is made once and then served from the cache, ${store}. Open one, then open it
        again: the line at its foot says what the cache did, and how long it took.
      </p>
      <ul class="cards">
        ${allContinents().map(([code, name]) =>
          html`<li><a href="/continents/${code}">${name}</a></li>`
        )}
      </ul>
      <h2>A stampede</h2>
      <form method="post" action="/stampede">
        <button>Send 1,000 callers for one cold page</button>
        <output>${stampede ?? ""}</output>
      </form>
      <h2>An API</h2>
      <p>
        The same countries as records: <a href="/api/countries?continent=AF">as JSON</a>, described
        in <a href="/api/openapi.json">OpenAPI</a>. Postcards may be written, and
        <a href="/api/postcards:changes">watched</a> as they come:
      </p>
      <pre><code>curl localhost:8000/api/postcards --json '{"to":"IS","text":"Wish you were here"}'</code></pre>
      <h2>Counters</h2>
      <table>
        <thead>
          <tr>${counters.map(([name]) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>
          <tr>${counters.map(([, count]) => html`<td>${count}</td>`)}</tr>
        </tbody>
      </table>
      <h2>Latest requests</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">page</th>
            <th scope="col">cache</th>
            <th scope="col">ms</th>
          </tr>
        </thead>
        <tbody>
          ${visits.map(({ path, verdict, tookMs }) =>
            html`
              <tr>
                <td>${path}</td>
                <td>${verdict}</td>
                <td>${tookMs.toFixed(2)}</td>
              </tr>
            `
          )}
        </tbody>
      </table>
    `,
  );
}

function countryPage(code: string): Html | undefined {
  const country = countryOf(code);
  if (country === undefined) return undefined;
  const { name, native, capital, currencies } = country;
  return layout(
    name,
    html`
      <dl>
        <dt>Own name</dt>
        <dd>${native}</dd>
        <dt>Capital</dt>
        <dd>${capital || "none"}</dd>
        <dt>Currency</dt>
        <dd>${currencies.join(", ") || "none"}</dd>
        <dt>Languages</dt>
        <dd>${country.languages.map(languageLink)}</dd>
      </dl>
      <h2>Shares a language with</h2>
      ${list(relatives(country))}
      <h2>Names most like it</h2>
      ${list(namesakes(country, 5))}
    `,
  );
}

function continentPage(code: string): Html | undefined {
  const [, name] = allContinents().find(([other]) => other === code) ?? [];
  if (name === undefined) return undefined;
  return layout(name, list(allCountries().filter(({ continent }) => continent === code)));
}

function languagePage(code: string): Html | undefined {
  const language = languageOf(code);
  if (language === undefined) return undefined;
  const speakers = allCountries().filter(({ languages }) => languages.includes(code));
  return layout(
    `${language.name} (${language.native})`,
    speakers.length > 0 ? list(speakers) : html`<p>An official language of no country.</p>`,
  );
}

function languageLink(code: string): Html {
  return html`
    <a href="/languages/${code}">${languageOf(code)?.name ?? code}</a>
  `;
}

function list(countries: readonly Country[]): Html {
  if (countries.length === 0) return html`<p>None.</p>`;
  return html`
    <ul class="cards">
      ${countries.map(({ code, name }) => html`<li><a href="/countries/${code}">${name}</a></li>`)}
    </ul>
  `;
}

function layout(title: string, content: Html): Html {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width">
        <title>${title}</title>
        <link rel="icon" href="data:,">
        <style>${STYLE}</style>
      </head>
      <body>
        <header><a href="/atlas">Holdfast atlas</a></header>
        <main><h1>${title}</h1>${content}</main>
        <footer>
          <p id="cache" role="status"></p>
        </footer>
        <script type="module">${SCRIPT}</script>
      </body>
    </html>
  `;
}

/** Tells what the cache did for this page: the browser knows it from the Server-Timing header. */
const SCRIPT = new Html(`
  const [navigation] = performance.getEntriesByType("navigation");
  const timing = navigation.serverTiming.find(({ name }) => name === "cache");
  document.querySelector("#cache").textContent = timing
    ? \`Cache: \${timing.description} in \${timing.duration.toFixed(2)} ms\`
    : "Made for this request";
`);

const STYLE = new Html(`
  :root { color-scheme: light dark; --ink: light-dark(#1d2733, #dfe6ee); --paper: light-dark(#f7f5f0, #14191f);
    --card: light-dark(#fff, #1d242c); --line: light-dark(#d9d4c8, #313b46); --accent: light-dark(#0b6e5f, #5cc9b4); }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.55 system-ui, sans-serif; }
  header, main, footer { max-width: 60rem; margin: 0 auto; padding: 1rem 1.25rem; }
  header a { font-weight: 700; letter-spacing: .02em; text-decoration: none; }
  a { color: var(--accent); }
  h1 { font-size: 2.1rem; line-height: 1.15; margin: .5rem 0 1rem; }
  h2 { font-size: 1.1rem; margin: 2rem 0 .6rem; }
  .cards { list-style: none; padding: 0; display: grid; gap: .5rem;
    grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
  .cards a { display: block; padding: .55rem .8rem; background: var(--card); border: 1px solid var(--line);
    border-radius: .5rem; text-decoration: none; }
  .cards a:hover, .cards a:focus-visible { border-color: var(--accent); }
  table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; background: var(--card); }
  th, td { text-align: left; padding: .4rem .7rem; border: 1px solid var(--line); }
  th { font-weight: 600; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; }
  dt { opacity: .7; } dd { margin: 0; }
  button { font: inherit; padding: .5rem 1rem; border: 0; border-radius: .5rem; background: var(--accent);
    color: var(--paper); cursor: pointer; }
  pre { overflow-x: auto; padding: .6rem .8rem; background: var(--card); border: 1px solid var(--line); }
  output { margin-left: .8rem; }
  footer p { border-top: 1px solid var(--line); padding-top: .6rem; opacity: .8; min-height: 2.2rem; }
`);
