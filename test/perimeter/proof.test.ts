import { describe, expect, it } from 'vitest';
import { prove } from '../../cli/perimeter/proof.ts';
import { readWorld } from '../../cli/perimeter/world.ts';
import type { Deployment } from '../../local/service.ts';
import { alter, CONFIGURATIONS, deploy } from './deployments.ts';
import { holds } from './holds.ts';

const { production, ...others } = CONFIGURATIONS;
if (production === undefined) throw new Error('no configuration');

// Production as such holds less than production with everything: its mutants are tried in production.full.test.ts.
for (const [name, config] of Object.entries(others)) holds(name, config);

describe('a hole', () => {
  const deployment = deploy(production);

  it('[B22] [S03] is named, in the policy of a key as in the trust of a role', () => {
    const wrongReader = alter(deployment, 'VaultKey', (properties) => ({
      ...properties,
      KeyPolicy: JSON.parse(
        JSON.stringify(properties.KeyPolicy).replaceAll('role/parapet-test-egress', 'role/somebody'),
      ),
    }));
    const open = alter(wrongReader, 'StewardRole', (properties) => ({
      ...properties,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
      },
    }));
    expect(prove(open).surprises.filter(({ view }) => view === 'deployed')).toEqual(
      expect.arrayContaining([
        { what: 'egress: kms:Decrypt on key/vault as vault:ingestion', view: 'deployed', actual: 'refused' },
        { what: 'foreigner: sts:AssumeRole on trust/steward', view: 'deployed', actual: 'allowed' },
        {
          what: 'administrator: sts:AssumeRole on trust/steward, without a second factor',
          view: 'deployed',
          actual: 'allowed',
        },
      ]),
    );
  });

  it('is a policy in a place where nobody looks', () => {
    const statement = { Effect: 'Allow', Action: 's3:*' };
    const hidden = alter(deployment, 'Trail', (properties) => ({
      ...properties,
      Somewhere: { Statement: [statement] },
    }));
    expect(() => readWorld(hidden, NOTHING)).toThrow(/Trail.*a policy that the perimeter does not read/);
  });

  it('is a role, a bucket, a key or an action that the tables do not name', () => {
    const renamed = deployment.resources.map((resource) =>
      ['SealRole', 'VaultBucket', 'VaultKey'].includes(resource.logicalId)
        ? { ...resource, logicalId: `Other${resource.logicalId}` }
        : resource,
    );
    const ofType: Deployment['ofType'] = (type) => renamed.filter((resource) => resource.type === type);
    const acting = alter({ ...deployment, resources: renamed, ofType }, 'EgressRole', (properties) => ({
      ...properties,
      Policies: JSON.parse(JSON.stringify(properties.Policies).replaceAll('s3:PutObject', 's3:PutAnything')),
    }));
    expect(readWorld(acting, NOTHING).unlisted).toEqual([
      'role OtherSealRole',
      'bucket other-vault',
      'key other-vault',
      'action s3:PutAnything',
      'action s3:PutAnythingRetention',
      'action s3:PutAnythingTagging',
    ]);
  });
});

const NOTHING = { uploaders: [], partnerExportBuckets: [], connections: {} };
