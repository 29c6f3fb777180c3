import { type DatabasePlace, parseDatabaseUrl } from '../database-place.ts';

/** `postgres://user:password@host:port/database`; of libpq's modes, the one that verifies both the certificate and the name on it. */
export const parsePostgresUrl = (url: string): DatabasePlace =>
  parseDatabaseUrl(url, {
    schemes: ['postgres', 'postgresql'],
    defaultPort: 5432,
    engine: 'PostgreSQL',
    holds: 'database',
    verified: { parameter: 'sslmode', value: 'verify-full' },
  });
