/** KMS keys at another endpoint, found again by their aliases: a key's id is the endpoint's own. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  KeySpec,
  KeyUsageType,
  type KMSClient,
} from '@aws-sdk/client-kms';
import * as z from 'zod';
import type { DeployedResource, Deployment } from '../../local/service.ts';
import { Problem } from '../../shared/problem.ts';
import { type Asking, isNamed, type Lack } from './asking.ts';
import { propertiesOf } from './properties.ts';

const KeyProperties = z.strictObject({
  Description: z.string().default(''),
  KeySpec: z.enum(KeySpec).default('SYMMETRIC_DEFAULT'),
  KeyUsage: z.enum(KeyUsageType).default('ENCRYPT_DECRYPT'),
  EnableKeyRotation: z.boolean().default(false),
  RotationPeriodInDays: z.number().optional(),
  // Names principals of the templates: the other endpoint's default stands in its place.
  KeyPolicy: z.unknown().optional(),
  // Of a deletion by CloudFormation, which deletes nothing there.
  PendingWindowInDays: z.unknown().optional(),
});
const AliasProperties = z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() });

/** A signing key of a kind that the endpoint cannot make. */
export interface UnmadeKey {
  /** In the templates. */
  readonly arn: string;
  readonly lack: Lack;
}

export interface MadeKeys {
  /** ARN in the templates → ARN there. */
  readonly arns: ReadonlyMap<string, string>;
  readonly unmade: readonly UnmadeKey[];
}

export async function makeKeys(client: KMSClient, deployment: Deployment, asking: Asking): Promise<MadeKeys> {
  const aliases = deployment.ofType('AWS::KMS::Alias').map((alias) => propertiesOf(alias, AliasProperties));
  const arns = new Map<string, string>();
  const unmade: UnmadeKey[] = [];
  const make = async (key: DeployedResource): Promise<void> => {
    const alias = aliases.find(({ TargetKeyId: target }) => target === key.arn || target === key.physicalId)?.AliasName;
    if (alias === undefined) {
      throw new Problem('not-implemented', { detail: `${key.logicalId} has no alias to be found by.` });
    }
    const wanted = propertiesOf(key, KeyProperties);
    const found = await asking.need('KMS DescribeKey', key.logicalId, () => describe(client, alias));
    if (found) requireSame(key, alias, wanted, found);
    const arn = found?.Arn ?? (await create(client, { key, alias, wanted }, asking, unmade));
    if (arn === undefined) return;
    arns.set(key.arn, arn);
    if (!wanted.EnableKeyRotation) return;
    const { RotationPeriodInDays } = wanted;
    await asking.want('KMS EnableKeyRotation', key.logicalId, 'the key does not rotate', () =>
      client.send(
        new EnableKeyRotationCommand({
          KeyId: arn,
          ...(RotationPeriodInDays === undefined ? {} : { RotationPeriodInDays }),
        }),
      ),
    );
  };
  await Promise.all(deployment.ofType('AWS::KMS::Key').map(make));
  return { arns, unmade };
}

async function describe(client: KMSClient, alias: string) {
  try {
    return (await client.send(new DescribeKeyCommand({ KeyId: alias }))).KeyMetadata;
  } catch (error) {
    if (isNamed(error, 'NotFoundException')) return undefined;
    throw error;
  }
}

type Wanted = z.output<typeof KeyProperties>;

/** A key that is another, or that signs and opens nothing now, is no key of this deployment. */
function requireSame(
  { logicalId }: DeployedResource,
  alias: string,
  wanted: Wanted,
  found: NonNullable<Awaited<ReturnType<typeof describe>>>,
): void {
  if (found.KeySpec === wanted.KeySpec && found.KeyUsage === wanted.KeyUsage && found.KeyState === 'Enabled') return;
  const detail = `${logicalId}: behind ${alias} stands a key that is ${found.KeySpec}, ${found.KeyUsage}, ${found.KeyState}.`;
  throw new Problem('configuration-invalid', { detail });
}

async function create(
  client: KMSClient,
  { key, alias, wanted }: { readonly key: DeployedResource; readonly alias: string; readonly wanted: Wanted },
  asking: Asking,
  unmade: UnmadeKey[],
): Promise<string | undefined> {
  const { KeySpec, KeyUsage, Description } = wanted;
  const asked = await asking.ask(`KMS CreateKey ${KeySpec}`, key.logicalId, () =>
    client.send(new CreateKeyCommand({ KeySpec, KeyUsage, Description })),
  );
  if ('lack' in asked) {
    if (KeyUsage === 'SIGN_VERIFY') unmade.push({ arn: key.arn, lack: asked.lack });
    else asking.lacks(asked.lack);
    return undefined;
  }
  const { Arn: arn, KeyId: id } = asked.value.KeyMetadata ?? {};
  if (arn === undefined || id === undefined)
    throw new Problem('endpoint-failed', { detail: 'CreateKey named no key.' });
  await asking.need('KMS CreateAlias', key.logicalId, () =>
    client.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: id })),
  );
  return arn;
}
