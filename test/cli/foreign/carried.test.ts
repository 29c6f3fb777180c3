import { describe, expect, it } from 'vitest';
import { carriedPolicy } from '../../../cli/foreign/carried.ts';

const deny = (Sid: string, Condition: object, more: object = {}) => ({
  Sid,
  Effect: 'Deny',
  Principal: { AWS: '*' },
  Action: 's3:PutObject',
  Resource: 'arn:aws:s3:::b/*',
  Condition,
  ...more,
});
const POLICY = {
  Version: '2012-10-17',
  Statement: [
    deny('Key', { StringNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': ['ours', 'unknown'] } }),
    deny('Service', { Null: { 's3:if-none-match': 'true' }, BoolIfExists: { 'aws:PrincipalIsAWSService': 'false' } }),
    deny('Http', { Bool: { 'aws:SecureTransport': 'false' } }),
    deny('Tls', { NumericLessThan: { 's3:TlsVersion': 1.2 } }),
    deny('Role', { ArnNotEqualsIfExists: { 'aws:PrincipalArn': 'arn:aws:iam::000000000000:role/r' } }),
    deny('Account', { StringNotEqualsIfExists: { 'aws:PrincipalAccount': '000000000000' } }),
    deny('Network', { StringNotEqualsIfExists: { 'aws:SourceVpc': 'vpc-1' } }),
    deny('Mixed', { Null: { 's3:if-none-match': 'true' }, StringEquals: { 'aws:SourceVpc': 'vpc-1' } }),
    deny('Named', {}, { Principal: { AWS: 'arn:aws:iam::000000000000:role/r' } }),
    { ...deny('Allowed', {}), Effect: 'Allow' },
  ],
};
const arns = new Map([['ours', 'theirs']]);
const carried = (url: string) => JSON.parse(carriedPolicy(POLICY, { url, arns }) ?? '{"Statement":[]}');
const sids = (url: string): string[] => carried(url).Statement.map(({ Sid }: { Sid: string }) => Sid);

describe('a policy at another endpoint', () => {
  it('keeps what it says of requests, and nothing of principals, accounts and networks that are not there', () => {
    expect(sids('https://storage.example')).toEqual(['Key', 'Service', 'Http', 'Tls']);
  });

  it('asks for TLS only where there is any', () => {
    expect(sids('http://127.0.0.1:5000')).toEqual(['Key', 'Service']);
  });

  it('names the keys that are there', () => {
    const [first] = carried('https://storage.example').Statement;
    expect(first.Condition.StringNotEquals).toEqual({
      's3:x-amz-server-side-encryption-aws-kms-key-id': ['theirs', 'unknown'],
    });
  });

  it('is none where nothing is left of it', () => {
    const policy = { Statement: [deny('Role', { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::1:role/r' } })] };
    expect(carriedPolicy(policy, { url: 'https://storage.example', arns })).toBeUndefined();
  });
});
