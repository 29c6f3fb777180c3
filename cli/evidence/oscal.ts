/** What the documents share. OSCAL 1.2.1, https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/ */
import type { DeployedResource } from '../../local/service.ts';
import type { AssessedControl } from './assessed.ts';
import { FRAMEWORKS } from './controls.ts';
import { uuidOf } from './uuid.ts';

const OSCAL_VERSION = '1.2.1';
/** Of our own property names. */
const NAMESPACE = 'urn:parapet:oscal';

/** One run of the evidence: of which version, deployment and tests. */
export interface Occasion {
  readonly version: string;
  readonly deployment: string;
  readonly profile: string;
  /** First and last moment at which a suite ended: RFC 3339. */
  readonly from: string;
  readonly until: string;
}

export const property = (name: string, value: string) => ({ name, ns: NAMESPACE, value });

export const metadata = (title: string, { version, until }: Occasion) => ({
  title,
  'last-modified': until,
  version,
  'oscal-version': OSCAL_VERSION,
});

/** `a`, `b` … of a document that lies in the back matter. */
export const citationUuid = (framework: string): string => uuidOf('framework', framework);

/** Frameworks whose publisher has no catalog in OSCAL: named here, referred to by a fragment. */
export const backMatter = (...more: readonly object[]) => ({
  resources: [
    ...FRAMEWORKS.map(({ id, title, citation }) => ({ uuid: citationUuid(id), title, citation: { text: citation } })),
    ...more,
  ],
});

export const sourceOf = ({ framework }: AssessedControl): string =>
  framework.catalog ?? `#${citationUuid(framework.id)}`;

export const resourceUuid = (logicalId: string): string => uuidOf('resource', logicalId);
export const claimUuid = ({ framework, id }: AssessedControl, claim: string): string =>
  uuidOf('claim', framework.id, id, claim);

/** `AWS::S3::Bucket` as a person says it. */
export const kindOf = ({ type }: DeployedResource): string => type.replace(/^AWS::/, '').replace('::', ' ');
