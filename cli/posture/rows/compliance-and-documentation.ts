import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tracedRequirements } from '../../requirements/traced.ts';
import { contractsIn } from '../../templates/contracts.ts';
import { idsOf, listed, member } from '../../templates/reading.ts';
import { type Finding, fail, notApplicable, notChecked, pass, type Section, type View } from '../row.ts';

const RUNBOOK = join('docs', 'runbook.md');

export const complianceAndDocumentation: Section = {
  title: 'Compliance & Documentation',
  rows: [
    {
      id: 'classification',
      ofRepository: true,
      item: 'Data classification documented (PII, PHI, confidential)',
      judge: ({ root }) => {
        const contracts = contractsIn(root);
        if (contracts.length === 0) return fail('there is no contract, and so no class of any field', 'contracts');
        // A contract without a class for every field does not parse.
        const said = contracts.map(({ file, contract: { fields } }) => {
          const count = (of: string): number => fields.filter((field) => field.class === of).length;
          return `${file}: ${count('pii')} pii, ${count('internal')} internal, ${count('public')} public`;
        });
        return pass('every field of every contract has its class, which the stages enforce', ...said);
      },
    },
    {
      id: 'deletion',
      ofRepository: true,
      item: 'GDPR data deletion procedure implemented',
      judge: ({ root }) => {
        const tested = testedErasure(root);
        if (tested === undefined) {
          return notChecked('no results of tests here, which would say whether erasure works: npm test');
        }
        return tested.length === ERASURE.length
          ? pass('erasure over every store, with its proof, is tested', ...tested)
          : fail(
              'subject keys would make shredding possible; that something carries it out over every store (P16), with its proof (B18), no test shows',
              ...tested,
            );
      },
    },
    {
      id: 'hipaa-agreement',
      ofRepository: true,
      item: 'HIPAA BAA signed with cloud provider (if applicable)',
      attestable: true,
      judge: ({ config }) =>
        config.audit.regimes.includes('hipaa')
          ? notChecked('a signature on paper: whoever has it says so', '/auditRegimes')
          : notApplicable('the configuration names no regime hipaa', '/auditRegimes'),
    },
    {
      id: 'incident-plan',
      ofRepository: true,
      item: 'Incident response plan documented and tested',
      attestable: true,
      judge: (view) => incidentPlan(view),
    },
    {
      id: 'retention',
      item: 'Data retention policy enforced (auto-delete old data)',
      judge: ({ deployment }) => {
        const endless = deployment
          .ofType('AWS::S3::Bucket')
          .filter(
            ({ properties }) => properties.ObjectLockEnabled !== true && !expires(properties.LifecycleConfiguration),
          );
        const logs = deployment
          .ofType('AWS::Logs::LogGroup')
          .filter(({ properties }) => properties.RetentionInDays === undefined);
        const wrong = idsOf([...endless, ...logs]);
        if (wrong.length === 0)
          return pass('every bucket and log group has an end', ...idsOf(deployment.ofType('AWS::S3::Bucket')));
        return fail(
          `nothing ends by itself what lies in ${wrong.join(', ')}: no lifecycle rule expires current objects there`,
          ...wrong,
        );
      },
    },
    {
      id: 'training',
      ofRepository: true,
      item: 'Security training completed by all team members',
      attestable: true,
      judge: () => notChecked('people, whom no template knows: whoever keeps the record says so'),
    },
  ],
};

/** Requirements: cryptographic shredding with proofs, erasure over every store. */
const ERASURE = ['B18', 'P16'] as const;

/** Those whose tests passed in the last run; nothing where no suite has run. */
function testedErasure(root: string): string[] | undefined {
  const results = join(root, '.parapet', 'test-results');
  if (!existsSync(results)) return undefined;
  return tracedRequirements({ results })
    .filter(({ id, state }) => ERASURE.some((each) => each === id) && state === 'passing')
    .map(({ id }) => id);
}

const expires = (lifecycle: unknown): boolean =>
  listed(member(lifecycle, 'Rules')).some(
    (rule) => member(rule, 'Status') === 'Enabled' && member(rule, 'ExpirationInDays') !== undefined,
  );

function incidentPlan({ root, deployment }: View): Finding {
  const file = join(root, RUNBOOK);
  const headings = existsSync(file)
    ? [...readFileSync(file, 'utf8').matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading.toLowerCase())
    : [];
  if (!headings.includes('incident')) return fail('the runbook has no incident plan', RUNBOOK);
  const lost = deployment
    .ofType('AWS::CloudWatch::Alarm')
    .filter(({ properties }) => !headings.includes(String(properties.AlarmDescription).split('#')[1] ?? ''));
  if (lost.length > 0) return fail('alarms without a heading of the runbook', ...idsOf(lost));
  return notChecked(
    'documented, with a heading and a drill for every alarm; whether it was rehearsed is said by whoever was there',
    `${RUNBOOK}#incident`,
  );
}
