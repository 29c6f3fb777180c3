/** What was read, what was compared, and what was not and why. */
import { SIDES } from '../../../shared/equivalence/relation.ts';
import type { NotCompared, SideCoverage, Verdict } from '../../../shared/verdict/schema.ts';
import { type Html, html } from './html.ts';
import { number } from './page-numbers.ts';

const WHY: Readonly<Record<NotCompared['why'], string>> = {
  omitted: 'the contract omits it: its mask would make different values the same',
  'not-in-contract': 'found at this side, and the contract does not name it',
};

/** More marks than these would say nothing. */
const MARKS = 600;

export function coverageSection(verdict: Verdict): Html {
  const { columns, filters } = verdict.coverage;
  // A sweep that got no plan looked at no column.
  const planned = SIDES.every((side) => verdict.coverage[side].partitions > 0);
  return html`<h2>Coverage</h2>
${SIDES.map((side) => sideCoverage(side, verdict.coverage[side]))}
<dl><dt>${verdict.drift === null ? 'To be compared' : 'Compared'}</dt><dd>${names(columns.compared)}</dd>
${columns.masked.length === 0 ? undefined : html`<dt>By their tokens</dt><dd>${names(columns.masked)}</dd>`}
${filters.length === 0 ? undefined : html`<dt>Rows filtered by</dt><dd>${names(filters)}</dd>`}</dl>
<h2>Not compared</h2>
${
  columns.notCompared.length === 0
    ? html`<p class="soft">${verdict.drift !== null ? 'Every column that was found is compared.' : planned ? 'Nothing can be said of columns: not everything was read.' : 'Nothing was compared: the sweep ended before.'}</p>`
    : html`<div class="scroll"><table><thead><tr><th>Column</th><th>Side</th><th>Why</th></tr></thead><tbody>${columns.notCompared.map(
        ({ column, side, why }) =>
          html`<tr><td><code>${column}</code></td><td>${side ?? 'both'}</td><td>${WHY[why]}</td></tr>`,
      )}</tbody></table></div>`
}`;
}

function sideCoverage(side: string, { partitions, covered, rows, unread }: SideCoverage): Html {
  if (partitions === 0) return html`<div>${side}: no partition was read</div>`;
  const missing = new Set(unread);
  const marks = Array.from({ length: Math.min(partitions, MARKS) }, (_, index) =>
    missing.has(index)
      ? html`<i class="unread" title="partition ${index}: not read"></i>`
      : html`<i title="partition ${index}"></i>`,
  );
  return html`<div>${side}: ${number(covered)} of ${number(partitions)} partitions, ${number(rows)} rows</div><div class="parts">${marks}</div>`;
}

const names = (list: readonly string[]): Html =>
  html`${list.map((name, index) => html`${index === 0 ? '' : ', '}<code>${name}</code>`)}`;
