/** Reads a cloud assembly as CDK writes it: manifest.json, a template, metadata and an asset manifest for each stack. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import { Problem } from '../../shared/problem.ts';

const Artifact = z.looseObject({
  type: z.string(),
  environment: z.string().optional(),
  properties: z.looseObject({ templateFile: z.string().optional(), stackName: z.string().optional() }).optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
  additionalMetadataFile: z.string().optional(),
});
const Manifest = z.looseObject({ artifacts: z.record(z.string(), Artifact) });
const Entries = z.record(z.string(), z.array(z.looseObject({ type: z.string(), data: z.unknown() })));
const Assets = z.looseObject({
  files: z
    .record(
      z.string(),
      z.looseObject({
        source: z.looseObject({ path: z.string().optional() }),
        destinations: z.record(z.string(), z.looseObject({ objectKey: z.string() })),
      }),
    )
    .default({}),
});

const Resource = z.looseObject({
  Type: z.string(),
  Condition: z.string().optional(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Metadata: z.record(z.string(), z.unknown()).default({}),
});
export type TemplateResource = z.infer<typeof Resource>;

const Template = z.looseObject({
  Resources: z.record(z.string(), Resource).default({}),
  Parameters: z.record(z.string(), z.looseObject({ Type: z.string(), Default: z.unknown().optional() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Outputs: z
    .record(
      z.string(),
      z.looseObject({
        Value: z.unknown(),
        Condition: z.string().optional(),
        Export: z.looseObject({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
});
export type Template = z.infer<typeof Template>;

export interface AssemblyStack {
  readonly name: string;
  /** As the assembly names it; `undefined` where the stack fits every account or region. */
  readonly accountId: string | undefined;
  readonly region: string | undefined;
  readonly template: Template;
  /** Logical id → construct path, `Foundation/Landing/Resource`. */
  readonly paths: ReadonlyMap<string, string>;
  /** Object key in the bootstrap bucket → absolute path of the file or folder that would be uploaded. */
  readonly assets: ReadonlyMap<string, string>;
}

/** @throws Problem `configuration-invalid` when the folder holds no assembly, or one of a form that CDK does not write. */
export function readAssembly(folder: string): readonly AssemblyStack[] {
  const { artifacts } = parse(Manifest, folder, 'manifest.json');
  const nested = Object.entries(artifacts).find(([, artifact]) => artifact.type === 'cdk:cloud-assembly');
  if (nested) throw new Problem('configuration-invalid', { detail: `Nested assemblies are not read: ${nested[0]}.` });
  const assets = new Map(
    Object.values(artifacts)
      .filter(({ type }) => type === 'cdk:asset-manifest')
      .flatMap(({ properties }) => readAssets(folder, z.string().parse(properties?.file))),
  );
  return Object.entries(artifacts)
    .filter(([, { type }]) => type === 'aws:cloudformation:stack')
    .map(([id, artifact]) => {
      const [, accountId, region] = /^aws:\/\/([^/]+)\/(.+)$/.exec(artifact.environment ?? '') ?? [];
      const file = artifact.properties?.templateFile;
      if (file === undefined) throw new Problem('configuration-invalid', { detail: `${id} names no template file.` });
      return {
        name: artifact.properties?.stackName ?? id,
        accountId: accountId === 'unknown-account' ? undefined : accountId,
        region: region === 'unknown-region' ? undefined : region,
        template: parse(Template, folder, file),
        paths: constructPaths(folder, artifact),
        assets,
      };
    });
}

function readAssets(folder: string, file: string): readonly (readonly [string, string])[] {
  return Object.values(parse(Assets, folder, file).files).flatMap(({ source, destinations }) => {
    const { path } = source;
    if (path === undefined) return [];
    return Object.values(destinations).map(({ objectKey }) => [objectKey, resolve(folder, path)] as const);
  });
}

function constructPaths(folder: string, artifact: z.infer<typeof Artifact>): ReadonlyMap<string, string> {
  const paths = new Map<string, string>();
  const add = (entries: z.infer<typeof Entries>): void => {
    for (const [path, list] of Object.entries(entries)) {
      for (const { type, data } of list) {
        if (type === 'aws:cdk:logicalId' && typeof data === 'string') paths.set(data, path.replace(/^\//, ''));
      }
    }
  };
  if (artifact.metadata) add(Entries.parse(artifact.metadata));
  if (artifact.additionalMetadataFile !== undefined) add(parse(Entries, folder, artifact.additionalMetadataFile));
  return paths;
}

function parse<T>(schema: z.ZodType<T>, folder: string, file: string): T {
  try {
    return schema.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  } catch (cause) {
    throw new Problem('configuration-invalid', { detail: `${file} of the cloud assembly cannot be read.`, cause });
  }
}
