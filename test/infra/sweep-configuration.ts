/** What the tests sweep: a database and the deployment's own ledger, on a schedule. */
export const SWEPT = {
  contracts: { 'ledger-copy': { signers: ['a'.repeat(64)], minimumVersion: 1 } },
  connections: {
    'ledger-database': { engine: 'postgres', port: 5432, within: { cidr: '10.71.0.0/16' } },
    'ledger-table': { engine: 'dynamodb', table: 'ledger', own: 'ledger' },
  },
  sweeps: { 'ledger-copy': { schedule: 'cron(0 3 ? * SUN *)', connections: { source: 8, target: 8 } } },
} as const;

export const KEEPER = 'arn:aws:secretsmanager:us-east-1:000000000000:secret:keeper-AbCdEf';
/** The same, the users of the database taking turns. */
export const ROTATED = {
  ...SWEPT,
  connections: {
    ...SWEPT.connections,
    'ledger-database': {
      ...SWEPT.connections['ledger-database'],
      rotation: {
        keeperSecret: KEEPER,
        keeperKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      },
    },
  },
} as const;
