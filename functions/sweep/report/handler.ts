import type { Verdict } from '../../../shared/verdict/schema.ts';
import { dynamoDBClient } from '../../aws/dynamodb-client.ts';
import { AUDIT_VARIABLES, auditStore } from '../../aws/flow.ts';
import { DynamoGateStore } from '../../aws/gate-store.ts';
import { kmsClient } from '../../aws/kms-client.ts';
import { s3Client } from '../../aws/s3-client.ts';
import { KmsSigner } from '../../aws/signer.ts';
import { STEP_VARIABLES, stepPorts } from '../../aws/sweep-ports.ts';
import { readEnvironment } from '../../runtime/environment.ts';
import { invoke, type LambdaContext, write } from '../../runtime/invocation.ts';
import { sweepMetricLine } from '../../runtime/metrics.ts';
import { parseRequest, ReportRequest } from '../protocol/messages.ts';
import { sweepGate } from '../protocol/sweep-gate.ts';
import { concludeSweep } from './conclude.ts';

const environment = readEnvironment([
  ...STEP_VARIABLES,
  ...AUDIT_VARIABLES,
  'gatesTable',
  'closingsTable',
  'sealKey',
  'sealName',
]);
const clients = { s3: s3Client(), dynamodb: dynamoDBClient() };

const ports = {
  ...stepPorts(environment, clients),
  audit: auditStore(environment, clients.s3),
  signer: new KmsSigner(kmsClient(), environment.sealKey),
  sealName: environment.sealName,
  gate: sweepGate(
    new DynamoGateStore(clients.dynamodb, { gates: environment.gatesTable, closings: environment.closingsTable }),
  ),
  measure: ({ contract, divergences: { missing, extra, changed } }: Verdict) =>
    write(sweepMetricLine(contract.dataset, missing + extra + changed, Date.now())),
};

export const handler = async (event: unknown, context: LambdaContext) =>
  invoke('sweep-report', context, () => concludeSweep(parseRequest(ReportRequest, event), ports));
