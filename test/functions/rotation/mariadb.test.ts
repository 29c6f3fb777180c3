import { randomBytes } from 'node:crypto';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { databaseRotation } from '../../../functions/rotation/database/database.ts';
import { databases } from '../../../functions/rotation/database/engines.ts';
import { parseRotationRequest, rotate } from '../../../functions/rotation/protocol/rotation.ts';
import { parsePlace } from '../../../functions/sweep/protocol/connections.ts';
import { type MariaDb, mariaDbMissing, startMariaDb } from '../../support/engines/mariadb.ts';
import { MemoryRotatingSecret } from './memory-secret.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const USERS = ['sweep_a', 'sweep_b'] as const;
const MASTER = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:keeper';

if (mariaDbMissing !== undefined) console.warn(mariaDbMissing);
describe.skipIf(mariaDbMissing !== undefined)('rotating the password of a MariaDB', () => {
  let server: MariaDb;
  let secret: MemoryRotatingSecret;
  const rotation = databaseRotation({
    databases: databases(randomBytes),
    random: randomBytes,
    keeper: {
      arn: MASTER,
      read: async () =>
        JSON.stringify({
          ...{ engine: 'mariadb', host: '127.0.0.1', port: server.port, dbname: 'parapet' },
          ...{ username: 'keeper', password: 'keeps' },
        }),
    },
  });

  beforeAll(async () => {
    server = await startMariaDb();
    await server.owner.query(
      `CREATE USER keeper@'%' IDENTIFIED BY 'keeps'; GRANT CREATE USER ON *.* TO keeper@'%';
       CREATE USER sweep_a@'%' IDENTIFIED BY 'first'; CREATE USER sweep_b@'%' ACCOUNT LOCK;
       GRANT SELECT ON parapet.* TO sweep_a@'%'; GRANT SELECT ON parapet.* TO sweep_b@'%'`,
    );
    secret = new MemoryRotatingSecret(
      JSON.stringify({
        engine: 'mariadb',
        ...{ host: '127.0.0.1', port: server.port, dbname: 'parapet', username: 'sweep_a', password: 'first' },
        ...{ users: USERS, masterarn: MASTER },
      }),
    );
  }, 60_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  const session = (text: string) => {
    const { host, port, database, user, password } = parsePlace(text);
    return mysql.createConnection({ host, port, database, user, password });
  };

  it('[P02] alternates users: sessions and log-ins of the former go on until its own next turn', async () => {
    const texts = [secret.current];
    const running = await session(secret.current);
    for (const turn of [1, 2]) {
      const version = String(turn).padStart(32, '0');
      secret.begin(version);
      for (const Step of STEPS) {
        for (const _ of [1, 2]) {
          await rotate(parseRotationRequest({ Step, SecretId: 'arn', ClientRequestToken: version }), secret, rotation);
        }
      }
      texts.push(secret.current);
      await (await session(secret.current)).end();
      await (await session(texts.at(-2) ?? '')).end();
    }
    expect((await running.query('SELECT 1 AS one'))[0]).toEqual([{ one: 1 }]);
    await running.end();
    await expect(session(texts[0] ?? '')).rejects.toMatchObject({ code: 'ER_ACCESS_DENIED_ERROR' });
  });
});
