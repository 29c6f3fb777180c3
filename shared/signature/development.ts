/**
 * Ids of the development keys, whose private halves are in the repository (contracts/development/) for everybody to read.
 * Whatever a pin says, a signature by one of them is refused, except where a caller allows it by name: that is the
 * embedded cloud and the command line, never a deployment.
 */
export const DEVELOPMENT_KEYS: ReadonlySet<string> = new Set([
  // contracts/development/signing-key.pem
  'c681813f1bbcea917009b506fe5567807d8d1f348533f5e126a972120c27735c',
]);
