/** What a stack's own templates hold that these do not, and the other way round. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import { member } from '../templates/reading.ts';
import { type Asked, ask } from './asked.ts';
import type { Deployed } from './deployed.ts';

export interface Difference {
  readonly stack: string;
  readonly logicalId: string;
  readonly kind: 'missing' | 'additional' | 'changed';
}

/** Empty of an embedded cloud, which runs the templates as they are here. */
export async function templateDifferences(deployed: Deployed): Promise<Asked<readonly Difference[]>> {
  if (deployed.embedded) return { answered: true, value: [] };
  return ask(async () => {
    const found: Difference[] = [];
    for (const { name, file } of templatesOf(deployed.synthesized.folder)) {
      const { TemplateBody = '{}' } = await deployed.clients.cloudformation.send(
        new GetTemplateCommand({ StackName: name, TemplateStage: 'Original' }),
      );
      found.push(...compare(name, resourcesIn(TemplateBody), resourcesIn(readFileSync(file, 'utf8'))));
    }
    return found;
  });
}

function templatesOf(folder: string): { readonly name: string; readonly file: string }[] {
  const manifest: unknown = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  return Object.values(Object(member(manifest, 'artifacts'))).flatMap((artifact) => {
    if (member(artifact, 'type') !== 'aws:cloudformation:stack') return [];
    return [
      {
        name: String(member(artifact, 'properties', 'stackName')),
        file: join(folder, String(member(artifact, 'properties', 'templateFile'))),
      },
    ];
  });
}

const resourcesIn = (template: string): Readonly<Record<string, unknown>> =>
  Object(member(JSON.parse(template), 'Resources'));

/** Metadata says why, and where in the code; what is deployed is the rest. */
export function compare(
  stack: string,
  there: Readonly<Record<string, unknown>>,
  here: Readonly<Record<string, unknown>>,
): Difference[] {
  const plain = (resource: unknown): unknown => ({ ...Object(resource), Metadata: undefined });
  const ids = [...new Set([...Object.keys(there), ...Object.keys(here)])].sort();
  return ids.flatMap((logicalId): Difference[] => {
    if (!Object.hasOwn(there, logicalId)) return [{ stack, logicalId, kind: 'missing' }];
    if (!Object.hasOwn(here, logicalId)) return [{ stack, logicalId, kind: 'additional' }];
    return isDeepStrictEqual(plain(there[logicalId]), plain(here[logicalId]))
      ? []
      : [{ stack, logicalId, kind: 'changed' }];
  });
}
