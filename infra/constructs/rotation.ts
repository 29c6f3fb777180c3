/** A function that rotates secrets, and their schedules. Secrets Manager alone invokes it, and for these secrets alone. */
import { Aws, Duration } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import type { RotationActor } from '../../shared/names.ts';
import type { Foundation } from '../foundation.ts';
import { BoundaryFunction, type StageAccess } from './boundary-function.ts';
import { pin } from './pinned.ts';

export interface RotationProps {
  readonly actor: RotationActor;
  readonly foundation: Foundation;
  readonly access: StageAccess;
  /** Folder with `index.mjs`. */
  readonly code: string;
  /** ARN by the name in logical ids. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** A step takes a second; a database that does not answer, less than this. */
const STEP_TIMEOUT = Duration.minutes(1);

export class Rotation extends Construct {
  readonly function: lambda.Function;

  constructor(scope: Construct, id: string, { actor, foundation, access, code, secrets }: RotationProps) {
    super(scope, id);
    const made = new BoundaryFunction(this, 'Rotates', {
      stage: actor,
      foundation,
      access,
      code,
      memory: 256,
      timeout: STEP_TIMEOUT,
      boundary: foundation.rotationBoundary,
      reachesStorage: false,
    });
    this.function = made.function;
    for (const [name, arn] of Object.entries(secrets)) {
      // Not `grantInvoke`: it would name the service alone, and any account's secret could have it rotate (confused deputy).
      const permission = new lambda.CfnPermission(this, `${name}Permission`, {
        functionName: this.function.functionArn,
        action: 'lambda:InvokeFunction',
        principal: 'secretsmanager.amazonaws.com',
        sourceAccount: Aws.ACCOUNT_ID,
        sourceArn: arn,
      });
      pin(permission, `${name}RotationPermission`);
      const schedule = new secretsmanager.CfnRotationSchedule(this, `${name}Schedule`, {
        secretId: arn,
        rotationLambdaArn: this.function.functionArn,
        rotationRules: { automaticallyAfterDays: foundation.config.rotationDays },
        rotateImmediatelyOnUpdate: false,
      });
      // Secrets Manager tries whether it may invoke the function when the schedule is made.
      schedule.addResourceDependency(permission);
      pin(schedule, `${name}RotationSchedule`);
    }
  }
}
