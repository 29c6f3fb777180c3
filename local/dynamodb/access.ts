/** What a call to DynamoDB asks IAM, and KMS of the caller (Service Authorization Reference, "Amazon DynamoDB"). */
import type { Authorizer, Caller, KeyRing } from '../service.ts';
import type { AttributeValue, Item } from './parameters.ts';
import type { Table } from './tables.ts';

export interface TableAccess {
  readonly caller: Caller;
  /** `GetItem` */
  readonly action: string;
  readonly tableName: string;
  readonly indexName?: string | undefined;
  readonly context?: Readonly<Record<string, string | readonly string[] | undefined>>;
}

export interface Access {
  /** Throws AccessDenied unless the caller may do this on the table, and may use the key of the table for it. */
  require(access: TableAccess): void;
}

export function createAccess(
  tables: ReadonlyMap<string, Table>,
  {
    authorizer,
    keyRing,
    accountId,
    region,
    openTableKey,
  }: {
    readonly authorizer: Authorizer;
    readonly keyRing: KeyRing;
    readonly accountId: string;
    readonly region: string;
    /** Throws when the key of the table cannot be used any more. */
    openTableKey(table: Table): void;
  },
): Access {
  return {
    require: ({ caller, action, tableName, indexName, context = {} }) => {
      const table = tables.get(tableName);
      const arn = table?.arn ?? `arn:aws:dynamodb:${region}:${accountId}:table/${tableName}`;
      const known = Object.entries(context).filter(
        (entry): entry is [string, string | readonly string[]] => entry[1] !== undefined,
      );
      authorizer.require(caller, {
        action: `dynamodb:${action}`,
        resource: indexName === undefined ? arn : `${arn}/index/${indexName}`,
        context: Object.fromEntries(known),
        resourceAccount: accountId,
        ...(table?.resourcePolicy === undefined ? {} : { resourcePolicy: table.resourcePolicy }),
      });
      // "DynamoDB calls Decrypt to open the table key in the caller's name" (DynamoDB Developer Guide, "Encryption at rest:
      // how it works").
      if (table?.keyId !== undefined && action !== 'DescribeTable') {
        keyRing.authorizeVia(caller, 'dynamodb', 'kms:Decrypt', table.keyId, encryptionContext(table, accountId));
        openTableKey(table);
      }
    },
  };
}

/** DynamoDB Developer Guide, "DynamoDB encryption context". */
export const encryptionContext = (table: Table, accountId: string): Readonly<Record<string, string>> => ({
  'aws:dynamodb:tableName': table.name,
  'aws:dynamodb:subscriberId': accountId,
});

/** The text of a key's value, as `dynamodb:LeadingKeys` has it: keys are texts, numbers or bytes in base64. */
export function keyText(value: AttributeValue | undefined): string | undefined {
  const [text] = Object.values(value ?? {});
  return typeof text === 'string' ? text : undefined;
}

/** The partition keys that items have. */
export const leadingKeys = (table: Table | undefined, items: readonly Item[]): readonly string[] =>
  table === undefined
    ? []
    : items.map((item) => keyText(item[table.partitionKey])).filter((text) => text !== undefined);
