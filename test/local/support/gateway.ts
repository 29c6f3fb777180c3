import { buffer } from 'node:stream/consumers';
import * as z from 'zod';
import type { CallRecord } from '../../../local/gateway/call-log.ts';
import { createGateway, type Gateway, type GatewayOptions } from '../../../local/gateway/gateway.ts';
import { jsonOperation, jsonService } from '../../../local/gateway/json-service.ts';
import type { AccessKey, Holder } from '../../../local/iam/credentials.ts';
import type { AccessRequest, Authorizer, Service } from '../../../local/service.ts';
import { bootIam, type TestIam, testClock } from './iam.ts';

export interface TestGateway extends TestIam {
  readonly gateway: Gateway;
  /** Every call, as the log has it. */
  readonly records: CallRecord[];
  /** What the services did, in order: faults before an effect must leave nothing here. */
  readonly effects: string[];
  key(holder: Holder): AccessKey;
  close(): Promise<void>;
}

const access = (action: string): AccessRequest => ({
  action,
  resource: 'arn:aws:test:::thing',
  context: {},
  resourceAccount: '000000000000',
});

/** A service of each protocol that asks for one permission and answers with what it was sent. */
function echoServices(authorizer: Authorizer, effects: string[]): readonly Service[] {
  const List = z.strictObject({ Limit: z.number().optional() });
  return [
    jsonService({
      signingName: 'kms',
      name: 'KMS',
      target: 'TrentService',
      contentType: 'application/x-amz-json-1.1',
      operations: {
        ListAliases: jsonOperation(List, (_input, { caller }) => {
          authorizer.require(caller, access('kms:ListAliases'));
          effects.push('KMS.ListAliases');
          return { Aliases: [] };
        }),
        ListKeys: jsonOperation(List, () => {
          throw new TypeError('a defect');
        }),
      },
    }),
    {
      signingName: 's3',
      operation: ({ method }) => `S3.${method === 'PUT' ? 'PutObject' : 'GetObject'}`,
      handle: async ({ caller, method, path, body, query }) => {
        authorizer.require(caller, access(method === 'PUT' ? 's3:PutObject' : 's3:GetObject'));
        const bytes = await buffer(body);
        effects.push(`S3 ${method} ${path}`);
        return {
          status: 200,
          headers: {},
          body: JSON.stringify({ path, query: Object.fromEntries(query), body: bytes.toString() }),
        };
      },
    },
  ];
}

/** A gateway over echoing services and one stack of these resources. */
export async function bootGateway(resources: object, options: Partial<GatewayOptions> = {}): Promise<TestGateway> {
  const iam = bootIam(resources);
  const records: CallRecord[] = [];
  const effects: string[] = [];
  const clock = testClock(Date.now());
  const gateway = await createGateway({
    ...iam,
    clock,
    region: 'us-east-1',
    services: echoServices(iam.authorizer, effects),
    onCall: (record) => records.push(record),
    ...options,
  });
  return {
    ...iam,
    clock,
    gateway,
    records,
    effects,
    key: (holder) => iam.credentials.issueFor(holder),
    close: async () => {
      await gateway.close();
      iam.store.close();
    },
  };
}
