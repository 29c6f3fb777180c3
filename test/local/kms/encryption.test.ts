import {
  CancelKeyDeletionCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  KMSClient,
  ListAliasesCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bootCloud, type TestCloud } from '../support/cloud.ts';

const resources = {
  Data: { Type: 'AWS::KMS::Key', Properties: { Description: 'data' } },
  Other: { Type: 'AWS::KMS::Key' },
  Alias: { Type: 'AWS::KMS::Alias', Properties: { AliasName: 'alias/data', TargetKeyId: { Ref: 'Data' } } },
};
const Plaintext = Buffer.from('a secret value');
const EncryptionContext = { run: 'r1', purpose: 'vault' };

let cloud: TestCloud;
let kms: KMSClient;
let data: string;
let other: string;

beforeEach(async () => {
  cloud = await bootCloud(resources);
  kms = new KMSClient(cloud.client({ kind: 'root' }));
  data = cloud.deployment.find('AWS::KMS::Key', 'Data').arn;
  other = cloud.deployment.find('AWS::KMS::Key', 'Other').arn;
});
afterEach(async () => {
  expect(cloud.defects).toEqual([]);
  await cloud.close();
});

const encrypt = async (KeyId: string, context = EncryptionContext): Promise<Uint8Array> => {
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: context }));
  return CiphertextBlob ?? new Uint8Array();
};
const refusal = (name: string) => expect.objectContaining({ name });

describe('symmetric encryption', () => {
  it.each([
    ['id', () => data.split('/')[1]],
    ['ARN', () => data],
    ['alias', () => 'alias/data'],
    ['ARN of the alias', () => 'arn:aws:kms:us-east-1:000000000000:alias/data'],
  ])('gives back what it was given, the key named by %s', async (_, name) => {
    const CiphertextBlob = await encrypt(name() ?? '');
    expect(Buffer.from(CiphertextBlob).includes(Plaintext)).toBe(false);
    const answer = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(answer.Plaintext ?? [])).toEqual(Plaintext);
    expect(answer).toMatchObject({ KeyId: data, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  });

  it('never gives the same ciphertext twice', async () => {
    expect(await encrypt(data)).not.toEqual(await encrypt(data));
  });

  it.each([
    ['another value', { ...EncryptionContext, run: 'r2' }],
    ['a key more', { ...EncryptionContext, more: '' }],
    ['a key fewer', { run: 'r1' }],
    ['pairs joined otherwise', { run: 'r1","purpose', 'purpose":"': 'vault' }],
    ['no context', undefined],
  ])('[B19] is bound to its encryption context: %s opens nothing', async (_, context) => {
    const CiphertextBlob = await encrypt(data);
    const command = new DecryptCommand({
      CiphertextBlob,
      ...(context === undefined ? {} : { EncryptionContext: context }),
    });
    await expect(kms.send(command)).rejects.toThrow(refusal('InvalidCiphertextException'));
  });

  it('does not mind the order of the context', async () => {
    const CiphertextBlob = await encrypt(data);
    const reversed = { purpose: 'vault', run: 'r1' };
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: reversed }));
  });

  it('[B03] opens nothing of which any byte was altered', async () => {
    const blob = await encrypt(data);
    for (const index of [0, 20, 35, 50, blob.length - 1]) {
      const CiphertextBlob = Uint8Array.from(blob, (byte, at) => (at === index ? byte ^ 1 : byte));
      await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).rejects.toThrow(
        refusal('InvalidCiphertextException'),
      );
    }
  });

  it('tells a key that is not the ciphertext’s, and one that is not there', async () => {
    const CiphertextBlob = await encrypt(data);
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: other }))).rejects.toThrow(
      refusal('IncorrectKeyException'),
    );
    const foreign = Uint8Array.from(CiphertextBlob, (byte, at) => (at === 3 ? byte ^ 1 : byte));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob: foreign, EncryptionContext }))).rejects.toThrow(
      refusal('AccessDeniedException'),
    );
    await expect(encrypt('alias/absent')).rejects.toThrow(refusal('NotFoundException'));
  });

  it('moves a ciphertext from one key and context to another', async () => {
    const { CiphertextBlob, KeyId, SourceKeyId } = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: await encrypt(data),
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: other,
        DestinationEncryptionContext: { run: 'r2' },
      }),
    );
    expect([SourceKeyId, KeyId]).toEqual([data, other]);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { run: 'r2' } }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it('stays readable across a restart', async () => {
    const CiphertextBlob = await encrypt(data);
    const { folder } = cloud;
    await cloud.close();
    cloud = await bootCloud(resources, { folder });
    kms = new KMSClient(cloud.client({ kind: 'root' }));
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  it('refuses more than it may encrypt directly, and names no value in the refusal', async () => {
    const long = new EncryptCommand({ KeyId: data, Plaintext: Buffer.alloc(4_097, 'x') });
    const error = await kms.send(long).catch((thrown: Error) => thrown);
    expect(error).toMatchObject({ name: 'ValidationException', message: 'Not valid: Plaintext.' });
  });
});

describe('asymmetric encryption', () => {
  it('needs the key and the algorithm named, and takes no other key’s', async () => {
    await cloud.close();
    const Rsa = { Type: 'AWS::KMS::Key', Properties: { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' } };
    cloud = await bootCloud({ ...resources, Rsa });
    kms = new KMSClient(cloud.client({ kind: 'root' }));
    const KeyId = cloud.deployment.find('AWS::KMS::Key', 'Rsa').arn;
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256';
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm }));
    const opened = await kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext);
    await expect(kms.send(new DecryptCommand({ KeyId: data, CiphertextBlob, EncryptionAlgorithm }))).rejects.toThrow(
      refusal('ValidationException'),
    );
    await expect(
      kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_1' })),
    ).rejects.toThrow(refusal('InvalidCiphertextException'));
  });
});

describe('data keys', () => {
  it.each([
    [{ KeySpec: 'AES_256' } as const, 32],
    [{ KeySpec: 'AES_128' } as const, 16],
    [{ NumberOfBytes: 24 } as const, 24],
  ])('of %j come plain and wrapped', async (size, bytes) => {
    const made = await kms.send(new GenerateDataKeyCommand({ KeyId: data, EncryptionContext, ...size }));
    expect(made.Plaintext).toHaveLength(bytes);
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob, EncryptionContext }));
    expect(opened.Plaintext).toEqual(made.Plaintext);
  });

  it('come wrapped alone where that is asked for', async () => {
    const made = await kms.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId: data, KeySpec: 'AES_256' }));
    expect(made).not.toHaveProperty('Plaintext');
    const { Plaintext: key } = await kms.send(new DecryptCommand({ CiphertextBlob: made.CiphertextBlob }));
    expect(key).toHaveLength(32);
  });

  it('need a length, once', async () => {
    await expect(kms.send(new GenerateDataKeyCommand({ KeyId: data }))).rejects.toThrow(refusal('ValidationException'));
    const both = new GenerateDataKeyCommand({ KeyId: data, KeySpec: 'AES_256', NumberOfBytes: 32 });
    await expect(kms.send(both)).rejects.toThrow(refusal('ValidationException'));
  });

  it('and random bytes are new each time', async () => {
    const [one, two] = [
      await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 })),
      await kms.send(new GenerateRandomCommand({ NumberOfBytes: 32 })),
    ];
    expect(one.Plaintext).toHaveLength(32);
    expect(one.Plaintext).not.toEqual(two.Plaintext);
  });

  it('are made for services in the caller’s name, and for themselves', () => {
    const { keyRing } = cloud.kms;
    const root = cloud.callers.root();
    expect(keyRing.authorizeVia(root, 's3', 'kms:GenerateDataKey', data, { a: 'b' })).toBe(data);
    const made = keyRing.newDataKey(data, { a: 'b' });
    expect(keyRing.openDataKey(made.wrapped, { a: 'b' })).toEqual({ keyArn: data, plaintext: made.plaintext });
    expect(() => keyRing.openDataKey(made.wrapped, { a: 'c' })).toThrow(
      expect.objectContaining({ code: 'InvalidCiphertextException' }),
    );
  });
});

describe('the life of a key', () => {
  const state = async () => (await kms.send(new DescribeKeyCommand({ KeyId: data }))).KeyMetadata?.KeyState;

  it('is described', async () => {
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/data' }));
    expect(KeyMetadata).toMatchObject({
      Arn: data,
      KeyUsage: 'ENCRYPT_DECRYPT',
      KeySpec: 'SYMMETRIC_DEFAULT',
      Enabled: true,
      Description: 'data',
    });
    const { Aliases } = await kms.send(new ListAliasesCommand({}));
    expect(Aliases).toMatchObject([{ AliasName: 'alias/data', TargetKeyId: data.split('/')[1] }]);
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: data }));
    expect(JSON.parse(Policy ?? '')).toMatchObject({ Statement: [{ Action: 'kms:*' }] });
  });

  it('stops and goes on when it is disabled and enabled', async () => {
    const CiphertextBlob = await encrypt(data);
    await kms.send(new DisableKeyCommand({ KeyId: data }));
    await expect(encrypt(data)).rejects.toThrow(refusal('DisabledException'));
    await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))).rejects.toThrow(
      refusal('DisabledException'),
    );
    expect(() => cloud.kms.keyRing.newDataKey(data, {})).toThrow(
      expect.objectContaining({ code: 'DisabledException' }),
    );
    await kms.send(new EnableKeyCommand({ KeyId: data }));
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  });

  it('[B18] ends with its deletion: first nothing is opened, then nothing can be, also not after a restart', async () => {
    const CiphertextBlob = await encrypt(data);
    const open = () => kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: data, PendingWindowInDays: 7 }));
    expect(await state()).toBe('PendingDeletion');
    await expect(open()).rejects.toThrow(refusal('KMSInvalidStateException'));
    await expect(kms.send(new EnableKeyCommand({ KeyId: data }))).rejects.toThrow(refusal('KMSInvalidStateException'));
    cloud.clock.advance(7 * 86_400_000);
    await expect(open()).rejects.toThrow(refusal('AccessDeniedException'));
    await expect(state()).rejects.toThrow(refusal('NotFoundException'));
    const { folder } = cloud;
    await cloud.close();
    cloud = await bootCloud(resources, { folder });
    kms = new KMSClient(cloud.client({ kind: 'root' }));
    await expect(open()).rejects.toThrow(refusal('AccessDeniedException'));
  });

  it('goes on, disabled, when its deletion is cancelled', async () => {
    const CiphertextBlob = await encrypt(data);
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: data }));
    await kms.send(new CancelKeyDeletionCommand({ KeyId: data }));
    expect(await state()).toBe('Disabled');
    cloud.clock.advance(31 * 86_400_000);
    await kms.send(new EnableKeyCommand({ KeyId: data }));
    await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
  });
});
