/** What a request says of its signature: in its `Authorization` header, or in the query of a presigned URL. */
import type { RequestLine } from './request-line.ts';

export interface SignatureClaim {
  readonly accessKeyId: string;
  /** `YYYYMMDD` */
  readonly date: string;
  readonly region: string;
  readonly service: string;
  /** `<date>/<region>/<service>/aws4_request` */
  readonly scope: string;
  /** Lower-case names, as listed. */
  readonly signedHeaders: readonly string[];
  /** 64 hex digits. */
  readonly signature: string;
  /** `YYYYMMDD'T'HHMMSS'Z'` */
  readonly timestamp: string;
  readonly sessionToken: string | undefined;
  /** Seconds; only of a presigned URL. */
  readonly expiresSeconds: number | undefined;
}

export type ClaimFault = 'missing' | 'malformed';

const ALGORITHM = 'AWS4-HMAC-SHA256';
const CREDENTIAL = /^([A-Za-z0-9]{16,128})\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/;
const SIGNATURE = /^[0-9a-f]{64}$/;
const TIMESTAMP = /^(\d{8})T\d{6}Z$/;

/** The claim, or what is wrong with it. AWS reads the header first. */
export function readClaim(request: RequestLine): SignatureClaim | ClaimFault {
  const { authorization } = request.headers;
  if (authorization !== undefined) return fromHeader(authorization, request);
  return request.query.has('X-Amz-Signature') ? fromQuery(request) : 'missing';
}

function fromHeader(authorization: string, { headers }: RequestLine): SignatureClaim | ClaimFault {
  if (!authorization.startsWith(`${ALGORITHM} `)) return 'malformed';
  const members = new Map(
    authorization
      .slice(ALGORITHM.length + 1)
      .split(',')
      .map((member) => {
        const [name = '', ...value] = member.trim().split('=');
        return [name, value.join('=')];
      }),
  );
  return claim({
    credential: members.get('Credential'),
    signedHeaders: members.get('SignedHeaders'),
    signature: members.get('Signature'),
    timestamp: headers['x-amz-date'],
    sessionToken: headers['x-amz-security-token'],
    expires: undefined,
  });
}

function fromQuery({ query }: RequestLine): SignatureClaim | ClaimFault {
  if (query.get('X-Amz-Algorithm') !== ALGORITHM) return 'malformed';
  const expires = query.get('X-Amz-Expires');
  if (expires === null || !/^\d{1,6}$/.test(expires)) return 'malformed';
  return claim({
    credential: query.get('X-Amz-Credential') ?? undefined,
    signedHeaders: query.get('X-Amz-SignedHeaders') ?? undefined,
    signature: query.get('X-Amz-Signature') ?? undefined,
    timestamp: query.get('X-Amz-Date') ?? undefined,
    sessionToken: query.get('X-Amz-Security-Token') ?? undefined,
    expires: Number(expires),
  });
}

function claim(said: {
  readonly credential: string | undefined;
  readonly signedHeaders: string | undefined;
  readonly signature: string | undefined;
  readonly timestamp: string | undefined;
  readonly sessionToken: string | undefined;
  readonly expires: number | undefined;
}): SignatureClaim | ClaimFault {
  const [, accessKeyId, date, region, service] = CREDENTIAL.exec(said.credential ?? '') ?? [];
  const { signature = '', timestamp = '', signedHeaders = '' } = said;
  if (accessKeyId === undefined || date === undefined || region === undefined || service === undefined)
    return 'malformed';
  if (!SIGNATURE.test(signature) || TIMESTAMP.exec(timestamp)?.[1] !== date || signedHeaders === '') return 'malformed';
  return {
    accessKeyId,
    date,
    region,
    service,
    scope: `${date}/${region}/${service}/aws4_request`,
    signedHeaders: signedHeaders.toLowerCase().split(';'),
    signature,
    timestamp,
    sessionToken: said.sessionToken,
    expiresSeconds: said.expires,
  };
}
