import type { Traced } from '../requirements/traced.ts';
import type { AssessedControl } from './assessed.ts';
import { PRODUCT_UUID } from './component-definition.ts';
import { backMatter, claimUuid, metadata, type Occasion, property } from './oscal.ts';
import { uuidOf } from './uuid.ts';

const PLAN_UUID = uuidOf('plan', 'test-suites');
const observationUuid = (requirement: string): string => uuidOf('observation', requirement);

/** What the last run of the tests says: an observation for each requirement, a finding for each control. */
export function assessmentResults(controls: readonly AssessedControl[], occasion: Occasion) {
  const requirements = new Map(
    controls.flatMap(({ claims }) => claims.flatMap((claim) => claim.requirements)).map((each) => [each.id, each]),
  );
  const inOrder = [...requirements.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  return {
    'assessment-results': {
      uuid: uuidOf('assessment-results', occasion.deployment, occasion.profile),
      metadata: metadata('Parapet: controls, as the tests found them', occasion),
      'import-ap': { href: `#${PLAN_UUID}` },
      results: [
        {
          uuid: uuidOf('result', occasion.deployment, occasion.profile),
          title: 'The last run of the test suites',
          description: `Templates of the profile ${occasion.profile}; the requirements as their tests left them.`,
          start: occasion.from,
          end: occasion.until,
          'local-definitions': {
            components: [
              {
                uuid: PRODUCT_UUID,
                type: 'software',
                title: 'Parapet',
                description: `Version ${occasion.version}, as synthesized for ${occasion.deployment}.`,
                status: {
                  state: 'other',
                  remarks: 'As the templates have it: whether it is deployed they do not know.',
                },
              },
            ],
          },
          'reviewed-controls': {
            'control-selections': [{ 'include-controls': controls.map(({ id }) => ({ 'control-id': id })) }],
          },
          observations: inOrder.map((requirement) => observation(requirement, occasion)),
          findings: controls.map(finding),
        },
      ],
      'back-matter': backMatter({
        uuid: PLAN_UUID,
        title: 'The test suites: npm test and npm run test:full',
        description:
          'Every test that proves a requirement carries its id in its title; docs/requirements.json lists them.',
      }),
    },
  };
}

function observation({ id, requirement, state, tests }: Traced, { until }: Occasion) {
  const count = (outcome: string): number => tests.filter((test) => test.state === outcome).length;
  const files = [...new Set(tests.map(({ file }) => file))].sort();
  return {
    uuid: observationUuid(id),
    title: `Requirement ${id}`,
    description: requirement,
    props: [
      property('requirement', id),
      property('state', state),
      property('tests-passed', String(count('passed'))),
      property('tests-failed', String(count('failed'))),
    ],
    methods: ['TEST'],
    subjects: [{ 'subject-uuid': PRODUCT_UUID, type: 'component' }],
    ...(files.length === 0
      ? {}
      : {
          'relevant-evidence': files.map((file) => {
            const mine = tests.filter((test) => test.file === file);
            const passed = mine.filter((test) => test.state === 'passed').length;
            return { href: file, description: `${passed} of ${mine.length} tests passed` };
          }),
        }),
    collected: until,
  };
}

function finding(control: AssessedControl) {
  const { id, title, framework, claims, satisfied } = control;
  const lacks = claims.flatMap((claim) => claim.lacks.map((each) => `${claim.id}: ${each}`));
  const requirements = [...new Set(claims.flatMap((claim) => claim.requirements.map((each) => each.id)))].sort();
  return {
    uuid: uuidOf('finding', framework.id, id),
    title: `${framework.title}, ${id}: ${title}`,
    description: satisfied ? 'Every claim has tests that passed.' : `Not satisfied. ${lacks.join('; ')}.`,
    props: claims.map((claim) => property('claim', claimUuid(control, claim.id))),
    target: {
      type: 'statement-id',
      'target-id': `${id}_smt`,
      status: satisfied ? { state: 'satisfied', reason: 'pass' } : { state: 'not-satisfied', reason: 'fail' },
    },
    'related-observations': requirements.map((each) => ({ 'observation-uuid': observationUuid(each) })),
  };
}
