import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Disorder } from '../../../local/events/bus.ts';
import { enqueueEvent } from '../../../local/events/outbox.ts';
import { createGateway } from '../../../local/gateway/gateway.ts';
import { openHoldings } from '../../../local/holdings.ts';
import { createIam, type Iam } from '../../../local/iam/iam.ts';
import { createOrchestration, type Orchestration } from '../../../local/orchestration.ts';
import { openStore, type Store } from '../../../local/store.ts';
import { readDeployment, type TemplateDeployment } from '../../../local/template/deployment.ts';
import { temporaryFolder, writeAssembly } from '../support/assembly.ts';
import { LAMBDA, role } from '../support/templates.ts';

export interface Rig extends Orchestration {
  readonly folder: string;
  readonly deployment: TemplateDeployment;
  readonly store: Store;
  readonly iam: Iam;
  readonly defects: unknown[];
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  /** Clients of a person in this role. */
  as(roleName: string): { readonly sfn: SFNClient; readonly sqs: SQSClient };
  emit(source: string, detail: Readonly<Record<string, unknown>>): void;
  arn(type: string, logicalId: string): string;
  close(): Promise<void>;
}

export interface RigOptions {
  readonly folder?: string;
  /** Logical id of a function → source of its `index.mjs`. */
  readonly code?: Readonly<Record<string, string>>;
  readonly disorder?: Disorder;
  readonly started?: boolean;
  /** Whether there is object storage too. */
  readonly storage?: boolean;
}

/** States, queues, rules and functions of one stack `S` of these resources, behind a real gateway. */
export async function rig(resources: Readonly<Record<string, object>>, options: RigOptions = {}): Promise<Rig> {
  const code = options.code ?? {};
  const assembly = writeAssembly({
    S: {
      template: { Resources: { ...resources, ...functions(code) } },
      assets: Object.fromEntries(Object.keys(code).map((id) => [`${id}.zip`, `asset-${id}`])),
    },
  });
  for (const [id, source] of Object.entries(code)) {
    mkdirSync(join(assembly, `asset-${id}`), { recursive: true });
    writeFileSync(join(assembly, `asset-${id}`, 'index.mjs'), source);
  }
  const folder = options.folder ?? temporaryFolder();
  const deployment = readDeployment(assembly);
  const store = openStore(folder);
  const clock = { now: Date.now };
  const iam = createIam({ deployment, store, clock, random: randomBytes });
  const defects: unknown[] = [];
  const holdings = options.storage ? await openHoldings(deployment, store, iam, clock) : undefined;
  let endpoint = '';
  const orchestration = createOrchestration({
    deployment,
    store,
    iam,
    s3: holdings?.s3,
    now: Date.now,
    timeScale: 0.001,
    disorder: options.disorder,
    environment: () => ({ region: deployment.region, endpoint, foreign: undefined }),
    defect: (error) => defects.push(error),
  });
  const gateway = await createGateway({
    ...iam,
    clock,
    region: deployment.region,
    services: [...(holdings?.services ?? []), ...orchestration.services],
    onDefect: (error) => defects.push(error),
  });
  endpoint = gateway.endpoint;
  await orchestration.validate();
  if (options.started !== false) orchestration.start();

  const clients = (key: ReturnType<Iam['credentials']['issueFor']>) => {
    const { accessKeyId, secretAccessKey, sessionToken } = key;
    const config = {
      region: deployment.region,
      endpoint,
      maxAttempts: 1,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    };
    return {
      sfn: new SFNClient(config),
      sqs: new SQSClient(config),
      s3: new S3Client({ ...config, forcePathStyle: true }),
    };
  };
  let serial = 0;
  return {
    ...orchestration,
    folder,
    deployment,
    store,
    iam,
    defects,
    ...clients(iam.credentials.issueFor({ kind: 'root' })),
    as: (name) => clients(iam.credentials.issueFor({ kind: 'person', role: `S-${name}`, session: 'somebody' })),
    emit: (source, detail) =>
      enqueueEvent(store, {
        id: `event-${++serial}`,
        source,
        detailType: 'Test',
        time: '2026-01-02T03:04:05Z',
        account: deployment.accountId,
        region: deployment.region,
        resources: [],
        detail,
      }),
    arn: (type, logicalId) => deployment.find(type, logicalId).arn,
    close: async () => {
      await orchestration.stop();
      await gateway.close();
      await holdings?.close();
      store.close();
    },
  };
}

function functions(code: Readonly<Record<string, string>>): Record<string, object> {
  const entries = Object.keys(code).flatMap((id): [string, object][] => [
    [`${id}Role`, role(LAMBDA, [])],
    [
      id,
      {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { S3Bucket: 'b', S3Key: `${id}.zip` },
          Role: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
          Handler: 'index.handler',
          Runtime: 'nodejs24.x',
          Timeout: 30,
        },
      },
    ],
  ]);
  return Object.fromEntries(entries);
}

/** A state machine in a role of its own, `<id>Role`, that may do what `statements` allow. */
export function machine(id: string, definition: object, statements: readonly Readonly<Record<string, unknown>>[] = []) {
  return {
    [`${id}Role`]: role('states.amazonaws.com', statements),
    [id]: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: id,
        RoleArn: { 'Fn::GetAtt': [`${id}Role`, 'Arn'] },
        DefinitionString: JSON.stringify(definition),
      },
    },
  };
}
