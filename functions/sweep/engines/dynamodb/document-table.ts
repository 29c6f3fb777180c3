/** An attribute as DynamoDB has it: one of the members is there. Numbers are text, and keep all of their digits. */
export interface Attribute {
  readonly S?: string | undefined;
  readonly N?: string | undefined;
  readonly B?: Uint8Array | undefined;
  readonly BOOL?: boolean | undefined;
  readonly NULL?: boolean | undefined;
  readonly L?: readonly Attribute[] | undefined;
  readonly M?: Readonly<Record<string, Attribute>> | undefined;
  readonly SS?: readonly string[] | undefined;
  readonly NS?: readonly string[] | undefined;
  readonly BS?: readonly Uint8Array[] | undefined;
}

export type Document = Readonly<Record<string, Attribute>>;

export interface KeyAttribute {
  readonly name: string;
  readonly type: 'S' | 'N' | 'B';
}

export interface TableDescription {
  /** The table's ARN and the id that no other table ever has, not even one of the same name made later. */
  readonly identity: string;
  /** The partition key, and the sort key where there is one. */
  readonly key: readonly KeyAttribute[];
  /** As DynamoDB counted it some hours ago. */
  readonly estimatedItems: number;
}

export interface PageRequest {
  readonly segment: number;
  readonly segments: number;
  /** Where the page before ended. */
  readonly after: Document | undefined;
  /** Names of the attributes that are wanted; none: all. */
  readonly attributes: readonly string[];
  readonly limit?: number;
}

export interface Page {
  readonly documents: readonly Document[];
  /** Undefined when this was the segment's last page; a page before it may be empty. */
  readonly after: Document | undefined;
}

/** A table of documents that can be read, and not written. Every read is strongly consistent; a page is not of one moment. */
export interface DocumentTable {
  describe(): Promise<TableDescription>;
  page(request: PageRequest): Promise<Page>;
  /** The documents that there are of these keys, in any order. No key may stand twice. */
  get(keys: readonly Document[], attributes: readonly string[]): Promise<readonly Document[]>;
}
