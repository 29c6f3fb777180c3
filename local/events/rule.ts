/** Rules of the default bus as the template declares them. What is not served is refused here, not skipped later. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';
import { compilePattern } from './pattern.ts';

export interface Target {
  readonly id: string;
  readonly arn: string;
  readonly roleArn: string | undefined;
  /** JSON text that takes the place of the event. */
  readonly input: string | undefined;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
}

export interface Rule {
  readonly name: string;
  readonly arn: string;
  readonly targets: readonly Target[];
  matches(event: unknown): boolean;
}

/** What a target may be, by the service in its ARN. */
const SERVED = ['states', 'sqs', 'lambda'];

const target = z.strictObject({
  Id: z.string(),
  Arn: z.string(),
  RoleArn: z.string().optional(),
  Input: z.string().optional(),
  // Defaults: EventBridge user guide, "How EventBridge retries delivering events".
  RetryPolicy: z
    .strictObject({
      MaximumRetryAttempts: z.int().min(0).max(185).default(185),
      MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
    })
    .prefault({}),
  DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
});
const properties = z.strictObject({
  Name: z.string().optional(),
  Description: z.string().optional(),
  EventBusName: z.literal('default').optional(),
  EventPattern: z.unknown(),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Targets: z.array(target).default([]),
});

/**
 * @throws Problem `not-implemented` for scheduled rules, other buses and anything of a target that is not served;
 * `configuration-invalid` for a pattern that is wrong.
 */
export function readRules(deployment: Deployment): readonly Rule[] {
  return deployment.ofType('AWS::Events::Rule').flatMap((resource) => readRule(resource));
}

function readRule({ logicalId, arn, physicalId, properties: given }: DeployedResource): Rule[] {
  const parsed = properties.safeParse(given);
  if (!parsed.success) throw refused(logicalId, z.prettifyError(parsed.error));
  if (parsed.data.EventPattern === undefined) throw refused(logicalId, 'a rule without an event pattern');
  if (neverHappens(parsed.data.EventPattern)) return [];
  const matches = compilePattern(parsed.data.EventPattern, `${logicalId}/EventPattern`);
  if (parsed.data.State === 'DISABLED') return [];
  const unserved = parsed.data.Targets.find(({ Arn }) => !SERVED.includes(Arn.split(':')[2] ?? ''));
  if (unserved) throw refused(logicalId, `the target ${unserved.Id}`);
  const targets = parsed.data.Targets.map(
    (each): Target => ({
      id: each.Id,
      arn: each.Arn,
      roleArn: each.RoleArn,
      input: each.Input,
      maximumRetryAttempts: each.RetryPolicy.MaximumRetryAttempts,
      maximumEventAgeSeconds: each.RetryPolicy.MaximumEventAgeInSeconds,
      deadLetterArn: each.DeadLetterConfig?.Arn,
    }),
  );
  return [{ name: physicalId, arn, targets, matches }];
}

/** Services of AWS whose events there are here. */
const EMITTED = ['aws.s3', 'aws.states'];

/** A rule on what only services say that are not here (GuardDuty): nothing that it does would ever be tried. */
function neverHappens(pattern: unknown): boolean {
  const parsed = z.object({ source: z.array(z.string()) }).safeParse(pattern);
  return parsed.success && parsed.data.source.every((source) => source.startsWith('aws.') && !EMITTED.includes(source));
}

const refused = (logicalId: string, detail: string): Problem =>
  new Problem('not-implemented', { detail: `${logicalId}: ${detail}.` });
