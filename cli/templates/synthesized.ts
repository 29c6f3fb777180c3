import { type DeploymentConfiguration, loadConfiguration } from '../../infra/config.ts';
import { findAssembly } from '../../local/assembly-cache.ts';
import { readDeployment, type TemplateDeployment } from '../../local/template/deployment.ts';

/** A configuration, and what it deploys. */
export interface Synthesized {
  readonly config: DeploymentConfiguration;
  readonly deployment: TemplateDeployment;
  /** Of the assembly: templates, bundles. */
  readonly folder: string;
}

export type ProfileName = 'sandbox' | 'production';

/** @throws Problem `configuration-invalid`, naming the field. */
export async function synthesized(file: string, profile?: ProfileName): Promise<Synthesized> {
  const config = loadConfiguration(file, profile === undefined ? {} : { profile });
  const { folder } = await findAssembly({ config });
  return { config, folder, deployment: readDeployment(folder) };
}
