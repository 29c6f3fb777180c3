/**
 * The seam inside the embedded cloud: the gateway authenticates a call (SigV4) and hands it to one service; the service
 * works out what the call needs, asks for it to be authorised, and answers as AWS answers.
 */
import type { Readable } from 'node:stream';

/** Who calls. An access key names exactly one of these; there is no anonymous caller. */
export interface Caller {
  readonly accessKeyId: string;
  readonly accountId: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`, `arn:aws:iam::<account>:root`, … */
  readonly arn: string;
  /** ARN of the role whose policies apply; absent for the account's root, which only local tools of the developer use. */
  readonly roleArn?: string;
  readonly kind: 'function' | 'person' | 'service' | 'root';
  /** Name of the function, person's role or service (`states.amazonaws.com`). */
  readonly name: string;
  /** Global condition keys that follow from where the caller stands: `aws:SourceVpce`, `aws:SourceVpc`, `aws:SourceAccount`, … */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface ApiRequest {
  /** Increases by one with every call of this cloud. */
  readonly sequence: number;
  readonly requestId: string;
  /** Signing name: `s3`, `dynamodb`, `kms`, `secretsmanager`, `states`, `sqs`, `sts`, `events`. */
  readonly service: string;
  readonly method: string;
  /** Path as sent, still percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** Raw body as sent (still `aws-chunked` where it is). */
  readonly body: Readable;
  /** The same, whole, where the gateway has read it to verify its hash: for every service but S3. */
  readonly bytes?: Buffer;
  readonly caller: Caller;
  /** For streaming signatures (`STREAMING-AWS4-HMAC-SHA256-PAYLOAD…`): what the chunk signatures chain from. */
  readonly signature: {
    readonly seed: string;
    readonly signingKey: Buffer;
    readonly timestamp: string;
    readonly scope: string;
  };
}

export interface ApiResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | Readable;
}

export interface Service {
  readonly signingName: string;
  /** `S3.PutObject`, `DynamoDB.UpdateItem`: the operation's name, for the fault hook and the call log. */
  operation(request: ApiRequest): string;
  handle(request: ApiRequest): Promise<ApiResponse>;
}

/** An error in AWS's shape; each service's protocol (REST-XML, JSON 1.0/1.1) renders it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly status: number;
  readonly extra: Readonly<Record<string, string>>;
  constructor(code: string, message: string, status = 400, extra: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = status;
    this.extra = extra;
  }
}

/** One thing that a call needs: an IAM action on a resource under a context. */
export interface AccessRequest {
  /** `s3:PutObject` */
  readonly action: string;
  readonly resource: string;
  /** Condition keys of this call beside the caller's own (`s3:x-amz-server-side-encryption`, `kms:EncryptionContext:run`, …). */
  readonly context: Readonly<Record<string, string | readonly string[]>>;
  /** The resource's own policy, where it has one. */
  readonly resourcePolicy?: unknown;
  /** Owner account of the resource. */
  readonly resourceAccount: string;
}

/** Throws `ApiError('AccessDenied' …)` unless every request is allowed. Every decision is recorded. */
export interface Authorizer {
  require(caller: Caller, ...requests: readonly AccessRequest[]): void;
  /**
   * What a service asks silently to choose between two answers (S3: 404 for who may list, 403 for who may not). An
   * allowance is recorded as a use of the grant; a denial is not recorded, as nothing was refused.
   */
  allows?(caller: Caller, ...requests: readonly AccessRequest[]): boolean;
}

/** What other services need of KMS (S3's SSE-KMS, DynamoDB, Secrets Manager). `via` is the service's principal, e.g. `s3`. */
export interface KeyRing {
  /** Throws AccessDenied unless `caller` may do `action` on the key through `via` under this encryption context. Returns the key's ARN. */
  authorizeVia(
    caller: Caller,
    via: string,
    action: 'kms:GenerateDataKey' | 'kms:Decrypt' | 'kms:Encrypt',
    keyId: string,
    context: Readonly<Record<string, string>>,
  ): string;
  /** No authorisation: for the cloud's own use, after `authorizeVia`. Throws when the key is disabled or scheduled for deletion. */
  newDataKey(
    keyId: string,
    context: Readonly<Record<string, string>>,
  ): { readonly keyArn: string; readonly plaintext: Buffer; readonly wrapped: Buffer };
  openDataKey(
    wrapped: Buffer,
    context: Readonly<Record<string, string>>,
  ): { readonly keyArn: string; readonly plaintext: Buffer };
}

/** One resource of the synthesized templates, with every intrinsic resolved. */
export interface DeployedResource {
  readonly stack: string;
  readonly logicalId: string;
  /** `AWS::S3::Bucket` */
  readonly type: string;
  /** What `Ref` gives: bucket name, table name, key id, function name, … */
  readonly physicalId: string;
  /** What `Fn::GetAtt Arn` gives, where the type has one. */
  readonly arn: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface Deployment {
  readonly accountId: string;
  readonly region: string;
  readonly resources: readonly DeployedResource[];
  ofType(type: string): readonly DeployedResource[];
  /** By the last part of the construct path or by logical id; throws when there is none or more than one. */
  find(type: string, name: string): DeployedResource;
}
