/** Of which grants each deed of the table is made (infra/people/matrix.ts). What asking the trail takes stands with the trail. */
import type { Grant } from '../constructs/grant.ts';
import { keepingDeeds } from './keeping.ts';
import type { Deed } from './matrix.ts';
import { operatingDeeds } from './operating.ts';
import type { DeedProps } from './props.ts';
import { workingDeeds } from './working.ts';

export type Made = Readonly<Record<Exclude<Deed, 'askTrail'>, readonly Grant[]>>;

export function grantsOf(deed: Deed, props: DeedProps): readonly Grant[] {
  if (deed === 'askTrail') return [];
  const all: Made = { ...workingDeeds(props), ...operatingDeeds(props), ...keepingDeeds(props) };
  return all[deed];
}
