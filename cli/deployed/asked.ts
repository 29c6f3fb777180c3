import { member } from '../templates/reading.ts';

const NOT_SERVED = 'the endpoint does not serve this';

/** One question to a service: its answer, or why there is none. */
export type Asked<T> =
  | { readonly answered: true; readonly value: T }
  | { readonly answered: false; readonly because: string; readonly error: string };

const DENIED = /AccessDenied|Forbidden|AuthorizationError|UnauthorizedOperation|NotAuthorized/;
const UNSERVED = /NotImplemented|UnknownOperation|InvalidAction/;
const UNKNOWN_CALLER =
  /InvalidAccessKeyId|UnrecognizedClient|InvalidClientTokenId|ExpiredToken|CredentialsProviderError|SignatureDoesNotMatch/;

/** Refusals and silence become a reason; a mistake of ours is thrown. */
export async function ask<T>(call: () => Promise<T>): Promise<Asked<T>> {
  try {
    return { answered: true, value: await call() };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { name } = error;
    const fromService = '$metadata' in error || 'code' in error || UNKNOWN_CALLER.test(name);
    if (!fromService) throw error;
    return { answered: false, because: reasonOf(error), error: name };
  }
}

function reasonOf(error: Error): string {
  const { name } = error;
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  if (member(metadata, 'httpStatusCode') === 501) return NOT_SERVED;
  if (DENIED.test(name)) return 'whoever asks may not';
  if (UNSERVED.test(name)) return NOT_SERVED;
  if (UNKNOWN_CALLER.test(name)) return 'the endpoint does not know the session of the environment';
  return name;
}

/** The answers by name, and the reasons of those that gave none. */
export async function askEach<T>(
  names: Iterable<readonly [logicalId: string, physicalId: string]>,
  call: (physicalId: string) => Promise<T>,
): Promise<{ readonly answers: ReadonlyMap<string, T>; readonly silent: ReadonlyMap<string, string> }> {
  const answers = new Map<string, T>();
  const silent = new Map<string, string>();
  for (const [logicalId, physicalId] of names) {
    const asked = await ask(() => call(physicalId));
    if (asked.answered) answers.set(logicalId, asked.value);
    else silent.set(logicalId, asked.because);
  }
  return { answers, silent };
}

/** `A, B (reason); C (another reason)` */
export function silence(silent: ReadonlyMap<string, string>): string {
  const reasons = [...new Set(silent.values())];
  return reasons
    .map((reason) => {
      const names = [...silent].flatMap(([name, because]) => (because === reason ? [name] : []));
      return `${names.join(', ')} (${reason})`;
    })
    .join('; ');
}
