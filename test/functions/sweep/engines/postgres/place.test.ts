import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { openPostgres } from '../../../../../functions/sweep/engines/postgres/engine.ts';
import { parsePostgresUrl } from '../../../../../functions/sweep/engines/postgres/place.ts';
import { isLoopback } from '../../../../../shared/loopback.ts';

describe('the address of a PostgreSQL database', () => {
  it('is a URL, with its parts decoded', () => {
    expect(parsePostgresUrl('postgres://me%40here:p%2Fw%3A@db.example:5433/my%20base')).toEqual({
      host: 'db.example',
      port: 5433,
      database: 'my base',
      user: 'me@here',
      password: 'p/w:',
    });
    expect(parsePostgresUrl('postgresql://u@[::1]/d?sslmode=verify-full')).toMatchObject({
      host: '::1',
      port: 5432,
      password: '',
    });
  });

  it.each([
    '',
    'db.example/x',
    'mysql://u@h/d',
    'postgres://u@h',
    'postgres:///d',
    'postgres://u@h/d?options=-c%20x',
    'postgres://u:100%@h/d',
  ])('[S18] is refused when it is %j, and not repeated', (url) => {
    expect(() => parsePostgresUrl(url)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
  });

  it.each(['disable', 'allow', 'prefer', 'require', 'verify-ca', 'no-verify'])(
    '[P08] never asks for less than verify-full: %s',
    (mode) => {
      expect(() => parsePostgresUrl(`postgres://u@h/d?sslmode=${mode}`)).toThrow(
        expect.objectContaining({ code: 'tls-required' }),
      );
    },
  );

  it('knows which addresses leave the machine', () => {
    expect(['localhost', '127.0.0.1', '127.1.2.3', '::1'].every(isLoopback)).toBe(true);
    expect(['127.0.0.1.example', 'localhost.example', '10.0.0.1', '0.0.0.0', '::2', ''].some(isLoopback)).toBe(false);
  });

  it('[P08] asks for TLS before it says who it is, wherever the address leaves the machine', async () => {
    const heard: Buffer[] = [];
    const listener = createServer((socket) => {
      socket.on('data', (bytes) => {
        heard.push(Buffer.from(bytes));
        // The server has no TLS.
        socket.write('N');
      });
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => listener.listen(0, '0.0.0.0', resolve));
    const address = listener.address();
    if (address === null || typeof address === 'string') throw new Error('No port.');
    const place = { host: '0.0.0.0', port: address.port, database: 'd', user: 'somebody', password: 'secret' };
    const endpoint = { engine: 'postgres', connection: 'c', consistency: 'settled', schema: 's', table: 't' } as const;
    await expect(openPostgres(endpoint, place)).rejects.toMatchObject({ code: 'endpoint-failed' });
    await new Promise((resolve) => listener.close(resolve));
    // SSLRequest (PostgreSQL's manual, section 54.7), and nothing after it.
    expect(Buffer.concat(heard).toString('hex')).toBe('0000000804d2162f');
  });
});
