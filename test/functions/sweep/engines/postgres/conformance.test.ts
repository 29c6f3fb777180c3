import { engineCases } from '../../../../conformance/engine.cases.ts';
import { postgresHarness } from '../../../../support/engines/postgres.ts';

// By blocks, from one snapshot; and by ranges of keys, each from its own.
engineCases('PostgreSQL, frozen', () => postgresHarness('frozen'));
engineCases('PostgreSQL, settled', () => postgresHarness('settled'));
