/** How much differs, where in the order of keys, and which rows. */

import { isListedWhole, unreadText } from '../../../shared/verdict/said.ts';
import { DIVERGENCE_KINDS, type Divergence, type Verdict } from '../../../shared/verdict/schema.ts';
import type { ShownKeyPart } from '../../../shared/verdict/shown-key.ts';
import { type Html, html } from './html.ts';
import { number, percent } from './page-numbers.ts';
import { HEAT_STEPS } from './page-style.ts';

/** More rows than these stand in the JSON alone: a page must open. */
const LISTED = 2_000;

export function driftSection(verdict: Verdict): Html {
  const { drift, buckets, divergences, listing } = verdict;
  const total = buckets.map(({ missing, extra, changed }) => missing + extra + changed);
  const most = Math.max(1, ...total);
  const estimate =
    drift === null
      ? html`<p class="soft">Nothing can be said about drift: not everything was read.</p>`
      : drift.items === 0
        ? html`<p>No row of either side is without its equal on the other.</p>`
        : html`<p>${number(drift.items)} rows had no equal on the other side when both were first read${errorOf(drift.standardError)}; a row that changed is one on either side.${isListedWhole(verdict) ? '' : ` At least ${number(drift.rows)} rows differ, ${percent(drift.share)} of the larger side.`}</p>`;
  const map =
    buckets.length === 0 || divergences.list.length === 0
      ? undefined
      : html`<div class="map" role="img" aria-label="drift by ranges of keys">${total.map(
          (count, index) =>
            html`<span class="heat${Math.ceil((HEAT_STEPS * count) / most)}" title="range ${index + 1} of ${total.length}: ${count} rows">${count === 0 ? '' : count}</span>`,
        )}</div><p class="soft">Each field is a range of keys with about equally many rows of the source, in the order of the keys, and how many of its rows differ${listing === 'partial' ? '; only rows that are listed below are counted' : ''}.</p>`;
  return html`<h2>Drift</h2>${estimate}${map}`;
}

function errorOf(standardError: number | null): string {
  if (standardError === null) return ' (the order of magnitude alone)';
  return standardError === 0 ? '' : ` (estimated, standard error ${number(standardError)})`;
}

const WITHOUT_LIST: Readonly<Record<Verdict['verdict'], string>> = {
  EQUAL: 'None.',
  DIVERGED: 'None is listed: far more rows differ than the sketch of this sweep could name.',
  INCONCLUSIVE: 'None is listed; that does not say that there is none.',
};

export function divergenceSection(verdict: Verdict): Html {
  const { listing } = verdict;
  const { list } = verdict.divergences;
  if (list.length === 0) {
    return html`<h2>Divergences</h2><p class="soft">${WITHOUT_LIST[verdict.verdict]}</p>`;
  }
  const unread = unreadText(verdict);
  const columns = [...new Set(list.flatMap(({ columns: differing }) => differing ?? []))].sort();
  return html`<h2>Divergences</h2>
${unread === undefined ? undefined : html`<p>${unread}</p>`}
${listing === 'partial' ? html`<p>This list is partial: more rows differ than the sketch of this sweep could name, or than could be read again.</p>` : undefined}
${list.length > LISTED ? html`<p>The first ${number(LISTED)} of ${number(list.length)}; the others stand in the JSON verdict.</p>` : undefined}
<form id="filters" class="filters" hidden>
${DIVERGENCE_KINDS.map((kind) => html`<label><input type="checkbox" name="kind" value="${kind}" checked> ${kind}</label>`)}
<label>column <select name="column"><option value="">any</option>${columns.map((name) => html`<option>${name}</option>`)}</select></label>
<label>key <input type="search" name="text" autocomplete="off"></label><span id="shown" class="soft"></span></form>
<div class="scroll"><table id="list"><thead><tr><th>Kind</th><th>Key</th><th>Columns that differ</th><th class="number">Times</th><th class="number">At the source</th><th class="number">At the target</th></tr></thead>
<tbody>${list.slice(0, LISTED).map(listed)}</tbody></table></div>`;
}

function listed({ kind, times, key, id, rows, columns }: Divergence): Html {
  return html`<tr class="${kind}" data-kind="${kind}" data-columns="${(columns ?? []).join(' ')}"><td class="kind">${kind}</td><td>${
    id === undefined ? key.map(keyPart) : html`<code class="soft">id ${id}</code>`
  }</td><td>${(columns ?? []).map((name) => html`<code>${name}</code> `)}</td><td class="number">${times}</td><td class="number">${rows?.source ?? ''}</td><td class="number">${rows?.target ?? ''}</td></tr>
`;
}

function keyPart({ column, value, token }: ShownKeyPart): Html {
  const shown =
    value === undefined ? html`<code class="soft">token ${token}</code>` : html`<code><bdi>${value}</bdi></code>`;
  return html`<div class="part"><small>${column}</small> ${shown}</div>`;
}
