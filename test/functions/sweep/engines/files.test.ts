import { engineCases } from '../../../conformance/engine.cases.ts';
import { fileHarness } from '../../../support/engines/files.ts';

engineCases('CSV files', () => fileHarness('csv'));
engineCases('NDJSON files', () => fileHarness('ndjson', 3));
engineCases('JSON files', () => fileHarness('json', 2));
engineCases('Parquet files', () => fileHarness('parquet'));
