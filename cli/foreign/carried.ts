/**
 * What of a resource policy goes to another endpoint: the denials about the request itself (encryption, retention,
 * transport), which hold for every caller. Statements about who calls and from where name the principals and the network
 * of the templates, which are not there: they would refuse everybody, or nobody. IAM is the other endpoint's own.
 */
import * as z from 'zod';

const Statement = z.looseObject({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown().optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
});
const Policy = z.looseObject({ Version: z.string().default('2012-10-17'), Statement: z.array(Statement) });

/** Keys of a condition that say how a request is made. A service of AWS is no principal of the templates. */
const ABOUT_THE_REQUEST = /^(s3:.+|aws:SecureTransport|aws:PrincipalIsAWSService)$/i;
const TRANSPORT = /^(aws:SecureTransport|s3:TlsVersion)$/i;

/**
 * @param arns ARNs of the templates → those at the other endpoint
 * @returns the document as JSON text; `undefined` where nothing is left of it
 */
export function carriedPolicy(
  policy: unknown,
  { url, arns }: { readonly url: string; readonly arns: ReadonlyMap<string, string> },
): string | undefined {
  const { Statement: statements, ...rest } = Policy.parse(policy);
  const plain = URL.parse(url)?.protocol === 'http:';
  const carried = statements.filter((statement) => {
    const keys = Object.values(statement.Condition).flatMap((condition) => Object.keys(condition));
    if (statement.Effect !== 'Deny' || !isEverybody(statement.Principal)) return false;
    if (!keys.every((key) => ABOUT_THE_REQUEST.test(key))) return false;
    // Over plain HTTP (loopback alone) these would refuse every call.
    return !(plain && keys.some((key) => TRANSPORT.test(key)));
  });
  if (carried.length === 0) return undefined;
  return JSON.stringify({ ...rest, Statement: carried }, (_, value: unknown) =>
    typeof value === 'string' ? (arns.get(value) ?? value) : value,
  );
}

function isEverybody(principal: unknown): boolean {
  if (principal === '*') return true;
  return typeof principal === 'object' && principal !== null && 'AWS' in principal && principal.AWS === '*';
}
