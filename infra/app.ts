/** Configuration → stacks. Run by the CDK CLI (cdk.json), and called in process by the embedded cloud and the tests. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Problem } from '../shared/problem.ts';
import { bundle, type Entries, handlerEntries } from './bundle.ts';
import { type DeploymentConfiguration, loadConfiguration, rotatesDatabases, sweeps } from './config.ts';
import { acknowledgeInlinePolicies } from './constructs/acknowledge.ts';
import { Foundation } from './foundation.ts';
import { Oversight } from './oversight.ts';
import { Submission } from './submission.ts';
import { Sweep } from './sweep.ts';

export const CONFIGURATION_FILE = join(import.meta.dirname, '..', 'parapet.config.json');

export interface AppOptions {
  /** Default: parapet.config.json, with the CDK context key `parapet` over it. */
  readonly config?: DeploymentConfiguration;
  /** Where the assembly goes. Default: where the CDK CLI asks for it. */
  readonly outdir?: string;
  /** Handlers by actor. Default: functions/submission/<actor>/handler.ts. */
  readonly entries?: Entries;
  /** Whether CDK checks the templates against CloudFormation's schemas, which takes longer than all the rest. Default: true. */
  readonly validate?: boolean;
}

/**
 * Set here and not in cdk.json, so that a template synthesized in process is the one that the CLI would deploy: paths
 * and asset folders in the metadata, explicit partitions, log groups that are ours.
 */
const CONTEXT = {
  'aws:cdk:enable-path-metadata': true,
  'aws:cdk:enable-asset-metadata': true,
  'aws:cdk:version-reporting': false,
  // Exports and imports: CloudFormation itself then refuses to take away what another stack stands on.
  '@aws-cdk/core:defaultCrossStackReferences': 'strong',
  '@aws-cdk/core:checkSecretUsage': true,
  '@aws-cdk/aws-kms:aliasNameRef': true,
  '@aws-cdk/aws-lambda:recognizeLayerVersion': true,
  '@aws-cdk/aws-lambda:useCdkManagedLogGroup': true,
  '@aws-cdk/aws-iam:importedRoleStackSafeDefaultPolicyName': true,
};

export function buildApp(options: AppOptions = {}): App {
  const app = new App({
    analyticsReporting: false,
    postCliContext: CONTEXT,
    treeMetadata: false,
    builtinCloudFormationValidation: options.validate ?? true,
    ...(options.outdir === undefined ? {} : { outdir: options.outdir }),
  });
  const config = options.config ?? loadConfiguration(CONFIGURATION_FILE, app.node.tryGetContext('parapet'));
  const env = config.account && config.region ? { env: { account: config.account, region: config.region } } : {};
  const bundles = bundle(
    options.entries ??
      handlerEntries({ sweeps: sweeps(config).length > 0, rotatesDatabases: rotatesDatabases(config) }),
  );
  try {
    const stack = (name: string): string => `parapet-${config.deployment}-${name}`;
    const kept = { terminationProtection: config.retained, ...env };
    const foundation = new Foundation(app, 'Foundation', { stackName: stack('foundation'), config, ...kept });
    const submission = new Submission(app, 'Submission', {
      stackName: stack('submission'),
      foundation,
      bundles,
      ...env,
    });
    const sweep =
      sweeps(config).length === 0
        ? undefined
        : new Sweep(app, 'Sweep', { stackName: stack('sweep'), foundation, bundles, ...env });
    new Oversight(app, 'Oversight', { stackName: stack('oversight'), foundation, submission, sweep, ...kept });
    acknowledgeInlinePolicies(app);
  } finally {
    // CDK has copied every bundle into the assembly by now.
    rmSync(bundles, { recursive: true, force: true });
  }
  return app;
}

export interface Synthesis {
  readonly stacks: readonly { readonly name: string; readonly templateFile: string }[];
  readonly assembly: CloudAssembly;
}

/**
 * Stacks in the order in which they deploy; `templateFile` is an absolute path. Not validated unless asked: `cdk synth` and
 * the tests do.
 */
export function synthesize(options: AppOptions & { readonly outdir: string }): Synthesis {
  const assembly = buildApp({ validate: false, ...options }).synth();
  return {
    assembly,
    stacks: assembly.stacks.map((stack) => ({ name: stack.stackName, templateFile: stack.templateFullPath })),
  };
}

if (import.meta.main) {
  try {
    buildApp().synth();
  } catch (error) {
    // A mistake in the configuration is the reader's to mend: its sentence, without our stack.
    if (!(error instanceof Problem)) throw error;
    console.error(`parapet: ${error.message}`);
    process.exitCode = 1;
  }
}
