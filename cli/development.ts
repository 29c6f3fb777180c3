import { join } from 'node:path';

/**
 * The private key with which the repository's own contracts and rule packs are signed. It is public: the embedded cloud
 * trusts it, and shared/signature/development.ts keeps every deployment from doing so.
 */
export const DEVELOPMENT_SIGNING_KEY = join(import.meta.dirname, '..', 'contracts', 'development', 'signing-key.pem');
