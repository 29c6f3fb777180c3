import type { DeployedResource } from '../../local/service.ts';
import type { Synthesized } from '../templates/synthesized.ts';
import { type AssessedClaim, type AssessedControl, named } from './assessed.ts';
import { backMatter, claimUuid, kindOf, metadata, type Occasion, property, resourceUuid, sourceOf } from './oscal.ts';
import { uuidOf } from './uuid.ts';

export const PRODUCT_UUID = uuidOf('component', 'parapet');

/** The product, with each control that it implements; and each resource that a claim names, as a component of its own. */
export function componentDefinition(controls: readonly AssessedControl[], templates: Synthesized, occasion: Occasion) {
  const sources = [...new Set(controls.map(sourceOf))];
  return {
    'component-definition': {
      uuid: uuidOf('component-definition', occasion.deployment, occasion.profile),
      metadata: metadata('Parapet: controls, and what implements them', occasion),
      components: [
        {
          uuid: PRODUCT_UUID,
          type: 'software',
          title: 'Parapet',
          description: 'A data perimeter for AWS: isolated boundaries, sealed evidence, exact differences.',
          props: [property('deployment', occasion.deployment), property('profile', occasion.profile)],
          'control-implementations': sources.map((source) => {
            const mine = controls.filter((control) => sourceOf(control) === source);
            const [{ framework }] = mine as [AssessedControl];
            return {
              uuid: uuidOf('control-implementation', framework.id),
              source,
              description: framework.title,
              'implemented-requirements': mine.map(implemented),
            };
          }),
        },
        ...named(controls, templates).map(component),
      ],
      'back-matter': backMatter(),
    },
  };
}

function implemented(control: AssessedControl) {
  return {
    uuid: uuidOf('implemented-requirement', control.framework.id, control.id),
    'control-id': control.id,
    description: control.title,
    statements: control.claims.map((claim) => statement(control, claim)),
  };
}

/** A claim: in words, by the resource, by the requirement, by the files whose tests prove it. */
function statement(control: AssessedControl, claim: AssessedClaim) {
  const files = [...new Set(claim.requirements.flatMap(({ tests }) => tests.map(({ file }) => file)))].sort();
  return {
    'statement-id': `${control.id}_smt.${claim.id}`,
    uuid: claimUuid(control, claim.id),
    description: claim.says,
    props: claim.requirements.map(({ id }) => property('requirement', id)),
    links: [
      ...claim.resources.map((id) => ({ href: `#${resourceUuid(id)}`, rel: 'provided-by', text: id })),
      ...files.map((file) => ({ href: file, rel: 'tested-by' })),
    ],
  };
}

function component(resource: DeployedResource) {
  const { logicalId, type, stack } = resource;
  return {
    uuid: resourceUuid(logicalId),
    type: 'service',
    title: logicalId,
    description: `${kindOf(resource)} of the stack ${stack}`,
    props: [property('logical-id', logicalId), property('resource-type', type), property('stack', stack)],
  };
}
