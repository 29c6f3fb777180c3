/** The database behind the service: dynalite, reached over a socket that only this user can open. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, type Server, request as send } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import dynalite from 'dynalite';

export interface EngineAnswer {
  readonly status: number;
  readonly body: string;
}

export interface Engine {
  /** Without any authorisation. When it resolves with 200, the write is in the operating system's hands. */
  call(operation: string, input: object): Promise<EngineAnswer>;
  /** Waits for what is under way. */
  close(): Promise<void>;
}

/** A socket's path has 108 bytes with its end on Linux, 104 on macOS (unix(7), unix(4)). */
const LONGEST_SOCKET_PATH = 100;

/** dynalite wants the form of a signature and checks nothing of it; the gateway has checked the real one. */
const FORM_OF_A_SIGNATURE = {
  authorization:
    'AWS4-HMAC-SHA256 Credential=local/20260101/local/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
  'x-amz-date': '20260101T000000Z',
};

/** Opens the tables in `<folder>/dynamodb`. */
export async function openEngine(folder: string): Promise<Engine> {
  const home = join(folder, 'dynamodb');
  // Nobody else may enter the folder: there is no moment at which the socket could be opened by another user.
  mkdirSync(home, { recursive: true, mode: 0o700 });
  chmodSync(home, 0o700);
  const server = dynalite({ path: join(home, 'tables'), createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  const { path, release } = socketPath(home);
  // A process that was killed leaves its socket behind.
  rmSync(path, { force: true });
  server.keepAliveTimeout = 0;
  await listen(server, path);
  chmodSync(path, 0o600);
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const underWay = new Set<Promise<EngineAnswer>>();

  return {
    call: (operation, input) => {
      const call = exchange(agent, path, operation, JSON.stringify(input));
      underWay.add(call);
      const done = (): void => {
        underWay.delete(call);
      };
      call.then(done, done);
      return call;
    },
    close: async () => {
      // dynalite throws out of an event when a request breaks off: none may.
      await Promise.allSettled(underWay);
      agent.destroy();
      await new Promise<void>((resolve, reject) => server.close((error) => (error ? reject(error) : resolve())));
      release();
    },
  };
}

function socketPath(home: string): { readonly path: string; release(): void } {
  const path = join(home, 'socket');
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return { path, release: () => rmSync(path, { force: true }) };
  const elsewhere = mkdtempSync(join(tmpdir(), 'parapet-'));
  return { path: join(elsewhere, 'socket'), release: () => rmSync(elsewhere, { recursive: true, force: true }) };
}

const listen = (server: Server, path: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });

function exchange(agent: Agent, socketPath: string, operation: string, body: string): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const outgoing = send({
      agent,
      socketPath,
      method: 'POST',
      path: '/',
      headers: {
        ...FORM_OF_A_SIGNATURE,
        host: 'local',
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `DynamoDB_20120810.${operation}`,
        'content-length': Buffer.byteLength(body),
      },
    });
    outgoing.once('error', reject);
    outgoing.once('response', (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 500, body: answer }), reject);
    });
    outgoing.end(body);
  });
}
