/** A contract that is right in every part: tests change one thing. */
export function example(): Record<string, unknown> {
  const column = (name: string, type: object, source: string, target: string, more: object = {}): object => ({
    name,
    type,
    class: 'internal',
    mask: 'none',
    nullable: true,
    source: { name, type: source },
    target: { name, type: target },
    ...more,
  });
  return {
    kind: 'equivalence',
    dataset: 'grants',
    version: 1,
    title: 'Grants, in the ledger and in the copy',
    source: {
      engine: 'postgres',
      connection: 'ledger',
      consistency: 'frozen',
      schema: 'public',
      table: 'grants',
    },
    target: {
      engine: 'dynamodb',
      connection: 'copy',
      consistency: 'settled',
      table: 'grants',
      filters: [{ name: 'entity', type: { kind: 'text' }, where: { op: '=', value: 'GRANT' } }],
    },
    key: ['tenant', 'id'],
    columns: [
      column('amount', { kind: 'decimal', scale: 2 }, 'numeric(12,2)', 'N', { tolerance: '0.01' }),
      column('id', { kind: 'integer' }, 'bigint', 'N', { nullable: false }),
      column('tenant', { kind: 'text' }, 'text', 'S', { nullable: false }),
      column('email', { kind: 'text' }, 'text', 'S', { class: 'pii', mask: 'token', absent: 'null' }),
      column('note', { kind: 'text' }, 'text', 'S', { class: 'pii', mask: 'omit' }),
      column('changed', { kind: 'instant', precision: 3 }, 'timestamp with time zone', 'S'),
      column('active', { kind: 'boolean' }, 'boolean', 'BOOL'),
    ],
    filters: [{ column: 'changed', where: { op: '>=', value: '2024-01-01T00:00:00Z' } }],
    breaker: { drift: { share: 0.05 }, errors: 3, skew: 10, rate: 0.2 },
    settle: { delaySeconds: 5, attempts: 3 },
    freshHours: 24,
  };
}
