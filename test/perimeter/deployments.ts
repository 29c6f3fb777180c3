/** Deployments to prove the perimeter of: synthesized once per configuration, with the smallest handler in every stage's place. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { synthesize } from '../../infra/app.ts';
import type { DeploymentConfiguration } from '../../infra/config.ts';
import type { Deployment } from '../../local/service.ts';
import { readDeployment } from '../../local/template/deployment.ts';
import { ROTATED } from '../infra/sweep-configuration.ts';
import { configuration, fixtureEntries } from '../infra/templates.ts';

const sideKey = (id: string): string => `arn:aws:kms:us-east-1:000000000000:key/${id}-12ab-34cd-56ef-1234567890ab`;
/** A side of each kind besides the database whose users take turns and the deployment's own ledger. */
const SIDES = {
  replica: { engine: 'mysql', port: 3306, within: { securityGroup: 'sg-0123456789abcdef0' } },
  orders: { engine: 'dynamodb', table: 'orders', keyArn: sideKey('aaaaaaaa') },
  archive: { engine: 'files', bucket: 'archive', keyArn: sideKey('bbbbbbbb') },
};

/** Both profiles, and one with everything that a configuration may add. */
export const CONFIGURATIONS: Readonly<Record<string, DeploymentConfiguration>> = {
  sandbox: configuration('sandbox'),
  production: configuration('production'),
  'production with partners, uploaders, findings, a sweep and rotation': configuration('production', {
    ...ROTATED,
    connections: { ...ROTATED.connections, ...SIDES },
    detection: { findings: true },
    uploaders: ['arn:aws:iam::000000000000:role/portal'],
    partnerExportBuckets: [
      {
        name: 'partner-drop',
        account: '210987654321',
        keyArn: 'arn:aws:kms:us-east-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      },
    ],
  }),
};

export function deploy(config: DeploymentConfiguration): Deployment {
  const outdir = mkdtempSync(join(tmpdir(), 'parapet-perimeter-'));
  try {
    synthesize({ config, outdir, entries: fixtureEntries });
    return readDeployment(outdir);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** The deployment with one resource changed, as a careless hand would. */
export function alter(
  deployment: Deployment,
  logicalId: string,
  change: (properties: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>,
): Deployment {
  const resources = deployment.resources.map((resource) =>
    resource.logicalId === logicalId ? { ...resource, properties: change(resource.properties) } : resource,
  );
  const ofType: Deployment['ofType'] = (type) => resources.filter((resource) => resource.type === type);
  return { ...deployment, resources, ofType };
}
