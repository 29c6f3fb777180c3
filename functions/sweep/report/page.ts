/**
 * The verdict as a page: one file that needs nothing else, and tells no more than the verdict does. Its policy lets no script run but its own,
 * and nothing be loaded.
 */
import { hash } from 'node:crypto';
import { SIDES } from '../../../shared/equivalence/relation.ts';
import type { Reason } from '../../../shared/verdict/reasons.ts';
import { extentOf, isListedWhole, unreadBecause } from '../../../shared/verdict/said.ts';
import type { Verdict } from '../../../shared/verdict/schema.ts';
import { Html, html } from './html.ts';
import { coverageSection } from './page-coverage.ts';
import { divergenceSection, driftSection } from './page-drift.ts';
import { duration, figure, moment, number, percent } from './page-numbers.ts';
import { SCRIPT } from './page-script.ts';
import { STYLE } from './page-style.ts';

const integrity = (text: string): string => `'sha256-${hash('sha256', text, 'base64')}'`;
const POLICY = `default-src 'none'; style-src ${integrity(STYLE)}; script-src ${integrity(SCRIPT)}; base-uri 'none'; form-action 'none'`;

const MEANINGS: Readonly<Record<Verdict['verdict'], string>> = {
  EQUAL: 'Both sides hold the same rows under this contract.',
  DIVERGED: 'The sides hold different rows under this contract.',
  INCONCLUSIVE: 'Nothing can be said: neither that the sides are equal, nor that they differ.',
};

const CONSISTENCY: Readonly<Record<Verdict['consistency'], string>> = {
  frozen: 'frozen while they were read',
  settled: 'in use while they were read, and what differed was read again',
};

export function verdictPage(verdict: Verdict): string {
  const { contract } = verdict;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="robots" content="noindex">
<title>${verdict.verdict}: ${contract.dataset}</title><style>${new Html(STYLE)}</style></head>
<body class="${verdict.verdict}"><header><span class="answer">${verdict.verdict}</span><div><h1>${contract.dataset}, version ${contract.version}</h1>
<small>${moment(verdict.endedAt)}, after ${duration(verdict.durationMs)}${verdict.drift === null ? '' : `; the sides were ${CONSISTENCY[verdict.consistency]}`}</small></div></header>
<p>${MEANINGS[verdict.verdict]}</p>
${reasonList(verdict.reasons)}
${tiles(verdict)}
${driftSection(verdict)}
${divergenceSection(verdict)}
${coverageSection(verdict)}
${rulesSection(verdict)}
${originSection(verdict)}
<script>${new Html(SCRIPT)}</script></body></html>
`;
  return page.markup;
}

function reasonList(reasons: readonly Reason[]): Html | undefined {
  if (reasons.length === 0) return undefined;
  return html`<div class="reasons"><ul>${reasons.map(
    ({
      code,
      message,
      side,
      partitions,
      errors,
      count,
      problem,
    }) => html`<li><b>${code}</b>${side === undefined ? '' : ` (${side})`}: ${message}
${partitions === undefined ? '' : ` Partitions ${partitions.join(', ')}.`}${count === undefined ? '' : ` Seen: ${figure(count)}.`}${problem === undefined ? '' : html` <code>${problem}</code>`}
${(errors ?? []).map(({ pointer, rule }) => html`<div><code>${pointer}</code>: ${rule}</div>`)}</li>`,
  )}</ul></div>`;
}

/** What is not known is not 0: nobody may take a sweep that broke off for one that found nothing. */
function tiles(verdict: Verdict): Html {
  const { coverage, divergences, drift, suspects } = verdict;
  const tile = (label: string, value: string): Html =>
    html`<div class="tile"><b>${value}</b><small>${label}</small></div>`;
  const read = (side: 'source' | 'target'): string => {
    const { partitions, covered, rows } = coverage[side];
    if (partitions === 0) return 'not read';
    return covered < partitions ? `${number(rows)} so far` : number(rows);
  };
  const { missing, extra, changed } = divergences;
  const extent = extentOf(verdict);
  const found = (count: number): string =>
    extent === 'unknown' ? 'unknown' : extent === 'least' ? `at least ${number(count)}` : number(count);
  return html`<div class="tiles">${[
    tile('rows at the source', read('source')),
    tile('rows at the target', read('target')),
    tile('missing at the target', found(missing)),
    tile('extra at the target', found(extra)),
    tile('changed', found(changed)),
    // Where every row is listed the numbers before say it, and an estimate would contradict them.
    ...(isListedWhole(verdict)
      ? []
      : [tile('of the rows differ', drift === null ? 'unknown' : `at least ${percent(drift.share)}`)]),
    ...(suspects.found === 0
      ? []
      : [
          tile(unreadBecause(verdict) === undefined ? 'rows looked at again' : 'suspects', number(suspects.found)),
          ...(suspects.cleared + suspects.tolerated === 0 && unreadBecause(verdict) !== undefined
            ? []
            : [tile('of them cleared or tolerated', number(suspects.cleared + suspects.tolerated))]),
        ]),
  ]}</div>`;
}

function rulesSection({ lossy, tolerated, breaker, drift }: Verdict): Html {
  const rows = [
    ...lossy.map(
      ({ side, column, rule, values }) =>
        html`<tr><td><code>${column}</code></td><td>${side}</td><td>${rule}</td><td class="number">${number(values)}</td></tr>`,
    ),
    ...tolerated.map(
      ({ column, rows: count }) =>
        html`<tr><td><code>${column}</code></td><td>both</td><td>tolerance</td><td class="number">${number(count)}</td></tr>`,
    ),
  ];
  return html`<h2>What the contract's rules changed</h2>
${
  rows.length === 0
    ? html`<p class="soft">${drift === null ? 'Unknown: not everything was read.' : 'Nothing. (Of masked columns nothing is counted.)'}</p>`
    : html`<div class="scroll"><table><thead><tr><th>Column</th><th>Side</th><th>Rule</th><th class="number">Values</th></tr></thead><tbody>${rows}</tbody></table></div>`
}
${breaker === null ? undefined : html`<h2>Breaker</h2><p>It tripped on ${breaker.cause}${breaker.seen === undefined ? '' : `: ${figure(breaker.seen)} where ${figure(breaker.allowed ?? 0)} is allowed`}. ${breaker.read === undefined ? '' : `By then ${number(breaker.read.source)} rows of the source and ${number(breaker.read.target)} of the target had been read. `}It stays open until a person closes it.</p>`}`;
}

function originSection(verdict: Verdict): Html {
  const { contract, key, scans } = verdict;
  return html`<h2>Where this comes from</h2><dl>
<dt>Sweep</dt><dd><code>${verdict.sweep}</code></dd>
<dt>Contract</dt><dd><code>sha256 ${contract.sha256}</code></dd>
<dt>Signed by</dt><dd><code>${contract.signer}</code>${contract.development ? ' (the development key: this proves nothing about who wrote the contract)' : ''}</dd>
<dt>Code</dt><dd><code>sha256 ${verdict.code}</code></dd>
${SIDES.map((side) => {
  const snapshot = verdict.snapshots[side];
  return snapshot === undefined
    ? undefined
    : html`<dt>Read at the ${side}</dt><dd>${snapshot.consistency}: ${snapshot.position}</dd>`;
})}
<dt>Key</dt><dd>${key.columns.length === 0 ? 'none: rows are compared as a multiset' : html`<code>${key.columns.join(', ')}</code>, unique at the source: ${key.unique.source}, at the target: ${key.unique.target}`}</dd>
<dt>Scans</dt><dd>${scans.source} of the source, ${scans.target} of the target</dd>
${verdict.fingerprints === undefined ? undefined : html`<dt>Fingerprints</dt><dd><code>${verdict.fingerprints.source}</code><br><code>${verdict.fingerprints.target}</code><br><small>under a key of this sweep alone</small></dd>`}
${verdict.freshUntil === undefined ? undefined : html`<dt>Fresh until</dt><dd>${moment(verdict.freshUntil)}</dd>`}</dl>
<p class="soft">No value of a row stands on this page, but for keys that the contract classes public. This page is not signed; the verdict beside it (<code>.verdict.json</code>, of a deployment <code>verdict.json</code>) is, with its log, its checkpoint and the public key: <code>parapet verify</code> checks it.</p>`;
}
