/** The variables that a function sees: those of Lambda's runtime and its own. Nothing of the host's comes through. */
import { devNull } from 'node:os';
import type { DeployedFunction } from './deployed.ts';

export interface SessionCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
}

/** Another AWS-compatible endpoint that has storage, tables, keys and secrets instead of the embedded cloud. */
export interface ForeignEndpoint {
  readonly url: string;
  readonly credentials: SessionCredentials;
}

/** What of the templates is called otherwise at the other endpoint, or is not there. Everything else has its own name there. */
export interface Provisioned {
  /** ARNs of keys and secrets: in the templates → at the other endpoint. */
  readonly arns: ReadonlyMap<string, string>;
  /** ARNs of keys that the other endpoint cannot make: the embedded cloud keeps them. */
  readonly kept: ReadonlySet<string>;
}

export interface EnvironmentOptions {
  readonly region: string;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  readonly foreign: (ForeignEndpoint & Partial<Provisioned>) | undefined;
}

/** What the other endpoint has. Everything else stays with the embedded cloud. */
const FOREIGN_SERVICES = ['S3', 'DYNAMODB', 'KMS', 'SECRETS_MANAGER'];

export function environmentOf(
  definition: DeployedFunction,
  options: EnvironmentOptions,
  own: { readonly credentials: SessionCredentials; readonly temporaryFolder: string; readonly logStream: string },
): Record<string, string> {
  const { region, endpoint, foreign } = options;
  const keeps = Object.values(definition.variables).some((value) => foreign?.kept?.has(value) === true);
  // One process has one pair of keys: a function with a key of ours calls as itself, which is taken where anybody is.
  const credentials = (keeps ? undefined : foreign?.credentials) ?? own.credentials;
  const elsewhere = FOREIGN_SERVICES.filter((service) => !(keeps && service === 'KMS'));
  return {
    ...Object.fromEntries(
      Object.entries(definition.variables).map(([name, value]) => [name, foreign?.arns?.get(value) ?? value]),
    ),
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: definition.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memory),
    AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: own.logStream,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    LAMBDA_TASK_ROOT: definition.folder,
    _HANDLER: definition.handler,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    ...(credentials.sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: credentials.sessionToken }),
    AWS_ENDPOINT_URL: endpoint,
    ...Object.fromEntries(
      (foreign ? elsewhere : []).map((service) => [`AWS_ENDPOINT_URL_${service}`, foreign?.url ?? '']),
    ),
    AWS_EC2_METADATA_DISABLED: 'true',
    // There is no home in Lambda: the SDK must not find the profile of whoever runs this.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    TMPDIR: own.temporaryFolder,
  };
}
