/**
 * Stands for `@smithy/core/event-streams` in the bundles. The one S3 operation that streams events is SelectObjectContent, which
 * no stage calls; but its codec is imported in two ways at once, statically and on demand, for which esbuild wraps most of the
 * SDK's core in functions and can leave nothing of it out.
 */
import { Problem } from '../shared/problem.ts';

/** The SDK makes one when a client is made, and uses it when events come. */
export const resolveEventStreamSerdeConfig = <Configuration>(configuration: Configuration): Configuration =>
  configuration;

export function eventStreamSerdeProvider(): never {
  throw new Problem('not-implemented', { detail: 'Event streams are not bundled.' });
}

export class EventStreamSerde {
  constructor() {
    eventStreamSerdeProvider();
  }
}
