/**
 * Mutants that no case can catch because they change nothing: what they drop is said twice. Each is a sentence that somebody has thought
 * through; a survivor without one fails the proof, and so does a sentence without a survivor.
 */
export interface KnownSurvivor {
  readonly statement: RegExp;
  readonly change: RegExp;
  readonly because: string;
}

export const KNOWN_SURVIVORS: readonly KnownSurvivor[] = [
  {
    statement: /( trust|RotationFunction) #0$/,
    change: /^Condition without StringEquals aws:SourceAccount$/,
    because: 'aws:SourceArn names the account as well; AWS advises both, and so do the judges of templates',
  },
  {
    statement: /^(Vault|Quarantine|Sweep)Key (Make|Open)(Chunk|Segment|Sweep|Cell)Key$/,
    change: /^Condition without Null kms:ViaService$/,
    because:
      'a call through a service comes by no endpoint, so aws:SourceVpc refuses it; said twice as one is about the way, the other about the place',
  },
  {
    statement: /^(ExportsKey Collect|TrailKey ReadLogFiles)$/,
    change: /^Principal → \*$/,
    because: 'the condition admits the root user alone, who needs no policy of his own',
  },
  {
    statement: /^(Seal|Contract)SigningKey ReadPublicKey$/,
    change: /^without its Condition$/,
    because:
      'the principal is the account already; no use of a key goes without a condition, so that a wider principal alone opens nothing',
  },
  {
    statement: /^(Audit|Sweep)Bucket RequireWriteOnce$/,
    change: /^Action → s3:\*$/,
    because: 'no request but s3:PutObject has the condition keys of a creation',
  },
];
