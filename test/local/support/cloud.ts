import { randomBytes } from 'node:crypto';
import type { CallRecord } from '../../../local/gateway/call-log.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../local/gateway/gateway.ts';
import type { Holder } from '../../../local/iam/credentials.ts';
import { createKmsService, type KmsService } from '../../../local/kms/service.ts';
import type { Service } from '../../../local/service.ts';
import type { TemplateDeployment } from '../../../local/template/deployment.ts';
import { temporaryFolder } from './assembly.ts';
import { bootDeployedIam, deploy, type TestClock, type TestIam } from './iam.ts';

export interface Means extends TestIam {
  readonly kms: KmsService;
  readonly accountId: string;
  readonly region: string;
  readonly random: (size: number) => Uint8Array;
}

export interface TestCloud extends Means {
  readonly gateway: Gateway;
  readonly records: CallRecord[];
  /** Defects that services ran into: a test that expects none should look. */
  readonly defects: unknown[];
  readonly folder: string;
  /** Configuration of an SDK client that calls as the holder, once. */
  client(holder: Holder): {
    readonly endpoint: string;
    readonly region: string;
    readonly maxAttempts: number;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
  };
  close(): Promise<void>;
}

export interface CloudOptions {
  readonly folder?: string;
  readonly clock?: TestClock;
  readonly gateway?: Partial<GatewayOptions>;
  /** Services beside KMS. */
  readonly services?: (means: Means) => Promise<readonly { readonly service: Service; close?(): Promise<void> }[]>;
}

/** The core of the embedded cloud over one stack `S`: IAM, gateway and KMS, and what the test adds. */
export const bootCloud = (resources: object, options: CloudOptions = {}): Promise<TestCloud> =>
  bootDeployedCloud(deploy(resources), options);

export async function bootDeployedCloud(
  deployment: TemplateDeployment,
  options: CloudOptions = {},
): Promise<TestCloud> {
  const folder = options.folder ?? temporaryFolder();
  const iam = bootDeployedIam(deployment, folder, options.clock);
  const common = { ...iam, accountId: iam.deployment.accountId, region: iam.deployment.region, random: randomBytes };
  const kms = createKmsService(common);
  kms.provision(iam.deployment);
  const means: Means = { ...common, kms };
  const more = (await options.services?.(means)) ?? [];
  let closed = false;
  const records: CallRecord[] = [];
  const defects: unknown[] = [];
  const gateway = await createGateway({
    ...iam,
    // Signatures are made by the SDK with the real time; only what the services keep has the test's.
    clock: { now: Date.now },
    region: common.region,
    services: [kms.service, ...more.map(({ service }) => service)],
    onCall: (record) => records.push(record),
    onDefect: (error) => defects.push(error),
    ...options.gateway,
  });
  return {
    ...means,
    gateway,
    records,
    defects,
    folder,
    client: (holder) => {
      const { accessKeyId, secretAccessKey, sessionToken } = iam.credentials.issueFor(holder);
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) };
      return { endpoint: gateway.endpoint, region: common.region, maxAttempts: 1, credentials };
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await gateway.close();
      for (const each of more) await each.close?.();
      iam.store.close();
    },
  };
}
