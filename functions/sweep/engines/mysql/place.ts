import { type DatabasePlace, parseDatabaseUrl } from '../database-place.ts';

/** `mysql://user:password@host:port/schema`; of the modes of MySQL's own client, the one that verifies both the certificate and the name on it. */
export const parseMysqlUrl = (url: string): DatabasePlace =>
  parseDatabaseUrl(url, {
    schemes: ['mysql', 'mariadb'],
    defaultPort: 3306,
    engine: 'MySQL',
    holds: 'schema',
    verified: { parameter: 'ssl-mode', value: 'VERIFY_IDENTITY' },
  });
