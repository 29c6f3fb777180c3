// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of IAM look like those of templates
import { describe, expect, it } from 'vitest';
import { requestContext } from '../../../shared/policy/context.ts';
import { decide, type PolicySet } from '../../../shared/policy/decide.ts';
import { compilePolicy } from '../../../shared/policy/document.ts';
import type { Principal } from '../../../shared/policy/principal.ts';
import type { AccessQuery } from '../../../shared/policy/statement.ts';

const ACCOUNT = '123456789012';
const FOREIGN = '210987654321';
const ROLE = `arn:aws:iam::${ACCOUNT}:role/ingestion`;
const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/ingestion/fn`;
const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const KEY = `arn:aws:kms:us-east-1:${ACCOUNT}:key/k`;

const role: Principal = { kind: 'role', accountId: ACCOUNT, arn: ROLE, sessionArn: SESSION };
const root: Principal = { kind: 'root', accountId: ACCOUNT, arn: ROOT };
const events: Principal = { kind: 'service', accountId: '', arn: '', service: 'events.amazonaws.com' };

const query: AccessQuery = { principal: role, action: 'kms:Decrypt', resource: KEY, context: requestContext() };
const base: PolicySet = { identity: [], resourceRule: 'additive', resourceAccount: ACCOUNT };

type Element = Readonly<Record<string, unknown>>;
const statements = (...list: readonly Element[]) => ({ Version: '2012-10-17', Statement: list });
const allow = (more: Element = {}): Element => ({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: '*', ...more });
const deny = (more: Element = {}): Element => ({ Effect: 'Deny', Action: 'kms:*', Resource: '*', ...more });
const identity = (...list: readonly Element[]) => compilePolicy(statements(...list), 'identity', 'of-role');
const resource = (...list: readonly Element[]) => compilePolicy(statements(...list), 'resource', 'of-key');
const endpoint = (...list: readonly Element[]) => compilePolicy(statements(...list), 'endpoint', 'of-vpce');
const by = (aws: string): Element => ({ Principal: { AWS: aws } });

const reason = (policies: Partial<PolicySet>, changed: Partial<AccessQuery> = {}): string =>
  decide({ ...query, ...changed }, { ...base, ...policies }).reason;

describe('identity policies', () => {
  it('[B19] allow what they name, and nothing without them', () => {
    expect(reason({ identity: [identity(allow())] })).toBe('allowed-by-identity');
    expect(reason({})).toBe('identity-silent');
  });

  it.each([
    ['another action', allow({ Action: 'kms:Encrypt' })],
    ['another service', allow({ Action: 's3:*' })],
    ['another resource', allow({ Resource: `${KEY}2` })],
    ['NotAction of it', allow({ Action: undefined, NotAction: 'kms:Decrypt' })],
    ['NotResource of it', allow({ Resource: undefined, NotResource: KEY })],
    ['a condition that fails', allow({ Condition: { Bool: { 'aws:SecureTransport': 'true' } } })],
    ['a condition that cannot be decided', allow({ Condition: { StringNotEquals: { 'x:k': '${x:absent}' } } })],
  ])('[B19] are silent over %s', (_, statement) => {
    const cleaned = Object.fromEntries(Object.entries(statement).filter(([, value]) => value !== undefined));
    expect(reason({ identity: [identity(cleaned)] }, { context: requestContext({ 'x:k': 'v' }) })).toBe(
      'identity-silent',
    );
  });

  it('match actions without case and with wildcards', () => {
    expect(reason({ identity: [identity(allow({ Action: 'kms:dec*' }))] })).toBe('allowed-by-identity');
    expect(reason({ identity: [identity(allow({ Action: 'kms:DECRYP?' }))] })).toBe('allowed-by-identity');
  });

  it('by NotAction and NotResource allow everything else', () => {
    const { Action: _a, ...noAction } = allow();
    expect(reason({ identity: [identity({ ...noAction, NotAction: 'iam:*' })] })).toBe('allowed-by-identity');
    const { Resource: _r, ...noResource } = allow();
    expect(reason({ identity: [identity({ ...noResource, NotResource: 'arn:aws:s3:::*' })] })).toBe(
      'allowed-by-identity',
    );
  });
});

describe('an explicit deny', () => {
  const allowed = {
    identity: [identity(allow())],
    boundary: compilePolicy(statements(allow()), 'identity', 'boundary'),
    resource: resource(allow(by(ROLE))),
    endpoint: endpoint(allow({ Principal: '*' })),
  };

  it('is the mutation of this set, which allows', () => {
    expect(reason(allowed)).toBe('allowed-by-identity');
  });

  it.each([
    ['identity', { identity: [identity(allow()), identity(deny())] }],
    ['boundary', { boundary: compilePolicy(statements(allow(), deny()), 'identity', 'boundary') }],
    ['resource', { resource: resource(allow(by(ROLE)), deny({ Principal: '*' })) }],
    ['endpoint', { endpoint: endpoint(allow({ Principal: '*' }), deny({ Principal: '*' })) }],
    ['resource, naming the account', { resource: resource(allow(by(ROLE)), deny(by(ACCOUNT))) }],
    [
      'resource, sparing others',
      { resource: resource(allow(by(ROLE)), deny({ NotPrincipal: { AWS: [ROOT, ROLE] } })) },
    ],
    [
      'whose condition cannot be decided',
      { identity: [identity(allow(), deny({ Condition: { StringEquals: { 'x:many': 'z' } } }))] },
    ],
  ])('[B19] wins wherever it stands: %s', (_, changed) => {
    expect(reason({ ...allowed, ...changed }, { context: requestContext({ 'x:many': ['a'] }) })).toBe('explicit-deny');
  });

  it('spares a session whose session, role and account NotPrincipal lists', () => {
    const spared = resource(deny({ NotPrincipal: { AWS: [ROOT, ROLE, SESSION] } }));
    expect(reason({ ...allowed, resource: spared })).toBe('allowed-by-identity');
  });

  it('spares everybody where NotPrincipal says so', () => {
    expect(reason({ ...allowed, resource: resource(deny({ NotPrincipal: '*' })) })).toBe('allowed-by-identity');
  });

  it('names the denying statement', () => {
    const decision = decide(query, { ...base, identity: [identity(allow(), deny({ Sid: 'Never' }))] });
    expect(decision.matched).toEqual([
      { source: 'identity', policy: 'of-role', statement: 1, sid: 'Never', actions: ['kms:*'] },
    ]);
  });
});

describe('the permission boundary', () => {
  const boundary = compilePolicy(statements(allow({ Action: 's3:*' })), 'identity', 'boundary');
  it('[S03] limits identity policies and grants by role, not a grant to the session itself', () => {
    expect(reason({ identity: [identity(allow())], boundary })).toBe('boundary-silent');
    expect(reason({ resource: resource(allow(by(ROLE))), boundary })).toBe('boundary-silent');
    expect(reason({ resource: resource(allow({ Principal: '*' })), boundary })).toBe('boundary-silent');
    expect(reason({ resource: resource(allow(by(SESSION))), boundary })).toBe('allowed-by-resource');
  });

  it('allows nothing by itself', () => {
    const wide = compilePolicy(statements(allow({ Action: '*' })), 'identity', 'boundary');
    expect(reason({ boundary: wide })).toBe('identity-silent');
  });
});

describe('a resource policy', () => {
  it('in the same account may allow alone, when it names the caller', () => {
    expect(reason({ resource: resource(allow(by(ROLE))) })).toBe('allowed-by-resource');
    expect(reason({ resource: resource(allow({ Principal: '*' })) })).toBe('allowed-by-resource');
    expect(reason({ resource: resource(allow({ Principal: { AWS: '*' } })) })).toBe('allowed-by-resource');
  });

  it.each([ROOT, ACCOUNT])('that names the account (%s) leaves it to identity policies', (account) => {
    expect(reason({ resource: resource(allow(by(account))) })).toBe('identity-silent');
    expect(reason({ resource: resource(allow(by(account))), identity: [identity(allow())] })).toBe(
      'allowed-by-identity',
    );
  });

  it.each([
    ['another role', by(`${ROLE}2`)],
    ['another session', by(`${SESSION}2`)],
    ['another account', by(FOREIGN)],
    ['a service', { Principal: { Service: 'events.amazonaws.com' } }],
    ['a federation', { Principal: { Federated: ROLE } }],
  ])('[B19] that names %s is silent', (_, who) => {
    expect(reason({ resource: resource(allow(who)) })).toBe('identity-silent');
    expect(reason({ resource: resource(allow(who)), resourceRule: 'decisive' })).toBe('resource-silent');
  });

  it('[B19] that is decisive must allow, as a key policy', () => {
    const granted = { identity: [identity(allow())], resourceRule: 'decisive' } as const;
    expect(reason({ ...granted })).toBe('resource-silent');
    expect(reason({ ...granted, resource: resource(allow(by(ROOT))) })).toBe('allowed-by-identity');
    expect(reason({ ...granted, identity: [], resource: resource(allow(by(ROOT))) })).toBe('identity-silent');
    expect(reason({ ...granted, identity: [], resource: resource(allow(by(ROLE))) })).toBe('allowed-by-resource');
  });

  it('across accounts is needed beside the identity policy', () => {
    const foreign = { resourceAccount: FOREIGN };
    expect(reason({ ...foreign, identity: [identity(allow())] })).toBe('resource-silent');
    expect(reason({ ...foreign, resource: resource(allow(by(SESSION))) })).toBe('identity-silent');
    expect(reason({ ...foreign, identity: [identity(allow())], resource: resource(allow(by(ACCOUNT))) })).toBe(
      'allowed-by-identity',
    );
  });
});

describe('the root of the account and services', () => {
  it('a root is allowed in its own account unless a key policy locks it out', () => {
    expect(reason({}, { principal: root })).toBe('allowed-as-root');
    expect(reason({ resourceAccount: FOREIGN }, { principal: root })).toBe('resource-silent');
    expect(reason({ resourceRule: 'decisive', resource: resource(allow(by(ROLE))) }, { principal: root })).toBe(
      'resource-silent',
    );
    expect(reason({ resource: resource(deny({ Principal: '*' })) }, { principal: root })).toBe('explicit-deny');
  });

  it('a service is allowed by the resource alone, under its conditions', () => {
    const granted = resource(
      allow({
        Principal: { Service: 'events.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
      }),
    );
    const from = (account: string) => ({
      principal: events,
      context: requestContext({ 'aws:SourceAccount': account }),
    });
    expect(reason({ resource: granted }, from(ACCOUNT))).toBe('allowed-by-resource');
    expect(reason({ resource: granted }, from(FOREIGN))).toBe('resource-silent');
    expect(reason({}, from(ACCOUNT))).toBe('resource-silent');
  });
});

describe('the trust policy of a role', () => {
  const assume = { action: 'sts:AssumeRole', resource: `${ROLE}-of-people` };
  const trust = (who: Element, more: Element = {}) =>
    compilePolicy(statements({ Effect: 'Allow', Action: 'sts:AssumeRole', ...who, ...more }), 'trust', 'trust');
  const taken = (resource: PolicySet['resource'], changed: Partial<AccessQuery> = {}): string =>
    reason({ resourceRule: 'decisive', ...(resource ? { resource } : {}) }, { ...assume, ...changed });

  it('[S03] lets in whom it names, under its conditions', () => {
    const service = { Principal: { Service: 'events.amazonaws.com' } };
    expect(taken(trust(by(ROLE)))).toBe('allowed-by-resource');
    expect(taken(trust(service), { principal: events })).toBe('allowed-by-resource');
    expect(taken(trust(service))).toBe('resource-silent');
    expect(taken(trust(by(ROOT)))).toBe('identity-silent');
    expect(taken(trust(by(ROOT)), { principal: root })).toBe('allowed-as-root');
    expect(
      taken(trust(by(ROOT), { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }), { principal: root }),
    ).toBe('resource-silent');
  });
});

describe('an endpoint policy', () => {
  const granted = { identity: [identity(allow())] };
  it('[S01] must allow too', () => {
    expect(reason({ ...granted, endpoint: endpoint(allow({ Principal: '*' })) })).toBe('allowed-by-identity');
    expect(reason({ ...granted, endpoint: endpoint(allow({ Principal: '*', Action: 'kms:Encrypt' })) })).toBe(
      'endpoint-silent',
    );
    expect(reason({ ...granted, endpoint: endpoint(allow(by(ACCOUNT))) })).toBe('endpoint-silent');
  });
});

describe('a faulty policy', () => {
  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no statement', { Version: '2012-10-17', Statement: [] }],
    ['an unknown version', { Version: '2020-01-01', Statement: allow() }],
    ['an unknown element', { ...statements(allow()), Condition: {} }],
    ['an unknown element of a statement', statements(allow({ Conditions: {} }))],
    ['an effect in lower case', statements(allow({ Effect: 'allow' }))],
    ['both Action and NotAction', statements(allow({ NotAction: 's3:*' }))],
    ['no Resource', statements({ Effect: 'Allow', Action: '*' })],
    ['a principal in an identity policy', statements(allow({ Principal: '*' }))],
    ['an action without a service', statements(allow({ Action: 'Decrypt' }))],
    ['an unknown operator', statements(allow({ Condition: { StringMatches: { 'x:k': 'v' } } }))],
  ])('[B19] denies whatever it has a say in: %s', (_, document) => {
    const faulty = compilePolicy(document, 'identity', 'faulty');
    const decision = decide(query, { ...base, identity: [identity(allow()), faulty] });
    expect(decision.decision).toBe('deny');
    expect(decision.reason).toBe('policy-faulty');
    expect(decision.detail).toContain('identity policy faulty:');
  });

  it.each([
    ['no principal', allow()],
    ['a wildcard inside an ARN', allow(by(`arn:aws:iam::${ACCOUNT}:role/*`))],
    ['a text for a principal', allow({ Principal: 'everybody' })],
    ['NotPrincipal with Allow', allow({ NotPrincipal: { AWS: ROOT } })],
    ['an unknown family', allow({ Principal: { Robot: '*' } })],
  ])('[B19] of a resource, with %s, denies', (_, statement) => {
    expect(reason({ identity: [identity(allow())], resource: resource(statement) })).toBe('policy-faulty');
  });

  it('of a role’s trust that names a resource denies', () => {
    const trust = compilePolicy(statements({ ...allow(by(ROOT)), Action: 'sts:AssumeRole' }), 'trust', 'trust');
    expect(trust.fault).toContain('names no resource');
  });
});

describe('a decision to allow', () => {
  it('lists every statement and action entry that allows, so that unused ones can be told', () => {
    const decision = decide(query, {
      ...base,
      identity: [identity(allow({ Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:De*'] }), allow({ Action: 'kms:Sign' }))],
      resource: resource(allow({ ...by(ROOT), Sid: 'Account' })),
    });
    expect(decision.matched).toEqual([
      { source: 'identity', policy: 'of-role', statement: 0, sid: undefined, actions: ['kms:Decrypt', 'kms:De*'] },
      { source: 'resource', policy: 'of-key', statement: 0, sid: 'Account', actions: ['kms:Decrypt'] },
    ]);
  });
});
