import type * as z from 'zod';
import type { DeployedResource } from '../../local/service.ts';
import { Problem } from '../../shared/problem.ts';

/** @throws Problem `not-implemented` naming the property of the template that nothing here would make. */
export function propertiesOf<S extends z.ZodType>({ logicalId, properties }: DeployedResource, schema: S): z.output<S> {
  const parsed = schema.safeParse(properties);
  if (parsed.success) return parsed.data;
  const names = parsed.error.issues.map((issue) =>
    [...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys : [])].join('.'),
  );
  throw new Problem('not-implemented', { detail: `${logicalId} at another endpoint: ${names.join(', ')}.` });
}
