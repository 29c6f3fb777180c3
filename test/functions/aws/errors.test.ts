import { describe, expect, it } from 'vitest';
import { clientOptions } from '../../../functions/aws/client-options.ts';
import { calling, translate } from '../../../functions/aws/errors.ts';

function serviceError(name: string, httpStatusCode?: number, more: object = {}): Error {
  return Object.assign(new Error('quotes SECRET'), { name, $metadata: { httpStatusCode } }, more);
}

describe('an error of the SDK', () => {
  it.each([
    [serviceError('ThrottlingException', 400), 'throttled'],
    [serviceError('SlowDown', 503), 'throttled'],
    [serviceError('ProvisionedThroughputExceededException', 400), 'throttled'],
    [serviceError('Whatever', 429), 'throttled'],
    [serviceError('TimeoutError'), 'timed-out'],
    [serviceError('InternalError', 500), 'unavailable'],
    [serviceError('ServiceUnavailable', 503), 'unavailable'],
    [serviceError('Error', undefined, { code: 'ECONNRESET' }), 'interrupted'],
    [serviceError('Error', undefined, { cause: Object.assign(new Error(), { code: 'EPIPE' }) }), 'interrupted'],
  ])('is transient where repeating may help: %o', (error, reason) => {
    expect(translate(error, 'PutObject')).toMatchObject({ name: 'Transient', operation: 'PutObject', reason });
  });

  it.each([
    [serviceError('AccessDenied', 403), 'access-denied'],
    [serviceError('AccessDeniedException', 400), 'access-denied'],
    [serviceError('ValidationException', 400), 'internal-failure'],
    [new TypeError('SECRET'), 'internal-failure'],
    ['SECRET', 'internal-failure'],
  ])('is a problem where it cannot: %o', (error, code) => {
    const problem = translate(error, 'PutObject');
    expect(problem).toMatchObject({ name: 'Problem', code });
    expect(`${problem.message} ${String(problem.cause)}`).not.toContain('SECRET');
  });

  it('is passed on when it is one of ours', async () => {
    const ours = translate(serviceError('SlowDown', 503), 'GetObject');
    await expect(calling('PutObject', () => Promise.reject(ours))).rejects.toBe(ours);
  });
});

describe('the options of a client', () => {
  it('[P09] bound attempts and waits', () => {
    expect(clientOptions({})).toMatchObject({
      maxAttempts: expect.any(Number),
      requestHandler: { connectionTimeout: expect.any(Number), requestTimeout: expect.any(Number) },
    });
  });

  it.each([
    'https://s3.eu-central-1.amazonaws.com',
    'http://127.0.0.1:4566',
    'http://127.8.9.1:1',
    'http://[::1]:80',
    'http://localhost:1',
  ])('[P09] take the endpoint %s', (endpoint) => {
    expect(() => clientOptions({ AWS_ENDPOINT_URL: endpoint, AWS_ENDPOINT_URL_S3: endpoint })).not.toThrow();
  });

  it.each([
    'http://s3.amazonaws.com',
    'http://127.0.0.1.example',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'nonsense',
    'http://127.0.0.1@evil.example',
  ])('[P09] refuse the endpoint %s', (endpoint) => {
    expect(() => clientOptions({ AWS_ENDPOINT_URL_KMS: endpoint })).toThrow(
      expect.objectContaining({ code: 'configuration-invalid' }),
    );
  });
});
