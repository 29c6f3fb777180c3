/**
 * Another AWS-compatible endpoint, as an emulator is one: storage, tables, keys and secrets that are made by calls, an
 * account of its own, no check of signatures. What the embedded cloud serves from templates is served from what was created;
 * resource policies are enforced for its root, so that one which would refuse everybody shows.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createDynamoDbService } from '../../../local/dynamodb/service.ts';
import { readBody, sendAnswer } from '../../../local/gateway/answer.ts';
import { notImplemented } from '../../../local/gateway/json-service.ts';
import { protocolOf } from '../../../local/gateway/protocol/protocols.ts';
import { readClaim } from '../../../local/gateway/sigv4/claim.ts';
import { requestLine } from '../../../local/gateway/sigv4/request-line.ts';
import { createIam } from '../../../local/iam/iam.ts';
import { createKmsService } from '../../../local/kms/service.ts';
import { createS3Service } from '../../../local/s3/service.ts';
import { createSecretsService } from '../../../local/secrets/service.ts';
import { ApiError, type ApiRequest, type ApiResponse, type Service } from '../../../local/service.ts';
import { openStore } from '../../../local/store.ts';
import { type Creations, keyCreation, secretCreation, tableCreation } from './creation.ts';
import { Declared } from './declared.ts';
import { bucketCreation } from './storage.ts';

export interface EndpointOptions {
  readonly folder: string;
  /** Serves this access key alone; everybody where it is not given. */
  readonly accessKeyId?: string;
  /** How it fails at an operation (`KMS.CreateKey`), if it does. */
  readonly refuse?: (operation: string, request: ApiRequest) => ApiError | undefined;
  /** Headers that it does not understand, and therefore ignores. */
  readonly ignored?: readonly string[];
}

export interface Endpoint {
  /** `http://localhost:<port>`: a name, under which a bucket has none. */
  readonly url: string;
  readonly declared: Declared;
  /** Calls so far by operation. */
  readonly operations: Readonly<Record<string, number>>;
  /** Access keys that have called each service. */
  readonly callers: ReadonlyMap<string, ReadonlySet<string>>;
  close(): Promise<void>;
}

const LONGEST_BYTES = 16 * 1024 * 1024;

export async function startEndpoint(options: EndpointOptions): Promise<Endpoint> {
  const store = openStore(options.folder);
  const clock = { now: Date.now };
  const declared = new Declared('us-east-1');
  const { accountId, region } = declared;
  const { authorizer, callers } = createIam({ deployment: declared, store, clock, random: randomBytes });
  const shared = { store, authorizer, clock, random: randomBytes, accountId, region };
  const kms = createKmsService(shared);
  const { keyRing } = kms;
  const s3 = createS3Service({ ...shared, keyRing });
  const secrets = createSecretsService({ ...shared, keyRing });
  const dynamoDb = await createDynamoDbService({ ...shared, keyRing });
  const services: readonly Service[] = [
    creatingBuckets(s3, bucketCreation(declared, s3)),
    creating(kms.service, keyCreation(declared, kms)),
    creating(dynamoDb.service, tableCreation(declared, dynamoDb)),
    creating(secrets.service, secretCreation(declared, secrets)),
  ];
  const operations: Record<string, number> = {};
  const calledBy = new Map<string, Set<string>>();

  const answer = async (request: ApiRequest): Promise<ApiResponse> => {
    const service = services.find(({ signingName }) => signingName === request.service);
    if (service === undefined) throw notImplemented(request.service);
    const operation = service.operation(request);
    operations[operation] = (operations[operation] ?? 0) + 1;
    const refusal = options.refuse?.(operation, request);
    if (refusal) throw refusal;
    return service.handle(request);
  };

  const server = createServer(async (message, response) => {
    const line = requestLine(message);
    const claim = readClaim(line);
    const service = typeof claim === 'string' ? 'unknown' : claim.service;
    const protocol = protocolOf(service, line.headers);
    const requestId = randomUUID();
    const headers = Object.fromEntries(
      Object.entries(line.headers).filter(([name]) => options.ignored?.includes(name) !== true),
    );
    const bytes = service === 's3' ? undefined : await readBody(message, LONGEST_BYTES);
    try {
      if (typeof claim === 'string') throw new ApiError('AccessDenied', 'Not signed.', 403);
      calledBy.set(service, (calledBy.get(service) ?? new Set()).add(claim.accessKeyId));
      if (options.accessKeyId !== undefined && options.accessKeyId !== claim.accessKeyId) {
        throw protocol.signatureFaults['unknown-key'];
      }
      const { method, path, query } = line;
      const signature = { seed: '', signingKey: Buffer.alloc(0), timestamp: claim.timestamp, scope: claim.scope };
      const call = { sequence: 0, requestId, service, method, path, query, headers, body: message, signature };
      const request = { ...call, caller: callers.root(claim.accessKeyId), ...(bytes === undefined ? {} : { bytes }) };
      await sendAnswer(message, response, await answer(request));
    } catch (error) {
      const refusal = error instanceof ApiError ? error : protocol.failed;
      const target = { requestId, method: line.method, contentType: line.headers['content-type'] ?? '' };
      await sendAnswer(message, response, protocol.render(refusal, target));
    }
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    declared,
    operations,
    callers: calledBy,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      await dynamoDb.close();
      store.close();
    },
  };
}

function creating(inner: Service, creations: Creations): Service {
  return {
    ...inner,
    handle: async (request) => {
      const name = inner.operation(request).split('.')[1] ?? '';
      const create = Object.hasOwn(creations, name) ? creations[name] : undefined;
      if (create === undefined) return inner.handle(request);
      const answer = await create(JSON.parse(request.bytes?.toString('utf8') ?? '{}'));
      return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(answer) };
    },
  };
}

function creatingBuckets(inner: Service, creation: ReturnType<typeof bucketCreation>): Service {
  return {
    ...inner,
    handle: async (request) => {
      const name = inner.operation(request).split('.')[1] ?? '';
      if (!creation.names.includes(name)) return inner.handle(request);
      await creation.perform(name, request);
      return { status: 200, headers: { 'content-length': '0' } };
    },
  };
}
