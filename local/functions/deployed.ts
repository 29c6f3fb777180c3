/** A function as the template declares it: what of `AWS::Lambda::Function` an execution environment is made from. */
import { z } from 'zod';
import { Problem } from '../../shared/problem.ts';
import type { DeployedResource } from '../service.ts';
import { assetPath } from '../template/deployment.ts';

export interface DeployedFunction {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  /** Folder with the bundle. */
  readonly folder: string;
  /** `index.handler`: module, then export. */
  readonly handler: string;
  /** MiB. */
  readonly memory: number;
  readonly timeoutSeconds: number;
  readonly variables: Readonly<Record<string, string>>;
  readonly logGroup: string;
  /** More at a time are throttled; `undefined`: as many as the account may have. */
  readonly reservedConcurrency: number | undefined;
}

// Timeout and MemorySize: Lambda's defaults.
const properties = z.looseObject({
  Handler: z.string(),
  Role: z.string(),
  Runtime: z.string(),
  MemorySize: z.number().default(128),
  Timeout: z.number().default(3),
  ReservedConcurrentExecutions: z.number().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.string()).default({}) }).default({ Variables: {} }),
  LoggingConfig: z.looseObject({ LogGroup: z.string().optional() }).default({}),
});

const RUNTIME = 'nodejs24.x';

/** @throws Problem `not-implemented` for a runtime other than Node 24, `configuration-invalid` for a function without code. */
export function readFunction(resource: DeployedResource): DeployedFunction {
  const given = properties.parse(resource.properties);
  if (given.Runtime !== RUNTIME) {
    throw new Problem('not-implemented', { detail: `${resource.logicalId}: runtime ${given.Runtime}.` });
  }
  return {
    name: resource.physicalId,
    arn: resource.arn,
    roleArn: given.Role,
    folder: assetPath(resource),
    handler: given.Handler,
    memory: given.MemorySize,
    timeoutSeconds: given.Timeout,
    variables: given.Environment.Variables,
    logGroup: given.LoggingConfig.LogGroup ?? `/aws/lambda/${resource.physicalId}`,
    reservedConcurrency: given.ReservedConcurrentExecutions,
  };
}
