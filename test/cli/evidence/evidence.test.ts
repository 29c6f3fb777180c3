import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FRAMEWORKS } from '../../../cli/evidence/controls.ts';
import { version5 } from '../../../cli/evidence/uuid.ts';
import { EXIT } from '../../../cli/exit-codes.ts';
import { jsonOf, parapet } from '../run.ts';
import { AssessmentResults, ComponentDefinition } from './shape.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const room = mkdtempSync(join(tmpdir(), 'parapet-evidence-'));
const results = join(room, 'results');
const out = join(room, 'out');
afterAll(() => rmSync(room, { recursive: true, force: true }));

const CLAIMED = [
  ...new Set(
    FRAMEWORKS.flatMap(({ controls }) =>
      controls.flatMap(({ claims }) => claims.flatMap((claim) => claim.requirements)),
    ),
  ),
].sort();

/** Results of a run in which every claimed requirement had a passing test, but for what is said otherwise. */
function leave(states: Readonly<Record<string, string | undefined>> = {}): void {
  rmSync(results, { recursive: true, force: true });
  mkdirSync(results, { recursive: true });
  const requirements = CLAIMED.flatMap((id) => {
    const state = id in states ? states[id] : 'passed';
    return state === undefined ? [] : [{ ids: [id], title: `[${id}] holds`, file: `test/${id}.test.ts`, state }];
  });
  const suite = { at: '2026-11-22T06:00:00.000Z', passed: 0, failed: 0, skipped: 0, requirements };
  writeFileSync(join(results, 'quick.json'), JSON.stringify(suite));
}

async function evidence(...options: readonly string[]) {
  const ended = await parapet(
    'evidence',
    '--out',
    out,
    '--results',
    results,
    '--profile',
    'production',
    '--json',
    ...options,
  );
  expect(ended.code).toBe(EXIT.ok);
  const read = (name: string): unknown => JSON.parse(readFileSync(join(out, name), 'utf8'));
  const { controls } = jsonOf(ended) as {
    controls: { framework: string; id: string; satisfied: boolean; lacks: string[] }[];
  };
  return {
    controls,
    definition: ComponentDefinition.parse(read('component-definition.json'))['component-definition'],
    assessment: AssessmentResults.parse(read('assessment-results.json'))['assessment-results'],
    bytes: ['component-definition.json', 'assessment-results.json'].map((name) =>
      readFileSync(join(out, name), 'utf8'),
    ),
  };
}

beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  leave();
});

describe('[B20] [P19] [P20] the evidence', () => {
  it('[B20] [P19] [P20] maps the controls that it must, each to resources that the templates hold', async () => {
    const { controls } = await evidence();
    expect(controls.map(({ framework, id }) => `${framework} ${id}`)).toEqual([
      'soc2 cc6.1',
      'soc2 cc6.3',
      'soc2 cc7.2',
      'nist-800-53 ac-3',
      'nist-800-53 au-9',
      'nist-800-53 si-12',
      'pci-dss req-7',
      'iso-27001 a.12.1.3',
      'hipaa s164.312.a',
      'hipaa s164.312.b',
      'hipaa s164.312.c',
      'hipaa s164.312.d',
      'hipaa s164.312.e',
      'gdpr art-5.1.f',
    ]);
    expect(controls.filter(({ satisfied }) => !satisfied)).toEqual([]);
  });

  it('[B20] points from each claim to a resource, a requirement and the files of its tests', async () => {
    const { definition } = await evidence();
    const components = new Map(definition.components.map(({ uuid, title }) => [`#${uuid}`, title]));
    const [product] = definition.components;
    const statements = (product?.['control-implementations'] ?? []).flatMap((implementation) =>
      implementation['implemented-requirements'].flatMap((requirement) => requirement.statements),
    );
    expect(statements.length).toBeGreaterThan(14);
    for (const { props, links } of statements) {
      const provided = links.filter(({ rel }) => rel === 'provided-by');
      expect(provided.map(({ href }) => components.get(href))).toEqual(provided.map(({ text }) => text));
      expect(provided.length).toBeGreaterThan(0);
      const files = links.filter(({ rel }) => rel === 'tested-by').map(({ href }) => href);
      expect(files).toEqual(props.map(({ value }) => `test/${value}.test.ts`).sort());
    }
  });

  it.each([
    ['no test has passed', undefined, 'no test of B16 has passed'],
    ['its only test was skipped', 'skipped', 'no test of B16 has passed'],
    ['a test fails', 'failed', 'a test of B16 fails'],
  ])('[B20] leaves a control unsatisfied of which one requirement is not proven: %s', async (_, state, because) => {
    leave({ B16: state });
    const { controls, assessment } = await evidence();
    const open = controls.filter(({ satisfied }) => !satisfied).map(({ id }) => id);
    expect(open).toEqual(['au-9', 's164.312.c', 'art-5.1.f']);
    expect(controls.filter(({ lacks }) => lacks.length > 0).map(({ id }) => id)).toEqual(open);
    const [result] = assessment.results;
    const findings = (result?.findings ?? []).filter(({ target }) => target.status.state === 'not-satisfied');
    expect(findings.map(({ target }) => target['target-id'])).toEqual(open.map((id) => `${id}_smt`));
    for (const { description } of findings) expect(description).toContain(because);
  });

  it('[B20] counts a resource that the configuration does not have against the control', async () => {
    const ended = await parapet('evidence', '--out', out, '--results', results, '--profile', 'sandbox', '--json');
    const { controls } = jsonOf(ended) as { controls: { lacks: string[] }[] };
    // Everything that is claimed stands in a sandbox as well.
    expect(controls.flatMap(({ lacks }) => lacks)).toEqual([]);
  });

  it('[B20] writes the same bytes twice, every UUID once, and no reference that leads nowhere', async () => {
    const one = await evidence();
    const other = await evidence('--force');
    expect(other.bytes).toEqual(one.bytes);
    for (const document of [one.definition, one.assessment]) {
      const own = uuidsIn(document);
      expect(new Set(own).size).toBe(own.length);
      const references = JSON.stringify(document).matchAll(/"(?:#|(?:observation|subject)-uuid":")([0-9a-f-]{36})"/g);
      for (const [, uuid] of references) expect(own).toContain(uuid);
    }
  });

  it('refuses to replace files that are there, and to write without results', async () => {
    await evidence();
    expect((await parapet('evidence', '--out', out, '--results', results)).code).toBe(EXIT.usage);
    expect((await parapet('evidence', '--out', out, '--results', join(room, 'none'))).code).toBe(EXIT.missing);
  });

  it('makes UUIDs by RFC 9562', () => {
    // In the namespace of domain names, as Python’s uuid.uuid5 gives it.
    expect(version5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    );
  });
});

/** NIST's own schemas of OSCAL 1.2.1, of its releases (github.com/usnistgov/OSCAL), where somebody has put them. */
const SCHEMAS = process.env.PARAPET_OSCAL_SCHEMAS ?? join(ROOT, 'test', 'vectors', 'oscal');
const official = existsSync(join(SCHEMAS, 'oscal_component_schema.json'));
if (!official)
  console.log(`no OSCAL schemas in ${SCHEMAS}: the evidence is held against test/cli/evidence/shape.ts alone`);

describe.skipIf(!official)('[B20] the evidence, by NIST’s schemas', () => {
  beforeAll(() => leave());

  it.each([
    ['component-definition.json', 'oscal_component_schema.json'],
    ['assessment-results.json', 'oscal_assessment-results_schema.json'],
  ])('[B20] %s is valid', async (document, schema) => {
    await evidence();
    const ajv = new Ajv({ strict: false, allErrors: true });
    formats.default(ajv);
    const valid = ajv.compile(JSON.parse(readFileSync(join(SCHEMAS, schema), 'utf8')));
    const read: unknown = JSON.parse(readFileSync(join(out, document), 'utf8'));
    expect(valid(read) ? [] : valid.errors).toEqual([]);
    // And they refuse what is none.
    expect(valid({ ...Object(read), stray: true })).toBe(false);
  });
});

/** Of the things themselves, not of those that refer to them. */
function uuidsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'uuid' && typeof member === 'string' ? [member] : uuidsIn(member),
  );
}
