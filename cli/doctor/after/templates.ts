import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ask } from '../../deployed/asked.ts';
import type { Deployed } from '../../deployed/deployed.ts';
import { templateDifferences } from '../../deployed/differences.ts';
import { type CheckAfter, type Finding, orWell, problem, unasked, warning, well } from '../finding.ts';

const SHOWN = 12;

export const templates: CheckAfter = {
  id: 'templates',
  title: 'The stacks, and what differs from these templates',
  look: async (deployed) => {
    if (deployed.embedded) return [well('the embedded cloud runs the templates as they are here')];
    return [...(await differences(deployed)), ...(await states(deployed))];
  },
};

async function differences(deployed: Deployed): Promise<readonly Finding[]> {
  const asked = await templateDifferences(deployed);
  if (!asked.answered) {
    return [unasked(`the stacks’ templates: ${asked.because}`, 'Ask as somebody who may cloudformation:GetTemplate.')];
  }
  const found = asked.value.map(({ stack, logicalId, kind }) =>
    warning(
      `${stack} ${logicalId}: ${{ missing: 'not deployed', additional: 'deployed, and not in these templates', changed: 'deployed otherwise' }[kind]}`,
      'npx cdk diff shows how; npx cdk deploy --all brings the stack to this version.',
    ),
  );
  const more = found.length - SHOWN;
  return orWell(
    more > 0
      ? [...found.slice(0, SHOWN), warning(`and ${more} more resources differ`, 'npx cdk diff lists them.')]
      : found,
    'every resource is deployed as these templates say',
  );
}

async function states({ clients, synthesized: { deployment, config } }: Deployed): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const StackName of new Set(deployment.resources.map(({ stack }) => stack))) {
    const asked = await ask(() => clients.cloudformation.send(new DescribeStacksCommand({ StackName })));
    if (!asked.answered) {
      found.push(unasked(`${StackName}: ${asked.because}`, 'Ask as somebody who may cloudformation:DescribeStacks.'));
      continue;
    }
    const [stack] = asked.value.Stacks ?? [];
    const { StackStatus = 'unknown', DriftInformation, EnableTerminationProtection } = stack ?? {};
    if (!/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(StackStatus)) {
      found.push(
        problem(
          `${StackName} is ${StackStatus}`,
          'aws cloudformation describe-stack-events says what failed; deploy again.',
        ),
      );
    }
    if (DriftInformation?.StackDriftStatus === 'DRIFTED') {
      found.push(
        problem(
          `${StackName} was changed by hand`,
          'aws cloudformation describe-stack-resource-drifts says what; deploy to put it back.',
        ),
      );
    }
    if (config.retained && EnableTerminationProtection !== true && !StackName.endsWith('-submission')) {
      found.push(warning(`${StackName} may be deleted`, 'npx cdk deploy turns termination protection on again.'));
    }
  }
  return orWell(found, 'the stacks are whole');
}
