/** What the static judges look at: both profiles, and one with everything that a configuration may ask for. */
import type { Entries } from '../../infra/bundle.ts';
import type { DeploymentConfiguration } from '../../infra/config.ts';
import { SWEEP_STEPS, sweepActor } from '../../shared/names.ts';
import { ROTATED } from './sweep-configuration.ts';
import { configuration, fixtureEntries } from './templates.ts';

export const JUDGED: Readonly<Record<'sandbox' | 'production' | 'everything', DeploymentConfiguration>> = {
  sandbox: configuration('sandbox'),
  production: configuration('production'),
  everything: configuration('production', {
    ...ROTATED,
    alarmEmail: 'night@example.org',
    detection: { guardDuty: true, securityHub: true },
    uploaders: ['arn:aws:iam::123456789012:role/portal'],
    network: { prefixLists: { s3: 'pl-63a5400a', dynamodb: 'pl-02cd2c6b' } },
    partnerExportBuckets: [
      {
        name: 'partner-drop',
        account: '210987654321',
        keyArn: 'arn:aws:kms:us-east-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      },
    ],
  }),
};
export type Judged = keyof typeof JUDGED;
export const JUDGED_NAMES = ['sandbox', 'production', 'everything'] as const satisfies readonly Judged[];

/** The smallest handler in every actor's place. */
export const judgedEntries: Entries = {
  ...fixtureEntries,
  ...Object.fromEntries(SWEEP_STEPS.map((step) => [sweepActor(step), fixtureEntries.seal])),
};
