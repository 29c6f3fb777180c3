/** What an execution was started with, as JSONata reads it out of its input. */
import { STAGES } from '../../shared/names.ts';

/** UploadReference of shared/messages.ts, out of an `Object Created` event; null for anything else. */
export const uploadOf = (event: string): string =>
  [
    `$exists(${event}.detail.object) ? {`,
    `'bucket': ${event}.detail.bucket.name,`,
    `'key': ${event}.detail.object.key,`,
    `'versionId': ${event}.detail.object.\`version-id\`,`,
    `'size': ${event}.detail.object.size,`,
    `'sourceAddress': ${event}.detail.\`source-ip-address\`,`,
    `'time': ${event}.time`,
    '} : null',
  ].join(' ');

/** As message-schemas.ts asks of it: what is no such ARN is left out, and the request is sealed all the same. */
const PERSON = '/^arn:aws[a-z-]*:(iam|sts)::[A-Za-z0-9_:\\/+=,.@-]{1,300}$/';

/** AskedOfCustodian of shared/messages.ts, out of a request to the custodian; null for anything that names nothing in quarantine. */
export const askedOf = (event: string): string =>
  [
    `($asked := ${event}.custody;`,
    "$named := $type($asked.run) = 'string' and $length($string($asked.run)) = 32;",
    "$what := $named and $asked.upload = 'copy' ? {'run': $asked.run, 'upload': 'copy'} :",
    "$named and $type($asked.attempt) = 'string' and $length($string($asked.attempt)) = 16",
    `and $asked.stage in ${JSON.stringify(STAGES)} and $type($asked.chunk) = 'number' ?`,
    "{'run': $asked.run, 'stage': $asked.stage, 'attempt': $asked.attempt, 'chunk': $asked.chunk}",
    ': null;',
    `$known := $type($asked.operator) = 'string' and $contains($string($asked.operator), ${PERSON});`,
    "$what = null ? null : $known ? $merge([$what, {'operator': $asked.operator}]) : $what)",
  ].join(' ');
