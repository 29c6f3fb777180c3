/** What is the case in some deployments. `retained`: every version of an object is kept for good, as in production. */
export type Fact = 'retained' | 'ledger swept' | 'ledger not swept';

/** One line of the tables: who may do what on which targets, and why. Whatever no line allows is expected to be refused. */
export interface Permission {
  /** Ids of parties, or groups of them (parties.ts). */
  readonly who: string | readonly string[];
  readonly may: string | readonly string[];
  /** Ids of targets; `*` stands for any characters. */
  readonly on: string | readonly string[];
  readonly because: string;
  /** Granted by the policy of the resource, not by one of the caller's role. */
  readonly byResource?: true;
  /** The line stands where this is the case. */
  readonly where?: Fact;
  /** Speaks of what not every deployment has. */
  readonly optional?: true;
}

export const list = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : value;

/** With a bucket key the context of S3's call is the bucket, without one the object. */
export const throughS3 = (key: string, bucket: string): string[] => [
  `key/${key} via s3:${bucket}`,
  `key/${key} via s3-object:${bucket}`,
];
export const throughDynamoDb = (...tables: string[]): string[] =>
  tables.map((table) => `key/tables via dynamodb:${table}`);
