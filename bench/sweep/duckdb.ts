/**
 * DuckDB in a process of its own, for the benchmark of files: makes them, or compares them by EXCEPT in both directions.
 *
 *   node bench/sweep/duckdb.ts make|except <folder> <rows>
 */
import { cpus } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';

const [what, folder, count] = process.argv.slice(2);
if (folder === undefined) throw new Error('duckdb.ts make|except <folder> <rows>');
const csv = join(folder, 'source.csv');
const parquet = join(folder, 'target.parquet');

const instance = await DuckDBInstance.create(':memory:', { threads: String(cpus().length) });
const connection = await instance.connect();

const numberOf = async (sql: string): Promise<number> =>
  Number((await connection.runAndReadAll(sql)).getRows()[0]?.[0] ?? Number.NaN);

if (what === 'make') {
  await connection.run(`CREATE TABLE rows AS SELECT i * 7 AS id, (i % 100000)::INTEGER AS branch,
      'customer-' || printf('%08x', i) AS customer, 'Strasse der Republik ' || i % 1000 AS street,
      ((i % 99999999) / 100)::DECIMAL(12, 2) AS amount, i % 2 = 0 AS open, i * 1.1::DOUBLE AS rate, uuid()::VARCHAR AS reference
    FROM range(1, ${Number(count)} + 1) r(i)`);
  await connection.run(`COPY rows TO '${csv}' (HEADER, DELIMITER ',')`);
  // One row in ten thousand is another.
  await connection.run(`UPDATE rows SET branch = branch + 1 WHERE id % 70000 = 0`);
  await connection.run(`COPY rows TO '${parquet}' (FORMAT parquet)`);
} else {
  const columns =
    "{'id': 'BIGINT', 'branch': 'INTEGER', 'customer': 'VARCHAR', 'street': 'VARCHAR', 'amount': 'DECIMAL(12,2)', 'open': 'BOOLEAN', 'rate': 'DOUBLE', 'reference': 'VARCHAR'}";
  const source = `SELECT * FROM read_csv('${csv}', header = true, columns = ${columns})`;
  const target = `SELECT * FROM read_parquet('${parquet}')`;
  const missing = await numberOf(`SELECT count(*) FROM (${source} EXCEPT ALL ${target})`);
  const extra = await numberOf(`SELECT count(*) FROM (${target} EXCEPT ALL ${source})`);
  console.log(JSON.stringify({ missing, extra }));
}
connection.closeSync();
instance.closeSync();
