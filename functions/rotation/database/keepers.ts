import { Problem } from '../../../shared/problem.ts';

/** Which keeper changes the passwords of which connection, as deployed: ARN of its secret by that of the connection's. */
export function readKeepers(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((pair) => {
      const [secret, keeper, ...rest] = pair.split(' ');
      if (secret && keeper && rest.length === 0) return [secret, keeper];
      throw new Problem('configuration-invalid', { detail: 'A database’s secret is deployed without its keeper’s.' });
    }),
  );
}
