/** A cloud of one service: the object storage behind a gateway that authenticates nobody, for the real SDK client. */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { createS3Service, type S3Service } from '../../../local/s3/service.ts';
import {
  type AccessRequest,
  ApiError,
  type ApiRequest,
  type Authorizer,
  type Caller,
  type DeployedResource,
  type Deployment,
  type KeyRing,
} from '../../../local/service.ts';
import { openStore, type Store } from '../../../local/store.ts';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const SECRET = 'secret-of-the-test';
export const KEY_ARN = `arn:aws:kms:${REGION}:${ACCOUNT}:key/landing`;

const CALLER: Caller = {
  accessKeyId: 'AKIATEST',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/tester/session`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/tester`,
  kind: 'person',
  name: 'tester',
  context: { 'aws:SourceIp': '192.0.2.7' },
};

/** Allows what `deny` does not say no to, and remembers what it was asked. */
export class ScriptedAuthorizer implements Authorizer {
  asked: AccessRequest[] = [];
  deny: (request: AccessRequest) => boolean = () => false;

  require(_caller: Caller, ...requests: readonly AccessRequest[]): void {
    this.asked.push(...requests);
    if (requests.some((request) => this.deny(request))) throw new ApiError('AccessDenied', 'denied by script', 403);
  }

  allows(_caller: Caller, ...requests: readonly AccessRequest[]): boolean {
    return !requests.some((request) => this.deny(request));
  }

  actions(): readonly string[] {
    return this.asked.map(({ action, resource }) => `${action} ${resource.replace('arn:aws:s3:::', '')}`);
  }
}

/** One master key; wraps by AES-256-GCM with the encryption context as additional data, as KMS does. */
export class TestKeyRing implements KeyRing {
  calls: { action: string; keyId: string; context: Readonly<Record<string, string>> }[] = [];
  deny: (action: string, keyId: string) => boolean = () => false;
  private readonly master: Buffer;

  constructor(master: Buffer) {
    this.master = master;
  }

  authorizeVia: KeyRing['authorizeVia'] = (_caller, via, action, keyId, context) => {
    if (via !== 's3') throw new Error(`unexpected service ${via}`);
    this.calls.push({ action, keyId, context });
    if (this.deny(action, keyId)) throw new ApiError('AccessDeniedException', 'denied by key policy', 400);
    return this.arn(keyId);
  };

  newDataKey: KeyRing['newDataKey'] = (keyId, context) => {
    const plaintext = randomBytes(32);
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.master, iv).setAAD(this.additional(context));
    const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
    const name = Buffer.from(this.arn(keyId));
    const wrapped = Buffer.concat([iv, cipher.getAuthTag(), sealed, name]);
    return { keyArn: this.arn(keyId), plaintext, wrapped };
  };

  openDataKey: KeyRing['openDataKey'] = (wrapped, context) => {
    const decipher = createDecipheriv('aes-256-gcm', this.master, wrapped.subarray(0, 12));
    decipher.setAAD(this.additional(context)).setAuthTag(wrapped.subarray(12, 28));
    const plaintext = Buffer.concat([decipher.update(wrapped.subarray(28, 60)), decipher.final()]);
    return { keyArn: wrapped.toString('utf8', 60), plaintext };
  };

  private arn(keyId: string): string {
    return keyId.startsWith('arn:') ? keyId : `arn:aws:kms:${REGION}:${ACCOUNT}:key/${keyId}`;
  }

  private additional(context: Readonly<Record<string, string>>): Buffer {
    return Buffer.from(JSON.stringify(Object.entries(context).sort()));
  }
}

export interface BucketSpec {
  readonly name: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly policy?: unknown;
}

const resource = (
  type: string,
  physicalId: string,
  properties: Readonly<Record<string, unknown>>,
): DeployedResource => ({
  stack: 'test',
  logicalId: physicalId,
  type,
  physicalId,
  arn: type === 'AWS::S3::Bucket' ? `arn:aws:s3:::${physicalId}` : '',
  properties,
  metadata: {},
});

export function deploymentOf(specs: readonly BucketSpec[], more: readonly DeployedResource[] = []): Deployment {
  const resources = [
    ...specs.map((spec) => resource('AWS::S3::Bucket', spec.name, spec.properties ?? {})),
    ...specs.flatMap((spec) =>
      spec.policy === undefined
        ? []
        : [
            resource('AWS::S3::BucketPolicy', `${spec.name}-policy`, {
              Bucket: spec.name,
              PolicyDocument: spec.policy,
            }),
          ],
    ),
    ...more,
  ];
  return {
    accountId: ACCOUNT,
    region: REGION,
    resources,
    ofType: (type) => resources.filter((each) => each.type === type),
    find: () => {
      throw new Error('not used');
    },
  };
}

export const KMS_ENCRYPTION = {
  ServerSideEncryptionConfiguration: [
    {
      BucketKeyEnabled: true,
      ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: KEY_ARN },
    },
  ],
};

/** The buckets that most tests need. */
export const BUCKETS: readonly BucketSpec[] = [
  {
    name: 'landing',
    properties: {
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: KMS_ENCRYPTION,
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    },
  },
  { name: 'plain' },
  {
    name: 'audit',
    properties: {
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 10 } },
      },
      BucketEncryption: KMS_ENCRYPTION,
    },
  },
  { name: 'vault', properties: { ObjectLockEnabled: true } },
];

export interface Cloud {
  readonly folder: string;
  readonly endpoint: string;
  readonly client: S3Client;
  readonly authorizer: ScriptedAuthorizer;
  readonly keyRing: TestKeyRing;
  readonly clock: { now(): number; set(milliseconds: number): void };
  readonly store: Store;
  readonly service: S3Service;
  /** Another client of the same endpoint. */
  clientWith(config: S3ClientConfig): S3Client;
  /** Closes everything and starts again on the same folder. */
  restart(): Promise<Cloud>;
  close(): Promise<void>;
}

function signatureOf(headers: Readonly<Record<string, string>>): ApiRequest['signature'] {
  const match = /Credential=[^/]+\/([^/]+)\/([^/]+)\/([^/]+)\/aws4_request.*Signature=([0-9a-f]+)/.exec(
    headers.authorization ?? '',
  );
  const [, date = '', region = '', service = '', seed = ''] = match ?? [];
  const signingKey = [date, region, service, 'aws4_request'].reduce(
    (key: Buffer, part) => createHmac('sha256', key).update(part).digest(),
    Buffer.from(`AWS4${SECRET}`),
  );
  const scope = `${date}/${region}/${service}/aws4_request`;
  return { seed, signingKey, timestamp: headers['x-amz-date'] ?? '', scope };
}

function apiRequest(message: IncomingMessage, sequence: number): ApiRequest {
  const [path = '/', query = ''] = (message.url ?? '/').split(/\?(.*)/s, 2);
  const headers = Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  );
  return {
    sequence,
    requestId: `REQUEST${sequence}`,
    service: 's3',
    method: message.method ?? 'GET',
    path,
    query: new URLSearchParams(query),
    headers,
    body: message,
    caller: CALLER,
    signature: signatureOf(headers),
  };
}

async function serve(service: S3Service): Promise<Server> {
  let sequence = 0;
  const server = createServer(async (message, response) => {
    sequence += 1;
    try {
      const answer = await service.handle(apiRequest(message, sequence));
      response.writeHead(answer.status, answer.headers);
      if (answer.body instanceof Readable) {
        const { body } = answer;
        body.once('error', () => response.destroy());
        response.once('close', () => body.destroy());
        body.pipe(response);
      } else response.end(answer.body);
    } catch (error) {
      console.error(error);
      response.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

interface StartOptions {
  readonly buckets?: readonly BucketSpec[];
  readonly folder?: string;
  readonly master?: Buffer;
  readonly now?: number;
}

export async function startCloud(options: StartOptions = {}): Promise<Cloud> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'parapet-s3-'));
  const master = options.master ?? randomBytes(32);
  const store = openStore(folder);
  const authorizer = new ScriptedAuthorizer();
  const keyRing = new TestKeyRing(master);
  let now = options.now ?? Date.parse('2026-11-22T10:00:00Z');
  const clock = {
    now: () => now,
    set: (milliseconds: number) => {
      now = milliseconds;
    },
  };
  const service = createS3Service({ store, authorizer, keyRing, clock, accountId: ACCOUNT, region: REGION });
  service.provision(deploymentOf(options.buckets ?? BUCKETS));
  const server = await serve(service);
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const clients: S3Client[] = [];
  const clientWith = (config: S3ClientConfig): S3Client => {
    const client = new S3Client({
      endpoint,
      region: REGION,
      credentials: { accessKeyId: CALLER.accessKeyId, secretAccessKey: SECRET },
      maxAttempts: 1,
      ...config,
    });
    clients.push(client);
    return client;
  };
  const stop = async (): Promise<void> => {
    for (const client of clients) client.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    store.close();
  };
  return {
    folder,
    endpoint,
    client: clientWith({}),
    authorizer,
    keyRing,
    clock,
    store,
    service,
    clientWith,
    restart: async () => {
      await stop();
      return startCloud({ ...options, folder, master, now });
    },
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The error that a promise rejects with, as `<name> <HTTP status>`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error && '$metadata' in error) {
      const metadata = error.$metadata as { httpStatusCode?: number };
      return `${error.name} ${metadata.httpStatusCode}`;
    }
    throw error;
  }
  throw new Error('was not refused');
}

/** Bytes that repeat nowhere within 64 KiB and are the same in every run. */
export function bytes(length: number, seed = 1): Buffer {
  const buffer = Buffer.alloc(length);
  let state = seed >>> 0 || 1;
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    buffer[index] = state >>> 24;
  }
  return buffer;
}
