/** The secrets that the templates declare, and how a request names one. */
import * as z from 'zod';
import type { Deployment } from '../service.ts';
import { GenerateSecretString } from './generate.ts';
import type { Secret } from './vault.ts';

export interface DeclaredSecret extends Secret {
  /** What its first version is made from. */
  readonly first: { readonly text: string } | { readonly generate: z.output<typeof GenerateSecretString> };
}

const Properties = z.looseObject({
  Name: z.string().optional(),
  Description: z.string().default(''),
  KmsKeyId: z.string().default('alias/aws/secretsmanager'),
  SecretString: z.string().optional(),
  GenerateSecretString: GenerateSecretString.optional(),
  Tags: z.array(z.object({ Key: z.string(), Value: z.string() })).default([]),
});
const PolicyProperties = z.looseObject({
  SecretId: z.string(),
  ResourcePolicy: z.record(z.string(), z.unknown()),
});

const SUFFIX = /-[A-Za-z0-9]{6}$/;

export function readSecrets(deployment: Deployment): readonly DeclaredSecret[] {
  const policies = deployment
    .ofType('AWS::SecretsManager::ResourcePolicy')
    .map(({ properties }) => PolicyProperties.parse(properties));
  return deployment.ofType('AWS::SecretsManager::Secret').map((resource): DeclaredSecret => {
    const properties = Properties.parse(resource.properties);
    const { SecretString: text, GenerateSecretString: generate } = properties;
    const name = nameIn(resource.arn).replace(SUFFIX, '');
    return {
      arn: resource.arn,
      name,
      description: properties.Description,
      keyId: properties.KmsKeyId,
      tags: Object.fromEntries(properties.Tags.map(({ Key, Value }) => [Key, Value])),
      policy: policies.find(({ SecretId }) => SecretId === resource.arn || SecretId === name)?.ResourcePolicy,
      // CloudFormation makes a password for a secret that says nothing of its value.
      first: text === undefined ? { generate: generate ?? GenerateSecretString.parse({}) } : { text },
    };
  });
}

/** `…:secret:<name>-<six characters>` → the last part. */
const nameIn = (arn: string): string => arn.split(':').slice(6).join(':');

/** By name, ARN, or ARN without its six characters. */
export function findSecret<S extends Secret>(secrets: readonly S[], secretId: string): S | undefined {
  return secrets.find(({ arn, name }) => secretId === arn || secretId === name || secretId === arn.replace(SUFFIX, ''));
}
