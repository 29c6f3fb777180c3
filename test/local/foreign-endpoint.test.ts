import { describe, expect, it } from 'vitest';
import { readForeignCredentials, readForeignEndpoint } from '../../local/foreign-endpoint.ts';
import { Problem } from '../../shared/problem.ts';

const AWS = { AWS_ACCESS_KEY_ID: 'of-aws', AWS_SECRET_ACCESS_KEY: 'secret-of-aws', AWS_SESSION_TOKEN: 'session' };
const OWN = { PARAPET_ENDPOINT_ACCESS_KEY_ID: 'own', PARAPET_ENDPOINT_SECRET_ACCESS_KEY: 'own secret' };
const refusal = (variables: Record<string, string>): unknown => {
  try {
    return readForeignEndpoint(variables);
  } catch (error) {
    return error instanceof Problem ? error.code : error;
  }
};

describe('another endpoint', () => {
  it('is none where none is named, whatever credentials are at hand', () => {
    expect(readForeignEndpoint({ ...AWS, ...OWN })).toBeUndefined();
    expect(readForeignEndpoint({ ...AWS, PARAPET_ENDPOINT_URL: '' })).toBeUndefined();
  });

  it('is called with its own credentials before those of an account, and never with a mixture', () => {
    const url = 'https://storage.example';
    expect(readForeignEndpoint({ ...AWS, ...OWN, PARAPET_ENDPOINT_URL: url })).toEqual({
      url,
      credentials: { accessKeyId: 'own', secretAccessKey: 'own secret', sessionToken: undefined },
    });
    expect(readForeignCredentials(AWS)).toEqual({
      accessKeyId: 'of-aws',
      secretAccessKey: 'secret-of-aws',
      sessionToken: 'session',
    });
    const half = { ...AWS, PARAPET_ENDPOINT_ACCESS_KEY_ID: 'own', PARAPET_ENDPOINT_URL: url };
    expect(refusal(half)).toBe('configuration-invalid');
    expect(refusal({ PARAPET_ENDPOINT_URL: url })).toBe('configuration-invalid');
  });

  it.each(['http://127.0.0.1:5000', 'http://localhost:4566', 'http://[::1]:9000', 'https://minio.example:9000'])(
    'may be %s',
    (url) => {
      expect(readForeignEndpoint({ ...OWN, PARAPET_ENDPOINT_URL: url })?.url).toBe(url);
    },
  );

  it.each([
    'http://minio.example:9000',
    'http://127.0.0.1.example',
    'localhost:4566',
    'ftp://127.0.0.1',
    'https://user:password@minio.example',
    'nothing',
  ])('[P09] may not be %s: no function would call it', (url) => {
    expect(refusal({ ...OWN, PARAPET_ENDPOINT_URL: url })).toBe('configuration-invalid');
  });
});
