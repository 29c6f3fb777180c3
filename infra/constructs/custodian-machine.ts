/**
 * The state machine of release and discard, each a run of its own. It is apart from that of an upload, so that whoever may ask the
 * custodian can start nothing else. The custodian's answer stands for that of the stage before the boundary which turned the
 * records away: they enter again there, and no rule is passed over.
 */
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { type Actor, CUSTODY } from '../../shared/names.ts';
import {
  BEGINNING,
  BOUNDARIES,
  type Boundary,
  BoundaryStates,
  FIRST_ANSWER,
  failedState,
  hasOutcome,
  unknownInput,
} from './boundary-states.ts';
import { askedOf } from './execution-input.ts';
import { jsonata } from './invoke.ts';

type Entered = Exclude<Boundary, 'ingestion'>;
const ENTERED = BOUNDARIES.filter((stage): stage is Entered => stage !== 'ingestion');

/** Whom the machine invokes: nothing of an upload is ingested here. */
export const CUSTODIAN_INVOKES = [CUSTODY, ...ENTERED, 'seal'] as const satisfies readonly Actor[];

export class CustodianMachine extends Construct {
  readonly definition: sfn.Chain;

  constructor(
    scope: Construct,
    id: string,
    functions: Readonly<Record<(typeof CUSTODIAN_INVOKES)[number], lambda.IFunction>>,
  ) {
    super(scope, id);
    // Asking again starts anew: no redrive is needed.
    const failed = failedState(this);
    const states = new BoundaryStates(this, functions, failed);
    const boundaries = states.chain(ENTERED);
    // What could not be done is sealed as well, under the run that the request names.
    const nameable = sfn.Choice.jsonata(this, 'after-failed-custody')
      .when(sfn.Condition.jsonata(jsonata('$custody != null')), states.seal)
      .otherwise(failed);
    const payload = jsonata("{'execution': $execution, 'custody': $states.input.custody}");
    const custody = states.task(CUSTODY, payload, FIRST_ANSWER, nameable);
    const after = sfn.Choice.jsonata(this, `after-${CUSTODY}`);
    for (const entered of ENTERED) {
      const before = BOUNDARIES[BOUNDARIES.indexOf(entered) - 1];
      const answered = `$states.input.outcome = 'passed' and $states.input.stage = '${before}'`;
      after.when(sfn.Condition.jsonata(jsonata(answered)), boundaries[entered]);
    }
    custody.next(
      after
        .when(hasOutcome('emptied', 'refused'), states.seal)
        .when(hasOutcome('settled'), states.settled)
        .otherwise(states.unknownOutcome(CUSTODY)),
    );
    const begin = sfn.Pass.jsonata(this, 'begin', {
      comment: 'A request to the custodian',
      assign: {
        ...BEGINNING,
        execution: jsonata('$states.context.Execution.Id'),
        upload: null,
        custody: jsonata(askedOf('$states.input')),
        redrives: 0,
      },
    });
    this.definition = begin.next(
      sfn.Choice.jsonata(this, 'kind')
        .when(sfn.Condition.jsonata(jsonata('$exists($states.input.custody)')), custody)
        .otherwise(unknownInput(this)),
    );
  }
}
