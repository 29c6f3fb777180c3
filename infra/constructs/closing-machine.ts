/**
 * Seals what the flow could not: an execution that was aborted, that timed out, or that failed in a way that no catch sees.
 * Its input is EventBridge's `Step Functions Execution Status Change`, whose `detail.input` is the flow's own input as text.
 */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { askedOf, uploadOf } from './execution-input.ts';
import { invoke, jsonata } from './invoke.ts';

/** Statuses that an execution can end in without having sealed, and how the seal names each. */
export const UNSEALED = { FAILED: 'failed', TIMED_OUT: 'timed-out', ABORTED: 'aborted' } as const;

export class ClosingMachine extends Construct {
  readonly definition: sfn.IChainable;

  /** @param of whose executions carry what: no machine's input is believed where it speaks of the other's matters. */
  constructor(scope: Construct, id: string, seal: lambda.IFunction, of: { upload: string; custody: string }) {
    super(scope, id);
    const from = (machine: string, read: (event: string) => string): string =>
      jsonata(`$states.input.detail.stateMachineArn = '${machine}' ? ${fromInput(read)} : null`);
    const begin = sfn.Pass.jsonata(this, 'begin', {
      assign: {
        execution: jsonata('$states.input.detail.executionArn'),
        ending: jsonata(`$lookup(${JSON.stringify(UNSEALED)}, $states.input.detail.status)`),
        error: jsonata("$type($states.input.detail.error) = 'string' ? $states.input.detail.error : null"),
        upload: from(of.upload, uploadOf),
        custody: from(of.custody, askedOf),
      },
    });
    const task = invoke(
      this,
      'seal',
      seal,
      jsonata(
        "$merge([{'execution': $execution, 'ending': $ending}, $upload ? {'upload': $upload} : {}, $custody ? {'custody': $custody} : {}, $error ? {'error': $error} : {}])",
      ),
    );
    this.definition = begin.next(
      sfn.Choice.jsonata(this, 'kind')
        .when(sfn.Condition.jsonata(jsonata('$upload != null or $custody != null')), task)
        // It named no run, and so has done nothing.
        .otherwise(sfn.Succeed.jsonata(this, 'nothing-to-seal')),
    );
  }
}

/** The input may be missing: EventBridge leaves out what is too large. */
const fromInput = (read: (event: string) => string): string =>
  `($event := $type($states.input.detail.input) = 'string' ? $parse($states.input.detail.input) : {}; ${read('$event')})`;
