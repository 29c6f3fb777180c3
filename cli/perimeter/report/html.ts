/** The whole matrix as one page that needs nothing else: no script, style or font from anywhere. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Mutation, type Proof, VIEWS } from '../proof.ts';
import { list } from '../table/permission.ts';
import { PERMISSIONS } from '../table/permissions.ts';
import { KEY_ADMISSIONS, RESERVATIONS } from '../table/reservations.ts';
import { machineReport } from './machine.ts';
import { isPrincipal, matrixOf } from './matrix.ts';

const part = (name: string): string => readFileSync(join(import.meta.dirname, 'page', name), 'utf8');

/** One character a cell: rows share their patterns, of which there are few. */
const LETTERS = { allowed: 'a', refused: 'r', open: 'O', shut: 'S' } as const;

export function htmlReport(proof: Proof, mutation?: Mutation): string {
  const data = JSON.stringify(pageData(proof, mutation))
    // Inside a script element nothing may look like its end (HTML, "Restrictions for contents of script elements").
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029');
  return part('page.html')
    .replace('/* STYLE */', () => part('page.css'))
    .replace('/* SCRIPT */', () => part('page.js'))
    .replace('"DATA"', () => data);
}

function pageData(proof: Proof, mutation: Mutation | undefined) {
  const { parties } = proof.world;
  const patterns = new Map<string, number>();
  const texts = new Map<string, number>();
  const indexIn = (known: Map<string, number>, text: string): number => {
    const index = known.get(text) ?? known.size;
    known.set(text, index);
    return index;
  };
  const rows = matrixOf(proof).map(({ view, target, action, deviation, cells }) => [
    VIEWS.indexOf(view),
    indexIn(texts, target),
    indexIn(texts, action),
    deviation === undefined ? -1 : indexIn(texts, deviation),
    indexIn(patterns, cells.map((cell) => (cell === undefined ? '.' : LETTERS[cell])).join('')),
  ]);
  const { counts, surprises, gaps, mutation: mutants } = machineReport(proof, mutation);
  return {
    parties: parties.all.map((party) => ({ id: party.id, what: party.what, main: isPrincipal(party) })),
    views: VIEWS,
    rows,
    texts: [...texts.keys()],
    patterns: [...patterns.keys()],
    counts,
    surprises,
    gaps,
    mutants: mutants ?? null,
    lines: [
      ...PERMISSIONS.map(({ who, may, on, because }) => ({
        table: 'permission',
        who: list(who),
        may: list(may),
        on: list(on),
        because,
      })),
      ...RESERVATIONS.map(({ only, actions, on, because }) => ({
        table: 'reservation',
        who: only,
        may: actions,
        on: list(on),
        because,
      })),
      ...KEY_ADMISSIONS.map(({ who, may, on, because }) => ({
        table: 'key',
        who: list(who),
        may: list(may),
        on: list(on),
        because,
      })),
    ],
  };
}
