/** The state machine of an upload: the boundaries in their order, and the seal. */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Stage } from '../../shared/names.ts';
import { BEGINNING, BOUNDARIES, BoundaryStates, failedUntilRedriven, unknownInput } from './boundary-states.ts';
import { uploadOf } from './execution-input.ts';
import { jsonata } from './invoke.ts';

export class FlowMachine extends Construct {
  readonly definition: sfn.Chain;

  constructor(scope: Construct, id: string, functions: Readonly<Record<Stage, lambda.IFunction>>) {
    super(scope, id);
    // What was committed is taken as it is: beginning anew is going on.
    const again = sfn.Pass.jsonata(this, 'again', {
      comment: 'A failed run that was redriven',
      assign: { ...BEGINNING, redrives: jsonata('$states.context.Execution.RedriveCount') },
    });
    const states = new BoundaryStates(this, functions, failedUntilRedriven(this, again));
    const { ingestion } = states.chain(BOUNDARIES);
    again.next(ingestion);
    const begin = sfn.Pass.jsonata(this, 'begin', {
      comment: 'The event of EventBridge',
      assign: {
        ...BEGINNING,
        execution: jsonata('$states.context.Execution.Id'),
        upload: jsonata(uploadOf('$states.input')),
        custody: null,
        redrives: 0,
      },
    });
    this.definition = begin.next(
      sfn.Choice.jsonata(this, 'kind')
        .when(sfn.Condition.jsonata(jsonata('$upload != null')), ingestion)
        .otherwise(unknownInput(this)),
    );
  }
}
