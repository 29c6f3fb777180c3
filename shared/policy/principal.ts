import { members, textList } from './json.ts';

/** Who makes a request, as policies can name it. */
export interface Principal {
  readonly kind: 'role' | 'root' | 'service';
  /** 12 digits. Empty for a service, which belongs to no account of ours. */
  readonly accountId: string;
  /** `arn:aws:iam::<account>:role/<name>` or `arn:aws:iam::<account>:root`. */
  readonly arn: string;
  /** `arn:aws:sts::<account>:assumed-role/<role>/<session>`, for a role. */
  readonly sessionArn?: string;
  /** `events.amazonaws.com`, for a service. */
  readonly service?: string;
}

/**
 * How a statement names the caller. `account` only hands the decision to the account's own policies; a grant to a `session` is
 * not limited by a permission boundary, any other is (IAM User Guide, "Policy evaluation for requests within a single account").
 */
export type Naming = 'nobody' | 'account' | 'anyone' | 'principal' | 'session';

export type PrincipalTest = (principal: Principal) => Naming;

const ACCOUNT = /^\d{12}$/;
const ROOT = /^arn:aws[a-z-]*:iam::(\d{12}):root$/;
const NAMED = /^arn:aws[a-z-]*:(iam|sts)::\d{12}:[\w+=,.@/-]+$/;
const FAMILIES = ['AWS', 'Service', 'Federated', 'CanonicalUser'];

/** Compiles a Principal element. Throws `SyntaxError` for what IAM refuses, such as a wildcard inside an ARN. */
export function compilePrincipal(element: unknown): PrincipalTest {
  if (element === '*') return () => 'anyone';
  const tests = members(element, 'Principal').flatMap(([family, names]) => {
    if (!FAMILIES.includes(family)) throw new SyntaxError(`Principal has the unknown member ${family}.`);
    return textList(names, family).map((name) => compileName(family, name));
  });
  return (principal) => strongest(tests.map((test) => test(principal)));
}

function compileName(family: string, name: string): PrincipalTest {
  if (family === 'Service') return (principal) => (principal.service === name ? 'principal' : 'nobody');
  // Federated and canonical users never call this cloud; a statement that names one names nobody.
  if (family !== 'AWS') return () => 'nobody';
  if (name === '*') return () => 'anyone';
  const account = ACCOUNT.test(name) ? name : ROOT.exec(name)?.[1];
  if (account !== undefined) return (principal) => nameByAccount(principal, account);
  if (!NAMED.test(name))
    throw new SyntaxError('Principal holds something that is neither an account nor an ARN of IAM.');
  return (principal) => {
    if (principal.sessionArn === name) return 'session';
    return principal.kind !== 'service' && principal.arn === name ? 'principal' : 'nobody';
  };
}

function nameByAccount(principal: Principal, account: string): Naming {
  if (principal.kind === 'service' || principal.accountId !== account) return 'nobody';
  return principal.kind === 'root' ? 'principal' : 'account';
}

const STRENGTH: readonly Naming[] = ['nobody', 'account', 'anyone', 'principal', 'session'];

function strongest(namings: readonly Naming[]): Naming {
  return namings.reduce(
    (best, naming) => (STRENGTH.indexOf(naming) > STRENGTH.indexOf(best) ? naming : best),
    'nobody',
  );
}

/**
 * Compiles a NotPrincipal element (only with Deny): whom it spares. A session is spared only when the session, its role and its
 * account are all listed (IAM User Guide, "NotPrincipal").
 */
export function compileSpared(element: unknown): (principal: Principal) => boolean {
  if (element === '*') return () => true;
  const listed = new Set(
    members(element, 'NotPrincipal').flatMap(([family, names]) => {
      if (!FAMILIES.includes(family)) throw new SyntaxError(`NotPrincipal has the unknown member ${family}.`);
      return textList(names, family);
    }),
  );
  const lists = (names: readonly (string | undefined)[]): boolean =>
    names.some((name) => name !== undefined && listed.has(name));
  return (principal) => {
    if (principal.kind === 'service') return lists([principal.service]);
    const account = lists([principal.accountId, `arn:aws:iam::${principal.accountId}:root`]);
    if (principal.kind === 'root') return account;
    return account && lists([principal.arn]) && lists([principal.sessionArn]);
  };
}
