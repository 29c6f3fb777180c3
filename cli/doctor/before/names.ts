import type { DeployedResource } from '../../../local/service.ts';
import { type CheckBefore, orWell, problem } from '../finding.ts';

/** Longest name of a type, and the property that gives it. What has no such property CloudFormation names itself, and cuts to fit. */
const NAMES: Readonly<Record<string, { readonly property: string; readonly longest: number }>> = {
  'AWS::IAM::Role': { property: 'RoleName', longest: 64 },
  'AWS::IAM::ManagedPolicy': { property: 'ManagedPolicyName', longest: 128 },
  'AWS::Lambda::Function': { property: 'FunctionName', longest: 64 },
  'AWS::StepFunctions::StateMachine': { property: 'StateMachineName', longest: 80 },
  'AWS::Events::Rule': { property: 'Name', longest: 64 },
  'AWS::Scheduler::Schedule': { property: 'Name', longest: 64 },
  'AWS::Scheduler::ScheduleGroup': { property: 'Name', longest: 64 },
  'AWS::SQS::Queue': { property: 'QueueName', longest: 80 },
  'AWS::SNS::Topic': { property: 'TopicName', longest: 256 },
  'AWS::CloudWatch::Alarm': { property: 'AlarmName', longest: 255 },
  'AWS::CloudWatch::Dashboard': { property: 'DashboardName', longest: 255 },
  'AWS::CloudTrail::Trail': { property: 'TrailName', longest: 128 },
  'AWS::Logs::LogGroup': { property: 'LogGroupName', longest: 512 },
  'AWS::KMS::Alias': { property: 'AliasName', longest: 256 },
  'AWS::S3::Bucket': { property: 'BucketName', longest: 63 },
  'AWS::DynamoDB::Table': { property: 'TableName', longest: 255 },
  'AWS::Athena::WorkGroup': { property: 'Name', longest: 128 },
};

export const names: CheckBefore = {
  id: 'names',
  title: 'Names, and that each is there once',
  look: ({ deployment, config }) => {
    const named = deployment.resources.flatMap((resource) => {
      const rule = NAMES[resource.type];
      const name = rule === undefined ? undefined : resource.properties[rule.property];
      return rule === undefined || typeof name !== 'string' ? [] : [{ resource, name, longest: rule.longest }];
    });
    const long = named
      .filter(({ name, longest }) => name.length > longest)
      .map(({ resource, name, longest }) =>
        problem(
          `${resource.logicalId}: a name of ${name.length} characters, of at most ${longest}`,
          `Choose a shorter /deployment than ${config.deployment}.`,
        ),
      );
    return orWell([...long, ...twice(named)], `${named.length} names fit, and none is given twice`);
  },
};

function twice(named: readonly { readonly resource: DeployedResource; readonly name: string }[]) {
  return named
    .filter(({ resource, name }, index) =>
      named.slice(0, index).some((other) => other.name === name && other.resource.type === resource.type),
    )
    .map(({ resource, name }) =>
      problem(
        `${resource.logicalId}: another ${resource.type} is called ${name}`,
        'One of them has to be called otherwise.',
      ),
    );
}
