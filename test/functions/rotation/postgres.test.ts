import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { desiredState } from '../../../cli/roles/desired.ts';
import { KEEPER, logInsOf } from '../../../cli/roles/names.ts';
import { rolesScript } from '../../../cli/roles/script.ts';
import { databaseRotation } from '../../../functions/rotation/database/database.ts';
import { type Databases, databases } from '../../../functions/rotation/database/engines.ts';
import { readKeepers } from '../../../functions/rotation/database/keepers.ts';
import { parseDatabaseSecret } from '../../../functions/rotation/database/secret.ts';
import { PENDING, parseRotationRequest, rotate } from '../../../functions/rotation/protocol/rotation.ts';
import { parsePlace } from '../../../functions/sweep/protocol/connections.ts';
import { type PostgresServer, startPostgres } from '../../support/engines/postgres-server.ts';
import { MemoryRotatingSecret } from './memory-secret.ts';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;
const [A, B] = logInsOf('sweep');
const KEEPERS = { username: KEEPER, password: 'the keepers' };
const MASTER = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:keeper-abcdef';

let server: PostgresServer;
let secret: MemoryRotatingSecret;
let turn = 0;
/** His secret says itself where he logs in. */
const keeperWith = (over: object) => ({
  arn: MASTER,
  read: async () => {
    const { host, port, database } = server.place;
    return JSON.stringify({ engine: 'postgres', host, port, dbname: database, ...KEEPERS, ...over });
  },
});
const rotationOver = (over: Partial<Databases> = {}) =>
  databaseRotation({
    databases: { ...databases(randomBytes), ...over },
    random: randomBytes,
    keeper: keeperWith({}),
  });
const rotation = rotationOver();
const token = (): string => String(turn).padStart(32, '0');
const step = (name: (typeof STEPS)[number], by = rotation) =>
  rotate(parseRotationRequest({ Step: name, SecretId: 'arn', ClientRequestToken: token() }), secret, by);

async function begin(): Promise<void> {
  turn += 1;
  secret.begin(token());
}
async function wholeTurn(): Promise<void> {
  await begin();
  for (const name of STEPS) await step(name);
}

/** A session as a sweep opens it, from the secret's own text. */
async function session(text = secret.current): Promise<pg.Client> {
  const { host, port, database, user, password } = parsePlace(text);
  const client = new pg.Client({ host, port, database, user, password });
  client.on('error', () => {});
  await client.connect();
  return client;
}
const who = async (client: pg.Client): Promise<unknown> =>
  (await client.query('SELECT current_user AS who')).rows[0].who;

beforeAll(async () => {
  server = await startPostgres();
  const admin = await server.connect();
  await admin.query(rolesScript(desiredState({ database: server.place.database, tables: [] })));
  await admin.query(`ALTER ROLE ${KEEPER} PASSWORD '${KEEPERS.password}'`);
  await admin.query(`ALTER ROLE ${A} LOGIN PASSWORD 'first'`);
  const { host, port, database } = server.place;
  secret = new MemoryRotatingSecret(
    JSON.stringify({
      engine: 'postgres',
      ...{ host, port, dbname: database, username: A, password: 'first', users: [A, B], masterarn: MASTER },
      comment: 'somebody’s own',
    }),
  );
});
afterAll(() => server[Symbol.asyncDispose]());

describe('rotating the password of a PostgreSQL', () => {
  it('[P02] gives the other user a new password while the first is in use, whose sessions and log-in go on', async () => {
    const before = secret.current;
    const running = await session();
    await wholeTurn();
    const next = await session();
    const late = await session(before);
    expect([await who(running), await who(next), await who(late)]).toEqual([A, B, A]);
    expect(parseDatabaseSecret(secret.current)).toMatchObject({ comment: 'somebody’s own', masterarn: MASTER });
    for (const client of [running, next, late]) await client.end();
  });

  it('[P02] takes the former password away at the next turn but one, and no earlier', async () => {
    const [first, second] = [secret.values.get('first') ?? '', secret.current];
    await (await session(first)).end();
    await wholeTurn();
    await expect(session(first)).rejects.toMatchObject({ code: '28P01' });
    await (await session(second)).end();
    expect(parseDatabaseSecret(secret.current).username).toBe(A);
  });

  it('[P02] is the same after every step that comes twice, or after a death behind it', async () => {
    for (const again of STEPS) {
      await begin();
      for (const name of STEPS) {
        await step(name);
        if (name === again) await step(name);
      }
      await (await session()).end();
    }
  });

  it('[P02] leaves the current version alone when the new one is not let in', async () => {
    const { current } = secret;
    await begin();
    await step('createSecret');
    // Set, it says, and is not: the test must find out.
    await step('setSecret', rotationOver({ setPassword: async () => undefined }));
    await expect(step('testSecret')).rejects.toMatchObject({ code: 'access-denied' });
    expect(secret.current).toBe(current);
    await (await session()).end();
    await step('setSecret');
    await step('testSecret');
    await step('finishSecret');
    await (await session()).end();
  });

  it('[P02] [P01] sends a verifier and no password, and says nothing of either where it fails', async () => {
    const admin = await server.connect();
    const { rows } = await admin.query('SELECT rolpassword FROM pg_authid WHERE rolname = $1', [B]);
    expect(rows[0].rolpassword).toMatch(/^SCRAM-SHA-256\$4096:/);
    await begin();
    await step('createSecret');
    const pending = parseDatabaseSecret(secret.values.get(token()) ?? '');
    const wrong = databaseRotation({
      databases: databases(randomBytes),
      random: randomBytes,
      keeper: keeperWith({ password: 'not-the-password' }),
    });
    const failure = await step('setSecret', wrong).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'access-denied' });
    for (const told of [String(failure), JSON.stringify(failure)]) {
      expect(told).not.toContain('not-the-password');
      expect(told).not.toContain(pending.password);
    }
  });

  it('[P02] [S03] takes the keeper nowhere that the rotated secret names: not to its host, port or authority', async () => {
    let connections = 0;
    const listener = createServer((socket) => {
      connections += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
    const address = listener.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const own = new MemoryRotatingSecret(
      JSON.stringify({ ...JSON.parse(secret.current), host: '127.0.0.1', port, ca: 'its own' }),
    );
    turn += 1;
    own.begin(token());
    try {
      const at = (Step: (typeof STEPS)[number]) =>
        rotate(parseRotationRequest({ Step, SecretId: 'arn', ClientRequestToken: token() }), own, rotation);
      await at('createSecret');
      expect(await at('setSecret')).toBe('set');
      expect(connections).toBe(0);
      // The new user alone is tried there, as a sweep would be let in.
      await expect(at('testSecret')).rejects.toThrow();
    } finally {
      await new Promise((resolve) => listener.close(resolve));
    }
  });

  it('[P02] [S03] goes to the keeper that is configured for the connection, and refuses a secret that names another', async () => {
    const other = MASTER.replace('keeper-', 'other-');
    const own = new MemoryRotatingSecret(JSON.stringify({ ...JSON.parse(secret.current), masterarn: other }));
    turn += 1;
    own.begin(token());
    const refusal = { code: 'configuration-invalid', message: expect.stringContaining('masterarn') };
    const create = parseRotationRequest({ Step: 'createSecret', SecretId: 'arn', ClientRequestToken: token() });
    await expect(rotate(create, own, rotation)).rejects.toMatchObject(refusal);
    await expect(rotation.set(own.current, own.current)).rejects.toMatchObject(refusal);
    await expect(rotation.test(own.current, own.current)).rejects.toMatchObject(refusal);
    const [first, second] = ['arn:connection-1', 'arn:connection-2'];
    expect(readKeepers(`${first} ${MASTER},${second} ${other}`).get(second)).toBe(other);
    for (const wrong of ['', first, `${first},${second}`, `${first} ${MASTER} ${other}`]) {
      expect(() => readKeepers(wrong), wrong).toThrow(/keeper/);
    }
  });

  it.each(['no value', 'a copy of the current one'])(
    '[P02] stands the trial of a schedule: the current user is tried where the pending version has %s',
    async (kind) => {
      await begin();
      if (kind !== 'no value') secret.values.set(token(), secret.current);
      expect(await step('testSecret')).toBe('tested');
      expect(secret.stages.get(PENDING)).toBe(token());
      await expect(step('testSecret', rotationOver({ logIn: () => Promise.reject(new Error('out')) }))).rejects.toThrow(
        'out',
      );
      secret.stages.delete(PENDING);
    },
  );

  it('[P02] refuses a secret whose users could break out of a statement, or that is no user’s of the two', () => {
    const good = JSON.parse(secret.current);
    for (const change of [
      { users: [A, 'b"; DROP'] },
      { users: [A, A] },
      { username: 'postgres' },
      { users: [A] },
      { masterarn: 'x' },
    ]) {
      expect(() => parseDatabaseSecret(JSON.stringify({ ...good, ...change }))).toThrow(/secret/);
    }
  });
});
