import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface HandMadeStack {
  readonly template: unknown;
  /** `aws://<account>/<region>`; open by default. */
  readonly environment?: string;
  /** Construct path → logical id. */
  readonly paths?: Readonly<Record<string, string>>;
  /** Object key → path inside the assembly. */
  readonly assets?: Readonly<Record<string, string>>;
}

let parent: string | undefined;

/** A fresh folder, gone again when the test process ends. */
export function temporaryFolder(): string {
  if (parent === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'parapet-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    parent = created;
  }
  return mkdtempSync(join(parent, 's-'));
}

/** Writes a cloud assembly of hand-made templates, in CDK's form; returns its folder. */
export function writeAssembly(stacks: Readonly<Record<string, HandMadeStack>>): string {
  const folder = temporaryFolder();
  const write = (file: string, content: unknown): void => writeFileSync(join(folder, file), JSON.stringify(content));
  const artifacts = Object.entries(stacks).flatMap(([name, stack]): [string, unknown][] => {
    write(`${name}.template.json`, stack.template);
    const named = Object.entries(stack.paths ?? {});
    write(
      `${name}.metadata.json`,
      Object.fromEntries(named.map(([path, data]) => [path, [{ type: 'aws:cdk:logicalId', data }]])),
    );
    const files = Object.entries(stack.assets ?? {}).map(([objectKey, path]) => {
      mkdirSync(join(folder, path), { recursive: true });
      return [
        objectKey,
        { source: { path, packaging: 'zip' }, destinations: { here: { bucketName: 'b', objectKey } } },
      ];
    });
    write(`${name}.assets.json`, { version: '55.0.0', files: Object.fromEntries(files) });
    return [
      [`${name}.assets`, { type: 'cdk:asset-manifest', properties: { file: `${name}.assets.json` } }],
      [
        name,
        {
          type: 'aws:cloudformation:stack',
          environment: stack.environment ?? 'aws://unknown-account/unknown-region',
          properties: { templateFile: `${name}.template.json` },
          additionalMetadataFile: `${name}.metadata.json`,
        },
      ],
    ];
  });
  write('manifest.json', { version: '55.0.0', artifacts: Object.fromEntries(artifacts) });
  return folder;
}
