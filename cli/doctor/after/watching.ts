import { paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { GetScheduleCommand } from '@aws-sdk/client-scheduler';
import { paginateListSubscriptionsByTopic } from '@aws-sdk/client-sns';
import { ask, askEach, silence } from '../../deployed/asked.ts';
import { type Deployed, those } from '../../deployed/deployed.ts';
import { trailOf } from '../../deployed/trail.ts';
import { type CheckAfter, type Finding, orWell, problem, unasked, warning, well } from '../finding.ts';

export const trail: CheckAfter = {
  id: 'trail',
  title: 'The trail',
  look: async (deployed) => {
    const { state, because } = await trailOf(deployed);
    if (state === 'pass') return [well(because)];
    if (state === 'fail') return [problem(because, 'docs/runbook.md#trail-changed')];
    return [unasked(because, 'Ask as somebody who may cloudtrail:GetTrailStatus.')];
  },
};

export const alarms: CheckAfter = {
  id: 'alarms',
  title: 'Alarms, and who hears them',
  look: async (deployed) => [...(await ringing(deployed)), ...(await hearing(deployed))],
};

async function ringing(deployed: Deployed): Promise<readonly Finding[]> {
  const names = those(deployed, 'AWS::CloudWatch::Alarm');
  const prefix = `parapet-${deployed.connection.deployment}-`;
  const asked = await ask(async () => {
    const found = new Map<string, { readonly state: string; readonly acts: boolean }>();
    const pages = paginateDescribeAlarms({ client: deployed.clients.cloudwatch }, { AlarmNamePrefix: prefix });
    for await (const { MetricAlarms = [] } of pages) {
      for (const { AlarmName = '', StateValue = '', ActionsEnabled, AlarmActions = [] } of MetricAlarms) {
        found.set(AlarmName, { state: StateValue, acts: ActionsEnabled === true && AlarmActions.length > 0 });
      }
    }
    return found;
  });
  if (!asked.answered)
    return [unasked(`alarms: ${asked.because}`, 'Ask as somebody who may cloudwatch:DescribeAlarms.')];
  const found = [...names].flatMap(([logicalId, name]): Finding[] => {
    const alarm = asked.value.get(name);
    if (alarm === undefined) return [problem(`${logicalId} is not there`, 'Deploy to put it back.')];
    if (!alarm.acts) return [problem(`${logicalId} tells nobody`, 'aws cloudwatch enable-alarm-actions, or deploy.')];
    return alarm.state === 'ALARM'
      ? [warning(`${logicalId} rings now`, `docs/runbook.md#${name.slice(prefix.length)}`)]
      : [];
  });
  return orWell(found, `${names.size} alarms are there, act, and are silent`);
}

async function hearing(deployed: Deployed): Promise<readonly Finding[]> {
  const found: Finding[] = [];
  for (const [logicalId, TopicArn] of those(deployed, 'AWS::SNS::Topic')) {
    const asked = await ask(async () => {
      const endpoints: string[] = [];
      for await (const page of paginateListSubscriptionsByTopic({ client: deployed.clients.sns }, { TopicArn })) {
        endpoints.push(...(page.Subscriptions ?? []).map(({ SubscriptionArn = '' }) => SubscriptionArn));
      }
      return endpoints;
    });
    if (!asked.answered) {
      found.push(unasked(`${logicalId}: ${asked.because}`, 'Ask as somebody who may sns:ListSubscriptionsByTopic.'));
    } else if (asked.value.length === 0) {
      found.push(
        problem(
          `${logicalId} has no subscriber: alarms ring where nobody hears`,
          'Set /alarmEmail, or subscribe something of yours.',
        ),
      );
    } else if (asked.value.every((arn) => arn === 'PendingConfirmation')) {
      found.push(
        problem(`${logicalId}: no subscriber has confirmed`, 'The mail from AWS Notifications holds the link.'),
      );
    } else {
      found.push(well(`${logicalId} has ${asked.value.length} subscribers`));
    }
  }
  return found;
}

export const schedules: CheckAfter = {
  id: 'schedules',
  title: 'Schedules',
  look: async (deployed) => {
    const { deployment } = deployed.synthesized;
    const declared = deployment.ofType('AWS::Scheduler::Schedule');
    if (declared.length === 0) return [well('the configuration has none')];
    const { answers, silent } = await askEach(
      declared.map(({ logicalId }) => [logicalId, logicalId] as const),
      async (logicalId) => {
        const properties = declared.find((each) => each.logicalId === logicalId)?.properties ?? {};
        const { State } = await deployed.clients.scheduler.send(
          new GetScheduleCommand({
            Name: deployed.physicalIds.get(logicalId),
            ...(typeof properties.GroupName === 'string' ? { GroupName: properties.GroupName } : {}),
          }),
        );
        return { now: State ?? 'unknown', meant: String(properties.State ?? 'ENABLED') };
      },
    );
    const found = [...answers].flatMap(([name, { now, meant }]) =>
      now === meant
        ? []
        : [problem(`${name} is ${now}, and should be ${meant}`, 'Somebody paused it: find out why, then deploy.')],
    );
    const unanswered =
      silent.size === 0
        ? []
        : [unasked(`no answer about ${silence(silent)}`, 'Ask as somebody who may scheduler:GetSchedule.')];
    return orWell([...found, ...unanswered], `${answers.size} schedules are as the templates say`);
  },
};
