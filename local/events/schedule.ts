/** Schedules as the template declares them. What is not served is refused here, not skipped later. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';
import { type Expression, parseExpression } from './schedule-expression.ts';

export interface Schedule {
  /** `<group>/<name>` */
  readonly name: string;
  readonly arn: string;
  /** ARN of its group: for which the service says that it acts. */
  readonly groupArn: string;
  readonly text: string;
  readonly expression: Expression;
  readonly roleArn: string;
  readonly start: { readonly machineArn: string; readonly name: string | undefined; readonly input: string };
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly deadLetterArn: string | undefined;
}

/** The universal target: with it an execution can be named, and a repeated delivery starts nothing twice. */
const START_EXECUTION = /^arn:aws[\w-]*:scheduler:::aws-sdk:sfn:startExecution$/;

const properties = z.strictObject({
  Name: z.string(),
  Description: z.string().optional(),
  GroupName: z.string(),
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.literal('UTC').optional(),
  FlexibleTimeWindow: z.strictObject({ Mode: z.literal('OFF') }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  KmsKeyArn: z.string().optional(),
  Target: z.strictObject({
    Arn: z.string().regex(START_EXECUTION, 'only aws-sdk:sfn:startExecution is served'),
    RoleArn: z.string(),
    Input: z.string(),
    RetryPolicy: z
      .strictObject({
        MaximumRetryAttempts: z.int().min(0).max(185).default(185),
        MaximumEventAgeInSeconds: z.int().min(60).max(86_400).default(86_400),
      })
      .prefault({}),
    DeadLetterConfig: z.strictObject({ Arn: z.string() }).optional(),
  }),
});
const startExecution = z.strictObject({
  StateMachineArn: z.string(),
  Name: z.string().optional(),
  Input: z.string().default('{}'),
});

/** @throws Problem `not-implemented` for whatever of a schedule is not served. */
export function readSchedules(deployment: Deployment, timeScale: number): readonly Schedule[] {
  const groups = new Map(
    deployment.ofType('AWS::Scheduler::ScheduleGroup').map((group) => [group.physicalId, group.arn]),
  );
  return deployment.ofType('AWS::Scheduler::Schedule').flatMap((resource) => readSchedule(resource, groups, timeScale));
}

function readSchedule(
  { logicalId, arn, properties: given }: DeployedResource,
  groups: ReadonlyMap<string, string>,
  timeScale: number,
): Schedule[] {
  const refused = (detail: string): Problem => new Problem('not-implemented', { detail: `${logicalId}: ${detail}.` });
  const parsed = properties.safeParse(given);
  if (!parsed.success) throw refused(z.prettifyError(parsed.error));
  const { Name, GroupName, ScheduleExpression, State, Target } = parsed.data;
  const groupArn = groups.get(GroupName);
  if (groupArn === undefined) throw refused(`the group ${GroupName} is not in the template`);
  const start = startExecution.safeParse(parseJson(Target.Input));
  if (!start.success) throw refused('an input that is none of startExecution');
  const expression = parseExpression(ScheduleExpression, timeScale, logicalId);
  if (State === 'DISABLED') return [];
  return [
    {
      name: `${GroupName}/${Name}`,
      arn,
      groupArn,
      text: ScheduleExpression,
      expression,
      roleArn: Target.RoleArn,
      start: { machineArn: start.data.StateMachineArn, name: start.data.Name, input: start.data.Input },
      maximumRetryAttempts: Target.RetryPolicy.MaximumRetryAttempts,
      maximumEventAgeSeconds: Target.RetryPolicy.MaximumEventAgeInSeconds,
      deadLetterArn: Target.DeadLetterConfig?.Arn,
    },
  ];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
