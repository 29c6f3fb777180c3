import { Problem } from '../../shared/problem.ts';
import type { DeployedResource, Deployment } from '../service.ts';
import { type AssemblyStack, readAssembly } from './assembly.ts';
import { createResolver, type Environment } from './resolver.ts';

/** An account that no customer has, for stacks that name none. */
export const LOCAL_ACCOUNT = '000000000000';
export const LOCAL_REGION = 'us-east-1';

/** Metadata of a resource that has code or a definition in an asset: absolute path of the file or folder. */
export const ASSET_PATH = 'aws:asset:path';
/** Metadata with the path of the construct, `Foundation/Landing/Resource`. */
export const CONSTRUCT_PATH = 'aws:cdk:path';

export interface TemplateDeployment extends Deployment {
  /** Outputs of every stack, resolved. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/**
 * Reads a synthesized cloud assembly as if its stacks had been deployed: every name, ARN and attribute is what it would be,
 * the same each time.
 * @throws Problem `configuration-invalid`, naming the place, for an intrinsic, attribute or reference that cannot be resolved.
 */
export function readDeployment(folder: string, defaults: Partial<Environment> = {}): TemplateDeployment {
  const stacks = readAssembly(folder);
  const environment: Environment = {
    accountId: agreed(stacks, 'accountId') ?? defaults.accountId ?? LOCAL_ACCOUNT,
    region: agreed(stacks, 'region') ?? defaults.region ?? LOCAL_REGION,
    partition: defaults.partition ?? 'aws',
  };
  const resolver = createResolver(stacks, environment);
  const resources = stacks.flatMap((stack) =>
    Object.entries(stack.template.Resources)
      .filter(([logicalId]) => resolver.exists(stack, logicalId))
      .map(([logicalId, resource]): DeployedResource => {
        const properties = resolver.properties(stack, logicalId);
        return {
          stack: stack.name,
          logicalId,
          type: resource.Type,
          physicalId: resolver.physicalId(stack, logicalId),
          arn: resolver.arn(stack, logicalId),
          properties,
          metadata: { ...resource.Metadata, ...pathsOf(stack, logicalId, properties) },
        };
      }),
  );
  return {
    accountId: environment.accountId,
    region: environment.region,
    resources,
    outputs: Object.fromEntries(stacks.map((stack) => [stack.name, resolver.outputs(stack)])),
    ...finders(resources),
  };
}

/** Stacks may leave account and region open, but two may not name different ones: the embedded cloud is one region of one account. */
function agreed(stacks: readonly AssemblyStack[], name: 'accountId' | 'region'): string | undefined {
  const [first, ...more] = new Set(stacks.map((stack) => stack[name]).filter((value) => value !== undefined));
  if (more.length > 0) throw new Problem('configuration-invalid', { detail: `The stacks differ in ${name}.` });
  return first;
}

function pathsOf(
  stack: AssemblyStack,
  logicalId: string,
  properties: Readonly<Record<string, unknown>>,
): Readonly<Record<string, string>> {
  const path = stack.paths.get(logicalId);
  const asset = ['Code', 'DefinitionS3Location', 'Content'].flatMap((name) => {
    const key = objectKey(properties[name]);
    const found = key === undefined ? undefined : stack.assets.get(key);
    return found === undefined ? [] : [found];
  })[0];
  return {
    ...(path === undefined ? {} : { [CONSTRUCT_PATH]: path }),
    ...(asset === undefined ? {} : { [ASSET_PATH]: asset }),
  };
}

/** Lambda says `S3Key`, Step Functions `Key`. */
function objectKey(location: unknown): string | undefined {
  if (typeof location !== 'object' || location === null) return undefined;
  const members = new Map(Object.entries(location));
  const key = members.get('S3Key') ?? members.get('Key');
  return typeof key === 'string' ? key : undefined;
}

function finders(resources: readonly DeployedResource[]): Pick<Deployment, 'ofType' | 'find'> {
  const ofType = (type: string): readonly DeployedResource[] => resources.filter((resource) => resource.type === type);
  return {
    ofType,
    find: (type, name) => {
      const found = ofType(type).filter((resource) => resource.logicalId === name || lastName(resource) === name);
      const [only, second] = found;
      if (only === undefined || second !== undefined) {
        const fault = only === undefined ? 'no' : 'more than one';
        throw new Problem('not-found', { detail: `The templates hold ${fault} ${type} named ${name}.` });
      }
      return only;
    },
  };
}

/** The last part of the construct path; CDK calls the resource inside a construct `Resource` or `Default`. */
function lastName(resource: DeployedResource): string | undefined {
  const path = resource.metadata[CONSTRUCT_PATH];
  if (typeof path !== 'string') return undefined;
  return path
    .split('/')
    .filter((part) => part !== 'Resource' && part !== 'Default')
    .at(-1);
}

/** Folder or file with a function's code. @throws Problem `configuration-invalid` when the function has no asset. */
export function assetPath(resource: DeployedResource): string {
  const path = resource.metadata[ASSET_PATH];
  if (typeof path === 'string') return path;
  throw new Problem('configuration-invalid', { detail: `${resource.stack}/${resource.logicalId} has no asset.` });
}
