/** What the drawing shows of a deployment: read from its templates, in the order in which they have it. */
import type { DeployedResource, Deployment } from '../../local/service.ts';
import { listed, member, statementsIn, texts } from '../templates/reading.ts';

export interface DrawnFunction {
  readonly name: string;
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly signs: readonly string[];
}

export interface DrawnFlow {
  readonly name: string;
  /** What starts it, in words. */
  readonly started: string;
  /** Shown here, as no flow before it has shown them. */
  readonly functions: readonly DrawnFunction[];
  /** Invoked, and shown above. */
  readonly also: readonly string[];
}

export interface DrawnStore {
  readonly name: string;
  readonly facts: readonly string[];
}

export interface Drawing {
  readonly people: readonly string[];
  readonly flows: readonly DrawnFlow[];
  readonly doors: readonly string[];
  readonly buckets: readonly DrawnStore[];
  readonly tables: readonly string[];
  readonly secrets: readonly string[];
  readonly signing: readonly string[];
  readonly oversight: readonly DrawnStore[];
}

export function drawingOf(deployment: Deployment): Drawing {
  const shown = new Set<string>();
  const flows = [...machines(deployment, shown), ...alone(deployment, shown)];
  return {
    people: deployment
      .ofType('AWS::IAM::Role')
      .filter(isOfPerson)
      .map(({ logicalId }) => words(logicalId.replace(/Role$/, ''))),
    flows,
    doors: deployment.ofType('AWS::EC2::VPCEndpoint').map(doorOf),
    buckets: deployment.ofType('AWS::S3::Bucket').map((bucket) => storeOf(bucket, deployment)),
    tables: deployment.ofType('AWS::DynamoDB::Table').map(({ logicalId }) => words(logicalId.replace(/Table$/, ''))),
    secrets: deployment.ofType('AWS::SecretsManager::Secret').map(({ logicalId }) => words(logicalId)),
    signing: deployment
      .ofType('AWS::KMS::Key')
      .filter(({ properties }) => properties.KeyUsage === 'SIGN_VERIFY')
      .map(({ logicalId, properties }) => `${words(logicalId.replace(/Key$/, ''))}: ${String(properties.KeySpec)}`),
    oversight: oversightOf(deployment),
  };
}

/** `SealSigningKey` → `seal signing key`. */
const words = (name: string): string =>
  name.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, ' ').replaceAll(/[A-Z][a-z]/g, (start) => start.toLowerCase());

const isOfPerson = ({ properties }: DeployedResource): boolean =>
  statementsIn(properties.AssumeRolePolicyDocument).some(({ principal }) =>
    texts(member(principal, 'AWS')).some((arn) => arn.endsWith(':root')),
  );

const DOORS: Readonly<Record<string, string>> = {
  s3: 'S3',
  dynamodb: 'DynamoDB',
  kms: 'KMS',
  secretsmanager: 'Secrets Manager',
};

function doorOf({ properties }: DeployedResource): string {
  const service = String(properties.ServiceName).split('.').at(-1) ?? '';
  return `${DOORS[service] ?? service}, by ${String(properties.VpcEndpointType ?? 'Gateway').toLowerCase()}`;
}

const nameOf = ({ logicalId }: DeployedResource): string => words(logicalId.replace(/Function$/, ''));
/** CDK's, which empties the buckets of a sandbox that is taken down. */
const isProviders = ({ logicalId }: DeployedResource): boolean => logicalId.startsWith('Custom');

function machines(deployment: Deployment, shown: Set<string>): DrawnFlow[] {
  return deployment.ofType('AWS::StepFunctions::StateMachine').map((machine) => {
    const role = deployment.resources.find(({ arn }) => arn === machine.properties.RoleArn);
    const invoked = statementsIn(role?.properties.Policies)
      .filter(({ actions }) => actions.includes('lambda:InvokeFunction'))
      .flatMap(({ resources }) => resources);
    const functions = deployment.ofType('AWS::Lambda::Function').filter(({ arn }) => invoked.includes(arn));
    const fresh = functions.filter(({ arn }) => !shown.has(arn));
    for (const { arn } of fresh) shown.add(arn);
    return {
      name: words(machine.logicalId.replace(/StateMachine$/, '')),
      started: startedBy(machine, deployment),
      functions: fresh.map((each) => functionOf(each, deployment)),
      also: functions.filter((each) => !fresh.includes(each)).map(nameOf),
    };
  });
}

/** Functions that no machine invokes: who may, says Lambda's own policy. */
function alone(deployment: Deployment, shown: ReadonlySet<string>): DrawnFlow[] {
  return deployment
    .ofType('AWS::Lambda::Function')
    .filter((each) => !shown.has(each.arn) && !isProviders(each))
    .map((each) => {
      const callers = deployment
        .ofType('AWS::Lambda::Permission')
        .filter(({ properties }) => [each.arn, each.physicalId].includes(String(properties.FunctionName)))
        .map(({ properties }) => String(properties.Principal));
      return {
        name: nameOf(each),
        started: `invoked by ${callers.join(', ') || 'nobody'}`,
        functions: [functionOf(each, deployment)],
        also: [],
      };
    });
}

function startedBy(machine: DeployedResource, deployment: Deployment): string {
  const rules = deployment
    .ofType('AWS::Events::Rule')
    .filter(({ properties }) => listed(properties.Targets).some((target) => member(target, 'Arn') === machine.arn))
    .map(({ properties }) => `“${texts(member(properties.EventPattern, 'detail-type')).join('”, “')}”`);
  const schedules = deployment
    .ofType('AWS::Scheduler::Schedule')
    .filter(({ properties }) => String(member(properties.Target, 'Input')).includes(`"${machine.arn}"`))
    .map(() => 'a schedule');
  const starts = [...rules.map((each) => `the event ${each}`), ...new Set(schedules)];
  return starts.length > 0 ? `started by ${starts.join(' and ')}` : 'started by people';
}

function functionOf(resource: DeployedResource, deployment: Deployment): DrawnFunction {
  const role = deployment.resources.find(({ arn }) => arn === resource.properties.Role);
  const allowed = statementsIn(role?.properties.Policies).filter(({ effect }) => effect === 'Allow');
  const touched = (actions: RegExp): string[] => [
    ...new Set(
      allowed
        .filter((statement) => statement.actions.some((action) => actions.test(action)))
        .flatMap(({ resources }) => resources.flatMap((arn) => placeOf(arn, deployment))),
    ),
  ];
  return {
    name: nameOf(resource),
    reads: touched(/^(s3:GetObject|dynamodb:(Get|BatchGet|Query|Scan)|secretsmanager:GetSecretValue)/),
    writes: touched(/^(s3:PutObject$|dynamodb:(Put|Update|BatchWrite|Delete)|secretsmanager:PutSecretValue)/),
    signs: touched(/^kms:Sign$/),
  };
}

/** The store that an ARN lies in, as a person calls it; nothing where it is no store of ours. */
function placeOf(arn: string, deployment: Deployment): string[] {
  const own = deployment.resources.filter(
    (each) =>
      /^AWS::(S3::Bucket|DynamoDB::Table|SecretsManager::Secret|KMS::Key)$/.test(each.type) &&
      (arn === each.arn || arn.startsWith(`${each.arn}/`) || arn.startsWith(`${each.arn}-`)),
  );
  return own.map(({ logicalId }) => words(logicalId.replace(/(Bucket|Table|Key)$/, '')));
}

function storeOf({ logicalId, properties }: DeployedResource, deployment: Deployment): DrawnStore {
  const rules = listed(member(properties.BucketEncryption, 'ServerSideEncryptionConfiguration'));
  const keyArn = member(rules[0], 'ServerSideEncryptionByDefault', 'KMSMasterKeyID');
  const key = deployment.ofType('AWS::KMS::Key').find(({ arn, physicalId }) => keyArn === arn || keyArn === physicalId);
  const lock = member(properties.ObjectLockConfiguration, 'Rule', 'DefaultRetention');
  return {
    name: words(logicalId.replace(/Bucket$/, '')),
    facts: [
      ...(key === undefined ? [] : [words(key.logicalId)]),
      ...(lock === undefined ? [] : [`${String(member(lock, 'Mode'))}, ${String(member(lock, 'Days'))} days`]),
    ],
  };
}

function oversightOf(deployment: Deployment): DrawnStore[] {
  const count = (type: string): number => deployment.ofType(type).length;
  const topic = count('AWS::SNS::Subscription') > 0 ? 'topic → mail' : 'topic';
  const detectors = ['AWS::GuardDuty::Detector', 'AWS::SecurityHub::Hub']
    .flatMap((type) => deployment.ofType(type))
    .map(({ type }) => type.split('::')[1] ?? '');
  return [
    { name: 'CloudTrail', facts: ['all regions, data events', '→ trail bucket, log group'] },
    { name: 'Athena', facts: [`${count('AWS::Athena::NamedQuery')} saved queries`, 'over the trail bucket'] },
    {
      name: 'CloudWatch',
      facts: [
        `${count('AWS::Logs::MetricFilter')} filters of the trail`,
        `${count('AWS::CloudWatch::Alarm')} alarms → ${topic}`,
        'one dashboard',
      ],
    },
    ...(detectors.length === 0 ? [] : [{ name: detectors.join(', '), facts: ['findings → topic'] }]),
    { name: 'VPC flow log', facts: ['what was rejected'] },
    { name: 'Dead letters', facts: [`${count('AWS::SQS::Queue')} queues, with alarms`] },
  ];
}
