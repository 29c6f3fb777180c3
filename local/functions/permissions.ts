/** Resource policies of functions: `AWS::Lambda::Permission`, each one a statement. */
import { z } from 'zod';
import type { Deployment } from '../service.ts';

const properties = z.strictObject({
  Action: z.string(),
  FunctionName: z.string(),
  Principal: z.string(),
  SourceArn: z.string().optional(),
  SourceAccount: z.string().optional(),
});

/** By the ARN of the function. A function that no permission names has none. */
export function readPermissions(deployment: Deployment): ReadonlyMap<string, unknown> {
  const statements = deployment.ofType('AWS::Lambda::Permission').map((resource) => {
    const { Action, FunctionName, Principal, SourceArn, SourceAccount } = properties.parse(resource.properties);
    const target = deployment
      .ofType('AWS::Lambda::Function')
      .find(({ arn, physicalId }) => arn === FunctionName || physicalId === FunctionName);
    const arn = target?.arn ?? FunctionName;
    const isService = Principal.endsWith('.amazonaws.com');
    const conditions = {
      ...(SourceArn === undefined ? {} : { ArnLike: { 'aws:SourceArn': SourceArn } }),
      ...(SourceAccount === undefined ? {} : { StringEquals: { 'aws:SourceAccount': SourceAccount } }),
    };
    const statement = {
      Effect: 'Allow',
      Action,
      Resource: arn,
      Principal: isService ? { Service: Principal } : { AWS: Principal },
      ...(Object.keys(conditions).length === 0 ? {} : { Condition: conditions }),
    };
    return { arn, statement };
  });
  const policies = Map.groupBy(statements, ({ arn }) => arn);
  return new Map(
    [...policies].map(([arn, own]) => [
      arn,
      { Version: '2012-10-17', Statement: own.map(({ statement }) => statement) },
    ]),
  );
}
