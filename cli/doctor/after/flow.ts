import { paginateScan } from '@aws-sdk/client-dynamodb';
import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import { ask, askEach, silence } from '../../deployed/asked.ts';
import type { Deployed } from '../../deployed/deployed.ts';
import { type CheckAfter, type Finding, orWell, problem, unasked, warning } from '../finding.ts';

/** A run may last as long as the flow may (six hours); after that the closing machine seals it. */
const STALE_SECONDS = 6 * 3600 + 2 * 3600;
const SHOWN = 5;

interface OpenRun {
  readonly run: string;
  readonly leaseUntil: number;
}

export const runs: CheckAfter = {
  id: 'runs',
  title: 'Runs without a seal',
  look: async (deployed) => {
    const asked = await ask(() => unsealed(deployed));
    if (!asked.answered) return [unasked(`runs: ${asked.because}`, 'Ask as the operator.')];
    const now = Date.now() / 1000;
    const { open, all } = asked.value;
    const stale = open.filter(({ leaseUntil }) => leaseUntil + STALE_SECONDS < now);
    const waiting = open.filter((each) => !stale.includes(each) && each.leaseUntil < now);
    const shown = (list: readonly OpenRun[]): string => {
      const names = list.slice(0, SHOWN).map(({ run }) => run.slice(0, 8));
      return `${names.join(', ')}${list.length > SHOWN ? ', …' : ''}`;
    };
    const found: Finding[] = [];
    if (stale.length > 0) {
      found.push(
        problem(
          `${stale.length} runs ended without a seal: ${shown(stale)}`,
          'docs/runbook.md#closing-failed, then parapet retry RUN.',
        ),
      );
    }
    if (waiting.length > 0) {
      found.push(
        warning(
          `${waiting.length} runs whose lease is over and that nobody has sealed yet: ${shown(waiting)}`,
          'The closing machine seals them when their execution ends; ask again in an hour.',
        ),
      );
    }
    return orWell(found, `of ${all} runs, ${all - open.length} are sealed, and ${open.length} under way`);
  },
};

/** The keys of a run's item, as functions/aws/run-store.ts writes them; nothing else of it is read. */
async function unsealed({
  clients,
  connection,
}: Deployed): Promise<{ readonly open: OpenRun[]; readonly all: number }> {
  const open: OpenRun[] = [];
  let all = 0;
  const pages = paginateScan(
    { client: clients.dynamodb },
    {
      TableName: connection.tables.runs,
      ProjectionExpression: '#run, #state, #lease',
      ExpressionAttributeNames: { '#run': 'run', '#state': 'state', '#lease': 'leaseUntil' },
    },
  );
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      all += 1;
      if (item.state?.S !== 'sealed')
        open.push({ run: item.run?.S ?? '', leaseUntil: Number(item.leaseUntil?.N ?? 0) });
    }
  }
  return { open, all };
}

export const machines: CheckAfter = {
  id: 'machines',
  title: 'State machines',
  look: async ({ clients, synthesized: { deployment }, physicalIds }) => {
    const declared = deployment.ofType('AWS::StepFunctions::StateMachine');
    const { answers, silent } = await askEach(
      declared.map(({ logicalId }) => [logicalId, physicalIds.get(logicalId) ?? ''] as const),
      async (stateMachineArn) => {
        const { status, definition = '' } = await clients.states.send(
          new DescribeStateMachineCommand({ stateMachineArn }),
        );
        return { status, states: statesIn(definition) };
      },
    );
    const found = declared.flatMap(({ logicalId, properties }): Finding[] => {
      const there = answers.get(logicalId);
      if (there === undefined) return [];
      const meant = statesIn(String(properties.DefinitionString));
      if (there.status !== 'ACTIVE') return [problem(`${logicalId} is ${there.status}`, 'Deploy.')];
      // ARNs in it differ by account: its states are what a person would have changed.
      return there.states === meant ? [] : [problem(`${logicalId} has other states than these templates`, 'Deploy.')];
    });
    const unanswered =
      silent.size === 0
        ? []
        : [unasked(`no answer about ${silence(silent)}`, 'Ask as somebody who may states:DescribeStateMachine.')];
    return orWell(
      [...found, ...unanswered],
      `${answers.size} state machines are active, with the states of these templates`,
    );
  },
};

function statesIn(definition: string): string {
  try {
    const { States = {} } = JSON.parse(definition);
    return Object.keys(States).sort().join(' ');
  } catch {
    return '';
  }
}
