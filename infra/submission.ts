/** Upload event → state machine of the four boundaries and the seal. Nothing here is stateful: it may be replaced at will. */

import { join } from 'node:path';
import { CfnOutput, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Actor, STAGES } from '../shared/names.ts';
import { custodyAccess } from './access/custody.ts';
import { egressAccess } from './access/egress.ts';
import { ingestionAccess } from './access/ingestion.ts';
import { processingAccess } from './access/processing.ts';
import { reconciliationAccess } from './access/reconciliation.ts';
import { saltRotationAccess } from './access/salt-rotation.ts';
import { sealAccess } from './access/seal.ts';
import { BoundaryFunction, type StageAccess } from './constructs/boundary-function.ts';
import { ClosingMachine, UNSEALED } from './constructs/closing-machine.ts';
import { CUSTODIAN_INVOKES, CustodianMachine } from './constructs/custodian-machine.ts';
import { deadLetterQueue } from './constructs/dead-letters.ts';
import { FlowMachine } from './constructs/flow-machine.ts';
import { Rotation } from './constructs/rotation.ts';
import { startingRule } from './constructs/starting-rule.ts';
import { stateMachine } from './constructs/state-machine.ts';
import type { Foundation } from './foundation.ts';
import { ACTORS, capital } from './principals.ts';

/** What each function may do, and its memory in MiB (ingestion parses and tokenises; processing runs a sandbox). */
const FUNCTIONS: Readonly<Record<Actor, { access: (foundation: Foundation) => StageAccess; memory: number }>> = {
  ingestion: { access: ingestionAccess, memory: 1769 },
  reconciliation: { access: reconciliationAccess, memory: 1024 },
  processing: { access: processingAccess, memory: 1769 },
  egress: { access: egressAccess, memory: 1024 },
  seal: { access: sealAccess, memory: 1024 },
  custody: { access: custodyAccess, memory: 1024 },
};

/** A run of a million records takes minutes; what takes longer than this is stuck, and is sealed as timed out. */
const FLOW_TIMEOUT = Duration.hours(6);

export interface SubmissionProps extends StackProps {
  readonly foundation: Foundation;
  /** Folder with a bundle per actor. */
  readonly bundles: string;
}

export class Submission extends Stack {
  readonly functions: Readonly<Record<Actor, lambda.Function>>;
  readonly saltRotation: Rotation;
  readonly flow: sfn.StateMachine;
  /** Release and discard, as the operator asks for them. */
  readonly custodian: sfn.StateMachine;
  readonly closing: sfn.StateMachine;
  readonly deadLetters: sqs.Queue;
  readonly #foundation: Foundation;

  constructor(scope: Construct, id: string, props: SubmissionProps) {
    super(scope, id, props);
    const { foundation, bundles } = props;
    this.#foundation = foundation;
    this.functions = Object.fromEntries(
      ACTORS.map((stage) => {
        const { access, memory } = FUNCTIONS[stage];
        const code = join(bundles, stage);
        const made = new BoundaryFunction(this, capital(stage), {
          stage,
          foundation,
          access: access(foundation),
          code,
          memory,
        });
        return [stage, made.function];
      }),
    ) as Record<Actor, lambda.Function>;
    this.saltRotation = new Rotation(this, 'SaltRotation', {
      actor: 'salt-rotation',
      foundation,
      access: saltRotationAccess(foundation),
      code: join(bundles, 'salt-rotation'),
      secrets: { TokenSalts: foundation.tokenSalts.ref },
    });
    this.deadLetters = deadLetterQueue(this, foundation, {
      id: 'DeadLetters',
      logicalId: 'DeadLetterQueue',
      name: 'dead-letters',
    });
    const arnsOf = (actors: readonly Actor[]): string[] => actors.map((actor) => this.functions[actor].functionArn);
    this.flow = stateMachine(this, foundation, {
      name: 'Submission',
      id: 'Flow',
      definition: new FlowMachine(this, 'Boundaries', this.functions).definition,
      invokes: arnsOf(STAGES),
      timeout: FLOW_TIMEOUT,
    });
    this.custodian = stateMachine(this, foundation, {
      name: 'Custodian',
      definition: new CustodianMachine(this, 'Custodianship', this.functions).definition,
      invokes: arnsOf(CUSTODIAN_INVOKES),
      timeout: FLOW_TIMEOUT,
    });
    const machines = { upload: this.flow.stateMachineArn, custody: this.custodian.stateMachineArn };
    this.closing = stateMachine(this, foundation, {
      name: 'Closing',
      definition: new ClosingMachine(this, 'LateSeal', this.functions.seal, machines).definition,
      invokes: arnsOf(['seal']),
      timeout: Duration.hours(2),
    });
    new CfnOutput(this, 'StateMachineArn', { value: this.flow.stateMachineArn });
    new CfnOutput(this, 'CustodianStateMachineArn', { value: this.custodian.stateMachineArn });
    this.#rule('Landing', this.flow, {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: { bucket: { name: [foundation.buckets.landing.bucketName] } },
    });
    this.#rule('Unsealed', this.closing, {
      source: ['aws.states'],
      detailType: ['Step Functions Execution Status Change'],
      detail: { status: Object.keys(UNSEALED), stateMachineArn: Object.values(machines) },
    });
  }

  #rule(name: 'Landing' | 'Unsealed', machine: sfn.StateMachine, pattern: events.EventPattern): void {
    startingRule(this, this.#foundation, { name, machine, pattern, deadLetters: this.deadLetters });
  }
}
