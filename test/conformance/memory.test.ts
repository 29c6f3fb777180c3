import { describe } from 'vitest';
import { MemoryGates } from '../support/memory/gates.ts';
import { MemoryKeyService, MemorySigner } from '../support/memory/keys.ts';
import { MemoryObjectStore } from '../support/memory/object-store.ts';
import { MemoryRunStore } from '../support/memory/run-store.ts';
import { MemoryCredentialStore, MemoryIdempotencyStore, MemorySubjectKeyStore } from '../support/memory/tables.ts';
import { gateStoreCases } from './gate-store.cases.ts';
import { objectStoreCases } from './object-store.cases.ts';
import { runStoreCases } from './run-store.cases.ts';
import {
  credentialStoreCases,
  idempotencyStoreCases,
  keyServiceCases,
  signerCases,
  subjectKeyStoreCases,
} from './tables.cases.ts';

// The stages are tested on these; what they are trusted for is what the adapters are held to as well.
describe('ports in memory', () => {
  describe('ObjectStore', () => {
    objectStoreCases(async () => {
      const source = new MemoryObjectStore('source');
      return { source, store: new MemoryObjectStore('store', () => source), prefix: '' };
    });
  });
  describe('RunStore', () => {
    runStoreCases(async () => ({ store: new MemoryRunStore(), run: '0'.repeat(32) }));
  });
  describe('CredentialStore', () => {
    credentialStoreCases(async () => ({ store: new MemoryCredentialStore(), name: 'c' }));
  });
  describe('IdempotencyStore', () => {
    idempotencyStoreCases(async () => ({ store: new MemoryIdempotencyStore(), name: 'i' }));
  });
  describe('SubjectKeyStore', () => {
    subjectKeyStoreCases(async () => ({ store: new MemorySubjectKeyStore(), name: 's' }));
  });
  describe('KeyService', () => {
    keyServiceCases(async () => ({ store: new MemoryKeyService(), name: 'k' }));
  });
  describe('Signer', () => {
    signerCases(async () => ({ store: new MemorySigner(), name: 'k' }));
  });
  describe('GateStore', () => {
    gateStoreCases(async () => ({ store: new MemoryGates(), dataset: 'things' }));
  });
});
