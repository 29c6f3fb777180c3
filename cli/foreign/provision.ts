/**
 * Makes at another endpoint what the templates have of storage, tables, keys and secrets, and finds out what it cannot do,
 * before anything runs there. Repeating it changes nothing.
 */
import type { ForeignEndpoint, Provisioned } from '../../local/functions/environment.ts';
import type { Deployment } from '../../local/service.ts';
import { takesAnybody } from './anybody.ts';
import { type Asking, createAsking, groupedLines } from './asking.ts';
import { makeBuckets } from './buckets.ts';
import { foreignClients } from './clients.ts';
import { makeKeys, type UnmadeKey } from './keys.ts';
import { makePolicies } from './policies.ts';
import { probe } from './probes.ts';
import { makeSecrets } from './secrets.ts';
import { makeTables } from './tables.ts';

export interface ForeignProvision extends Provisioned {
  /** What a person should know of the endpoint, each a sentence. */
  readonly notes: readonly string[];
}

/**
 * @throws Problem `not-implemented` that names what the flow needs and the endpoint lacks, `endpoint-failed` where it
 * does not answer, `access-denied` where it does not let these credentials, `configuration-invalid` where something of the
 * same name is there and is something else
 */
export async function provision(endpoint: ForeignEndpoint, deployment: Deployment): Promise<ForeignProvision> {
  const { url } = endpoint;
  const clients = foreignClients(endpoint, deployment.region);
  const asking = createAsking(url);
  try {
    const { arns: keys, unmade } = await makeKeys(clients.kms, deployment, asking);
    const kept = await keepHere(endpoint, deployment, unmade, asking);
    asking.settle();
    const options = { url, arns: keys };
    const [secrets] = await Promise.all([
      makeSecrets(clients.secrets, deployment, options, asking),
      makeBuckets(clients.s3, deployment, keys, asking),
      makeTables(clients.dynamodb, deployment, options, asking),
    ]);
    asking.settle();
    await makePolicies(clients.s3, deployment, options, asking);
    await probe(clients, deployment, keys, asking);
    asking.settle();
    return { arns: new Map([...keys, ...secrets]), kept, notes: notesOn(url, deployment, unmade, asking) };
  } finally {
    clients.close();
  }
}

/**
 * A signing key that the endpoint cannot make stays with the embedded cloud, where the endpoint asks nobody who he is:
 * a function has one pair of credentials, and only such an endpoint takes those of the embedded cloud.
 */
async function keepHere(
  endpoint: ForeignEndpoint,
  deployment: Deployment,
  unmade: readonly UnmadeKey[],
  asking: Asking,
): Promise<ReadonlySet<string>> {
  if (unmade.length === 0) return new Set();
  if (await takesAnybody(endpoint, deployment.region)) return new Set(unmade.map(({ arn }) => arn));
  for (const { lack } of unmade) asking.lacks(lack);
  return new Set();
}

function notesOn(url: string, deployment: Deployment, unmade: readonly UnmadeKey[], asking: Asking): string[] {
  const count = (type: string): number => deployment.ofType(type).length;
  const keys = count('AWS::KMS::Key') - unmade.length;
  const secrets = count('AWS::SecretsManager::Secret');
  return [
    `storage, tables, keys and secrets are at ${url}: ${count('AWS::S3::Bucket')} buckets, ` +
      `${count('AWS::DynamoDB::Table')} tables, ${keys} keys, ${secrets} ${secrets === 1 ? 'secret' : 'secrets'}`,
    'IAM is the business of that endpoint: every function and command calls it with the credentials that were given for it; ' +
      'of the policies in the templates it gets those of buckets and tables that speak of the request, none that speak of roles or networks',
    ...groupedLines(unmade.map(({ lack }) => ({ ...lack, loss: 'the embedded cloud keeps the key' }))),
    ...groupedLines(asking.losses),
  ];
}
