/** Who am I, and may I take this role: the two operations of STS that people and tools use here. */
import * as z from 'zod';
import type { Clock } from '../../shared/ports.ts';
import { notImplemented } from '../gateway/json-service.ts';
import { element, XML_DECLARATION } from '../gateway/protocol/xml.ts';
import type { IamAuthorizer } from '../iam/authorizer.ts';
import type { Credentials } from '../iam/credentials.ts';
import type { Role } from '../iam/roles.ts';
import { ApiError, type ApiRequest, type Service } from '../service.ts';

export interface StsServiceOptions {
  readonly authorizer: IamAuthorizer;
  readonly credentials: Credentials;
  /** By ARN. */
  readonly roles: ReadonlyMap<string, Role>;
  readonly clock: Clock;
  readonly accountId: string;
}

type Elements = readonly string[];

const Session = z.object({
  RoleArn: z.string(),
  RoleSessionName: z.string().regex(/^[\w+=,.@-]{2,64}$/),
  DurationSeconds: z.coerce.number().int().min(900).optional(),
  ExternalId: z.string().optional(),
  SourceIdentity: z.string().optional(),
  // The second factor is taken as given: see the callers of local/iam.
  SerialNumber: z.string().optional(),
  TokenCode: z.string().optional(),
});
const PARAMETERS = new Set(['Action', 'Version', ...Object.keys(Session.shape)]);
const DEFAULT_SECONDS = 3_600;

export function createStsService(options: StsServiceOptions): Service {
  const operations: Readonly<Record<string, (parameters: URLSearchParams, request: ApiRequest) => Elements>> = {
    // Nobody needs a permission for it, and nobody can be refused it (AWS STS API Reference, "GetCallerIdentity").
    GetCallerIdentity: (_, { caller }) => [
      element('Arn', caller.arn),
      element('UserId', userId(options, caller.roleArn, caller.arn)),
      element('Account', caller.accountId),
    ],
    AssumeRole: (parameters, request) => assumeRole(options, parameters, request),
  };
  return {
    signingName: 'sts',
    operation: (request) => `STS.${nameOf(parametersOf(request))}`,
    handle: async (request) => {
      const parameters = parametersOf(request);
      const name = nameOf(parameters);
      const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
      if (operation === undefined) throw notImplemented(`STS.${name}`);
      const stray = [...parameters.keys()].find((key) => !PARAMETERS.has(key));
      if (stray !== undefined) throw notImplemented(`the parameter ${stray}`);
      const result = element(`${name}Result`, operation(parameters, request));
      const metadata = element('ResponseMetadata', [element('RequestId', request.requestId)]);
      return {
        status: 200,
        headers: { 'content-type': 'text/xml', 'x-amzn-requestid': request.requestId },
        body: XML_DECLARATION + element(`${name}Response`, [result, metadata]),
      };
    },
  };
}

/** The query protocol's parameters stand in the form of the body. */
const parametersOf = ({ bytes }: ApiRequest): URLSearchParams => new URLSearchParams(bytes?.toString('utf8') ?? '');

function nameOf(parameters: URLSearchParams): string {
  const name = parameters.get('Action') ?? '';
  return /^[A-Za-z]+$/.test(name) ? name : 'Unknown';
}

function userId({ roles, accountId }: StsServiceOptions, roleArn: string | undefined, arn: string): string {
  const role = roleArn === undefined ? undefined : roles.get(roleArn);
  return role === undefined ? accountId : `${role.id}:${arn.split('/').at(-1)}`;
}

/** A session of a person's role, for whoever the role trusts. */
function assumeRole(options: StsServiceOptions, parameters: URLSearchParams, { caller }: ApiRequest): Elements {
  const parsed = Session.safeParse(Object.fromEntries(parameters));
  if (!parsed.success) {
    const names = parsed.error.issues.map(({ path }) => path.join('.'));
    throw new ApiError('ValidationError', `Not valid: ${names.join(', ')}.`, 400);
  }
  const { RoleArn, RoleSessionName: session, DurationSeconds: seconds, ExternalId, SourceIdentity } = parsed.data;
  const role = options.roles.get(RoleArn);
  // A role that is not there is refused as one that does not trust the caller: nothing is told.
  if (role === undefined) throw denied(caller.arn, RoleArn);
  options.authorizer.requireTrust(caller, role, {
    'sts:RoleSessionName': session,
    'sts:DurationSeconds': String(seconds ?? DEFAULT_SECONDS),
    ...(ExternalId === undefined ? {} : { 'sts:ExternalId': ExternalId }),
    ...(SourceIdentity === undefined ? {} : { 'sts:SourceIdentity': SourceIdentity }),
  });
  if (seconds !== undefined && seconds > role.longestSessionSeconds) {
    throw new ApiError(
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration of the role.',
      400,
    );
  }
  const key = options.credentials.issueSession(
    { kind: 'person', role: role.name, session },
    seconds ?? DEFAULT_SECONDS,
  );
  return [
    element('AssumedRoleUser', [
      element('AssumedRoleId', `${role.id}:${session}`),
      element('Arn', `arn:aws:sts::${options.accountId}:assumed-role/${role.name}/${session}`),
    ]),
    element('Credentials', [
      element('AccessKeyId', key.accessKeyId),
      element('SecretAccessKey', key.secretAccessKey),
      element('SessionToken', key.sessionToken ?? ''),
      element('Expiration', new Date(key.expiresAt ?? 0).toISOString()),
    ]),
  ];
}

const denied = (arn: string, role: string): ApiError =>
  new ApiError('AccessDenied', `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${role}`, 403);
