/** Opens the sides of a sweep as a deployment has configured them: databases by a secret, tables and buckets by the function's own role. */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { EngineName } from '../../shared/equivalence/schema.ts';
import type { SecretSource } from '../../shared/ports.ts';
import { Problem } from '../../shared/problem.ts';
import { openDynamoDb } from '../sweep/engines/dynamodb/engine.ts';
import type { Engine } from '../sweep/engines/engine.ts';
import type { ByteSource } from '../sweep/engines/files/byte-source.ts';
import { openFiles } from '../sweep/engines/files/engine.ts';
import { openMysql } from '../sweep/engines/mysql/engine.ts';
import { openPostgres } from '../sweep/engines/postgres/engine.ts';
import { type Connection, parseConnections, parsePlace } from '../sweep/protocol/connections.ts';
import type { OpenEndpoint } from '../sweep/protocol/ports.ts';
import { DynamoDbDocumentTable } from './document-table.ts';

export interface EndpointClients {
  readonly dynamodb: DynamoDBClient;
  readonly bytes: (bucket: string, prefix: string) => ByteSource;
  readonly secret: (arn: string) => SecretSource;
}

export function deployedEndpoints(connections: string, clients: EndpointClients): OpenEndpoint {
  const known = parseConnections(connections);
  return async (_side, endpoint, options = {}) => {
    const connection = known[endpoint.connection];
    switch (endpoint.engine) {
      case 'postgres': {
        const { secret } = demand(connection, endpoint.engine);
        return withoutSnapshot(await openPostgres(endpoint, parsePlace(await clients.secret(secret).read()), options));
      }
      case 'mysql': {
        const { secret } = demand(connection, endpoint.engine);
        return withoutSnapshot(await openMysql(endpoint, parsePlace(await clients.secret(secret).read())));
      }
      case 'dynamodb': {
        const { named, table } = demand(connection, endpoint.engine);
        if (named !== endpoint.table) throw other('table');
        return openDynamoDb(new DynamoDbDocumentTable(clients.dynamodb, table));
      }
      case 'files': {
        const { bucket } = demand(connection, endpoint.engine);
        const { location } = endpoint;
        // A function has no disk of anybody's.
        if (!('bucket' in location) || location.bucket !== bucket) throw other('bucket');
        return openFiles(endpoint, clients.bytes(bucket, location.prefix), options);
      }
    }
  };
}

type Of<Name extends EngineName> = Connection & { readonly engine: Name };

function demand<Name extends EngineName>(connection: Connection | undefined, engine: Name): Of<Name> {
  if (connection === undefined) {
    throw new Problem('configuration-invalid', { detail: 'No connection of the name in the contract is configured.' });
  }
  if (connection.engine !== engine) throw other('engine');
  return connection as Of<Name>;
}

const other = (what: string): Problem =>
  new Problem('configuration-invalid', { detail: `The connection is of another ${what} than the contract.` });

/**
 * A database keeps the state of a snapshot while the session that began it lives, and no function lives as long as the sweep: what it
 * would call frozen is not.
 */
function withoutSnapshot(engine: Engine): Engine {
  return {
    identity: () => engine.identity(),
    schema: () => engine.schema(),
    snapshot: async () => ({ ...(await engine.snapshot()), consistency: 'settled', share: undefined }),
    read: (relation, masks) => engine.read(relation, masks),
    close: () => engine.close(),
  };
}
