import { DecryptCommand, EncryptCommand, GenerateDataKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterEach, describe, expect, it } from 'vitest';
import { bootCloud, type TestCloud } from '../support/cloud.ts';
import { allow, LAMBDA, lambda, policy, ROOT, role, type Statement } from '../support/templates.ts';

let cloud: TestCloud | undefined;
afterEach(async () => {
  await cloud?.close();
  cloud = undefined;
});

const worker = { kind: 'function', name: 'S-Worker' } as const;
const WORKER_ROLE = 'arn:aws:iam::000000000000:role/S-WorkerRole';
const toAccount = (action: string | readonly string[], more: Statement = {}) =>
  allow(action, { Principal: { AWS: ROOT }, ...more });

/** A function whose role has these statements, and a key `Key` whose policy has those. */
async function boot(ofRole: readonly Statement[], ofKey: readonly Statement[] | undefined, properties: object = {}) {
  const keyPolicy = ofKey === undefined ? {} : { KeyPolicy: policy(...ofKey) };
  cloud = await bootCloud({
    Key: { Type: 'AWS::KMS::Key', Properties: { ...keyPolicy, ...properties } },
    Alias: {
      Type: 'AWS::KMS::Alias',
      Properties: { AliasName: 'alias/key', TargetKeyId: { 'Fn::GetAtt': ['Key', 'Arn'] } },
    },
    Worker: lambda('WorkerRole'),
    WorkerRole: role(LAMBDA, ofRole),
  });
  const kms = new KMSClient(cloud.client(worker));
  const keyId = cloud.deployment.find('AWS::KMS::Key', 'Key').arn;
  return { cloud, kms, keyId };
}

const EncryptionContext = { purpose: 'vault', run: 'r1' };
const denied = expect.objectContaining({ name: 'AccessDeniedException' });

async function mayGenerate(
  ofRole: readonly Statement[],
  ofKey?: readonly Statement[],
  name?: string,
): Promise<boolean> {
  const { kms, keyId } = await boot(ofRole, ofKey);
  const command = new GenerateDataKeyCommand({ KeyId: name ?? keyId, KeySpec: 'AES_256', EncryptionContext });
  const allowed = await kms.send(command).then(
    () => true,
    (error: Error) => {
      expect(error.name).toBe('AccessDeniedException');
      return false;
    },
  );
  await cloud?.close();
  cloud = undefined;
  return allowed;
}

describe('the policy of a key', () => {
  const role = allow('kms:GenerateDataKey');

  it('[B19] hands the decision to the account, names the role, or refuses', async () => {
    expect(await mayGenerate([role])).toBe(true);
    expect(await mayGenerate([])).toBe(false);
    expect(await mayGenerate([role], [toAccount('kms:DescribeKey')])).toBe(false);
    expect(await mayGenerate([], [allow('kms:GenerateDataKey', { Principal: { AWS: WORKER_ROLE } })])).toBe(true);
    expect(await mayGenerate([role], [toAccount('kms:*'), { ...toAccount('kms:*'), Effect: 'Deny' }])).toBe(false);
  });

  it.each([
    ['kms:EncryptionContext:purpose', { StringEquals: { 'kms:EncryptionContext:purpose': 'vault' } }, true],
    ['another value of it', { StringEquals: { 'kms:EncryptionContext:purpose': 'export' } }, false],
    ['another context key', { StringEquals: { 'kms:EncryptionContext:stage': 'vault' } }, false],
    [
      'kms:EncryptionContextKeys',
      { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose', 'run'] } },
      true,
    ],
    ['fewer of them', { 'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['purpose'] } }, false],
    ['kms:CallerAccount', { StringEquals: { 'kms:CallerAccount': '000000000000' } }, true],
    ['another account', { StringEquals: { 'kms:CallerAccount': '111111111111' } }, false],
    [
      'kms:ViaService, which a direct call lacks',
      { StringEquals: { 'kms:ViaService': 's3.us-east-1.amazonaws.com' } },
      false,
    ],
    ['that it is absent', { Null: { 'kms:ViaService': 'true' } }, true],
    ['kms:KeySpec', { StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } }, true],
    ['kms:ResourceAliases', { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/key' } }, true],
    ['another alias', { 'ForAnyValue:StringEquals': { 'kms:ResourceAliases': 'alias/other' } }, false],
  ])('[S08] may ask for %s', async (_, Condition, result) => {
    expect(await mayGenerate([role], [toAccount('kms:GenerateDataKey', { Condition })])).toBe(result);
  });

  it('may ask how the key was named', async () => {
    const byAlias = [
      toAccount('kms:GenerateDataKey', { Condition: { StringEquals: { 'kms:RequestAlias': 'alias/key' } } }),
    ];
    expect(await mayGenerate([role], byAlias, 'alias/key')).toBe(true);
    expect(await mayGenerate([role], byAlias)).toBe(false);
  });

  it('[B16] may ask for the signing algorithm and the message type', async () => {
    const Condition = { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } };
    const spec = { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' };
    const { kms, keyId } = await boot([allow('kms:Sign')], [toAccount('kms:Sign', { Condition })], spec);
    const sign = (SigningAlgorithm: 'ED25519_SHA_512' | 'ECDSA_SHA_256', MessageType: 'RAW' | 'DIGEST') =>
      kms.send(new SignCommand({ KeyId: keyId, Message: Buffer.alloc(32), SigningAlgorithm, MessageType }));
    await sign('ED25519_SHA_512', 'RAW');
    await expect(sign('ECDSA_SHA_256', 'RAW')).rejects.toThrow(denied);
    await expect(sign('ED25519_SHA_512', 'DIGEST')).rejects.toThrow(denied);
  });
});

describe('one grant of a key', () => {
  it('[B22] to encrypt is none to decrypt', async () => {
    const { kms, keyId } = await boot([allow('kms:Encrypt')], undefined);
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId: keyId, Plaintext: Buffer.from('x') }));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toThrow(denied);
  });
});

describe('a service in the caller’s name', () => {
  const via = (service: string) => ({ StringEquals: { 'kms:ViaService': `${service}.us-east-1.amazonaws.com` } });
  const uses = (name: string) => ({ ArnEquals: { 'aws:PrincipalArn': `arn:aws:iam::000000000000:role/${name}` } });

  it.each([
    ['s3', { ...via('s3'), ...uses('S-WorkerRole') }, true],
    ['s3', { ...via('s3'), ...uses('S-OtherRole') }, false],
    ['s3', via('dynamodb'), false],
    [
      'dynamodb',
      { ...via('dynamodb'), 'ForAnyValue:StringEquals': { 'aws:CalledVia': 'dynamodb.amazonaws.com' } },
      true,
    ],
    ['s3', { Bool: { 'aws:ViaAWSService': 'true' }, Null: { 'aws:CalledVia': 'true' } }, true],
    ['s3', { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::data' } }, true],
    ['s3', { StringEquals: { 'kms:EncryptionContext:aws:s3:arn': 'arn:aws:s3:::other' } }, false],
  ])('[B19] %s under %j: %s', async (service, Condition, result) => {
    const { cloud, keyId } = await boot([allow('kms:Decrypt')], [toAccount('kms:Decrypt', { Condition })]);
    const ask = () =>
      cloud.kms.keyRing.authorizeVia(cloud.callers.ofFunction('S-Worker', service), service, 'kms:Decrypt', keyId, {
        'aws:s3:arn': 'arn:aws:s3:::data',
      });
    if (result) expect(ask()).toBe(keyId);
    else expect(ask).toThrow(expect.objectContaining({ code: 'AccessDenied' }));
  });

  it('uses the account’s key for a service through that service only', async () => {
    const { cloud } = await boot([], undefined);
    const ask = (service: string) =>
      cloud.kms.keyRing.authorizeVia(
        cloud.callers.ofFunction('S-Worker', service),
        service,
        'kms:GenerateDataKey',
        'alias/aws/s3',
        {},
      );
    expect(ask('s3')).toMatch(/^arn:aws:kms:us-east-1:000000000000:key\//);
    expect(ask('s3')).toBe(ask('s3'));
    expect(() => ask('dynamodb')).toThrow(expect.objectContaining({ code: 'AccessDenied' }));
  });
});
