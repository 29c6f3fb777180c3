/** What the tests sweep: a database and the deployment's own ledger, on a schedule. */
export const SWEPT = {
  contracts: { 'ledger-copy': { signers: ['a'.repeat(64)], minimumVersion: 1 } },
  connections: {
    'ledger-database': { engine: 'postgres', port: 5432, within: { cidr: '10.71.0.0/16' } },
    'ledger-table': { engine: 'dynamodb', table: 'ledger', own: 'ledger' },
  },
  sweeps: { 'ledger-copy': { schedule: 'cron(0 3 ? * SUN *)', connections: { source: 8, target: 8 } } },
} as const;
