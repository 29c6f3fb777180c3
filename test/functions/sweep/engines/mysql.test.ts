import { describe, it } from 'vitest';
import { engineCases } from '../../../conformance/engine.cases.ts';
import { mariaDbMissing } from '../../../support/engines/mariadb.ts';
import { mysqlHarness } from '../../../support/engines/mysql.ts';

if (mariaDbMissing === undefined) engineCases('MySQL, by MariaDB', mysqlHarness);
else describe('MySQL, by MariaDB', () => it.skip(String(mariaDbMissing), () => {}));
