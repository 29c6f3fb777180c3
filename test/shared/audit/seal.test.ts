import { describe, expect, it } from 'vitest';
import { sealOrigin } from '../../../shared/audit/checkpoint.ts';
import { SealComposer } from '../../../shared/audit/compose-seal.ts';
import { encodeSealDocument, parseSealDocument, type SealDocument } from '../../../shared/audit/seal-document.ts';
import { type AuditEvent, leavesOf } from '../../../shared/audit/segment.ts';
import { type SealReport, verifySeal } from '../../../shared/audit/verify-seal.ts';
import { sha256Hex } from '../../../shared/digest.ts';
import { leafHash } from '../../../shared/merkle/hash.ts';
import { consistencyProof } from '../../../shared/merkle/prove.ts';
import { verifyConsistency } from '../../../shared/merkle/verify.ts';
import { type Actor, KEYS } from '../../../shared/names.ts';
import {
  ACCEPTED,
  chunk,
  crossed,
  goodRun,
  KEY,
  outcome,
  REFUSED,
  RUN,
  runEnded,
  SEAL_NAME,
  type Sealed,
  type Segment,
  sealed,
  signed,
  stageEnded,
} from './fixtures.ts';

const verify = ({ checkpoint, document, segments }: Sealed): Promise<SealReport> =>
  verifySeal({ checkpoint, document, segment: async ({ key }) => segments.get(key), key: KEY });
const codeOf = (evidence: Sealed): Promise<unknown> =>
  verify(evidence).then(
    () => 'verified',
    (error) => error.code,
  );
const RELEASED = {
  outcome: 'allowed',
  resource: `segment/egress/${RUN}/${'a'.repeat(16)}/0`,
  who: {},
  records: 1,
} as const;
const good = await sealed(goodRun());
const goodDocument = parseSealDocument(good.document);

/** The good seal with its document changed; the tree's head, where it changes, is signed anew. */
async function withDocument(change: (document: SealDocument) => SealDocument): Promise<Sealed> {
  const document = change(goodDocument);
  const root = Buffer.from(document.tree.root, 'base64');
  const checkpoint = await signed({ origin: sealOrigin(SEAL_NAME, RUN), size: document.tree.size, root });
  return { ...good, checkpoint, document: encodeSealDocument(document) };
}

describe('seal', () => {
  it('[B16] verifies offline, and its tally agrees with its counts', async () => {
    const report = await verify(good);
    expect(report).toMatchObject({
      run: RUN,
      generation: 1,
      outcome: 'partly-exported',
      counts: { received: 5, exported: 3, quarantined: 2 },
      actions: {
        'submission.accepted': 1,
        'record.exported': 3,
        'record.quarantined': 2,
        'chunk.committed': 6,
        'stage.ended': 2,
        'run.ended': 1,
      },
    });
    expect([...report.problems]).toEqual([['field-missing', 2]]);
    expect(report.checkpoint.size).toBe(15);
  });

  it('gives the same document for the same segments', async () => {
    expect((await sealed(goodRun())).document).toBe(good.document);
  });

  it.each<[string, string, (segments: Map<string, Uint8Array>) => void]>([
    ['evidence-invalid', 'a segment missing', (segments) => segments.delete([...segments.keys()][3] ?? '')],
    [
      'evidence-invalid',
      'a line missing',
      (segments) => {
        const [key = '', bytes = new Uint8Array()] = [...segments][0] ?? [];
        segments.set(key, bytes.subarray(bytes.indexOf(10) + 1));
      },
    ],
    [
      'evidence-invalid',
      'one bit changed',
      (segments) => {
        const [key = '', bytes = new Uint8Array()] = [...segments][5] ?? [];
        segments.set(key, bytes.with(30, (bytes[30] ?? 0) ^ 1));
      },
    ],
  ])('[B16] is refused as %s with %s', async (code, _what, mutate) => {
    const segments = new Map(good.segments);
    mutate(segments);
    expect(await codeOf({ ...good, segments })).toBe(code);
  });

  it.each<[string, string, (document: SealDocument) => SealDocument]>([
    [
      'evidence-invalid',
      'another root',
      (d) => ({ ...d, tree: { ...d.tree, root: Buffer.alloc(32).toString('base64') } }),
    ],
    ['evidence-invalid', 'a smaller tree', (d) => ({ ...d, tree: { ...d.tree, size: d.tree.size - 1 } })],
    ['evidence-invalid', 'another outcome', (d) => ({ ...d, outcome: 'exported' })],
    ['evidence-invalid', 'other counts', (d) => ({ ...d, counts: { received: 5, exported: 4, quarantined: 1 } })],
    ['evidence-invalid', 'another tally', (d) => ({ ...d, actions: { ...d.actions, 'record.exported': 4 } })],
    ['evidence-invalid', 'another generation', (d) => ({ ...d, generation: 2 })],
    ['evidence-invalid', 'a previous tree that there was not', (d) => ({ ...d, previous: d.tree })],
    ['evidence-invalid', 'a segment left out', (d) => ({ ...d, segments: d.segments.slice(0, -1) })],
    ['seal-invalid', 'two segments in another order', (d) => ({ ...d, segments: d.segments.toReversed() })],
    ['seal-invalid', 'a segment twice', (d) => ({ ...d, segments: [...d.segments, ...d.segments.slice(0, 1)] })],
    [
      'seal-invalid',
      'another number of leaves',
      (d) => ({ ...d, segments: d.segments.map((s) => ({ ...s, leaves: s.leaves + 1 })) }),
    ],
    [
      'seal-invalid',
      'another first leaf',
      (d) => ({ ...d, segments: d.segments.map((s) => ({ ...s, firstLeaf: s.firstLeaf + 1 })) }),
    ],
    [
      'evidence-invalid',
      'another digest',
      (d) => ({ ...d, segments: d.segments.map((s) => ({ ...s, sha256: sha256Hex('x') })) }),
    ],
    [
      'seal-invalid',
      'a segment of another run',
      (d) => ({ ...d, segments: d.segments.map((s) => ({ ...s, key: s.key.replace(RUN, 'f'.repeat(32)) })) }),
    ],
    ['seal-invalid', 'another run', (d) => ({ ...d, run: 'f'.repeat(32) })],
  ])('[B16] is refused as %s when its document has %s', async (code, _what, change) => {
    expect(await codeOf(await withDocument(change))).toBe(code);
  });

  it('starts those mutations from what verifies', async () => {
    expect(await codeOf(await withDocument((document) => document))).toBe('verified');
  });

  it('is refused with the checkpoint of another tree, or of another log', async () => {
    const root = Buffer.alloc(32);
    const size = goodDocument.tree.size;
    expect(
      await codeOf({ ...good, checkpoint: await signed({ origin: sealOrigin(SEAL_NAME, RUN), size, root }) }),
    ).toBe('seal-invalid');
    const honest = Buffer.from(goodDocument.tree.root, 'base64');
    expect(await codeOf({ ...good, checkpoint: await signed({ origin: SEAL_NAME, size, root: honest }) })).toBe(
      'seal-invalid',
    );
    const elsewhere = sealOrigin('parapet.example/live', RUN);
    expect(await codeOf({ ...good, checkpoint: await signed({ origin: elsewhere, size, root: honest }) })).toBe(
      'seal-invalid',
    );
  });

  it.each([
    ['no JSON', '{'],
    ['an unknown member', good.document.replace('{"actions"', '{"aaa":1,"actions"')],
    ['another schema', good.document.replace('"schema":1', '"schema":2')],
    ['an unknown action', good.document.replace('"chunk.committed":6', '"chunk.committed":6,"chunk.lost":0')],
    ['no segments', good.document.replace(/"segments":\[.*?\]/, '"segments":[]')],
  ])('is refused when its document is %s', async (_what, document) => {
    expect(document).not.toBe(good.document);
    expect(await codeOf({ ...good, document })).toBe('seal-invalid');
  });
});

describe('what a log may say', () => {
  const end = outcome('seal', [runEnded('exported', [1, 1, 0])]);
  const fails = (segments: readonly Segment[]) =>
    expect(sealed(segments)).rejects.toThrow(expect.objectContaining({ code: 'evidence-invalid' }));

  it('does not let a record end in two places', async () => {
    await fails([chunk('ingestion', 0, [1, 2], [2]), chunk('egress', 0, [1, 2]), end]);
  });

  it('does not let a chunk say other than its lines', async () => {
    const honest = chunk('egress', 0, [1, 2]);
    const text = Buffer.from(honest.bytes).toString();
    await fails([
      {
        ...honest,
        bytes: Buffer.from(text.replace('"passed":2', '"passed":1').replace('"received":2', '"received":1')),
      },
      end,
    ]);
    await fails([{ ...honest, bytes: Buffer.from(text.replace('"received":2', '"received":3')) }, end]);
    await fails([{ ...honest, bytes: Buffer.from(text.replace('chunk/0', 'chunk/1')) }, end]);
  });

  it('does not let a chunk go without its commit, or on after it', async () => {
    const lines = Buffer.from(chunk('egress', 0, [1]).bytes)
      .toString()
      .split('\n');
    const [record = '', commit = ''] = lines;
    const key = KEYS.auditSegment('egress', RUN, 0);
    await fails([{ key, versionId: 'v', bytes: Buffer.from(`${record}\n`) }, end]);
    const late = record.replace('"sequence":0', '"sequence":2').replace('record/1', 'record/2');
    await fails([{ key, versionId: 'v', bytes: Buffer.from(`${record}\n${commit}\n${late}\n`) }, end]);
  });

  // IAM lets a role write under its own prefix alone: what lies there can be nobody else's word.
  it.each([
    ['under the prefix of ingestion', KEYS.auditSegment('ingestion', RUN, 0)],
    ['in a folder below another', KEYS.auditSegment('egress', RUN, 0).replace('40-egress', '90-seal/40-egress')],
    ['as another chunk', KEYS.auditSegment('egress', RUN, 1)],
    ['as the outcome of its stage', KEYS.auditOutcome('egress', RUN)],
    ['among the entries of another run', KEYS.auditSegment('egress', 'f'.repeat(32), 0)],
  ])('[B16] [B19] does not take the word of egress %s', async (_where, key) => {
    const exported = chunk('egress', 0, [1]);
    expect(await codeOf(await sealed([exported, end]))).toBe('verified');
    await fails([{ ...exported, key }, end]);
  });

  it('[B16] does not take the end of one generation for that of another', async () => {
    const late = outcome('seal', [runEnded('exported', [1, 1, 0])], 2);
    await fails([chunk('egress', 0, [1]), late]);
  });

  it.each<[Actor, AuditEvent]>([
    ['processing', ACCEPTED],
    ['egress', REFUSED],
    ['ingestion', { ...RELEASED, action: 'quarantine.released' }],
    ['egress', { ...RELEASED, action: 'quarantine.discarded' }],
    ['seal', stageEnded()],
    ['custody', runEnded('exported', [1, 1, 0])],
  ])('[B16] [B19] does not let %s say what is not for it to say: %j', async (stage, event) => {
    await fails([chunk('egress', 0, [1]), outcome(stage, [event]), end]);
  });

  it('[B16] is not taken from another place by a verifier either, whoever signed it', async () => {
    const exported = chunk('egress', 0, [1]);
    const document = await sealed([exported, end]);
    const moved = (text: string) => text.replace(exported.key, KEYS.auditSegment('ingestion', RUN, 0));
    const segments = new Map([...document.segments].map(([key, bytes]) => [moved(key), bytes]));
    expect(await codeOf({ ...document, document: moved(document.document), segments })).toBe('evidence-invalid');
  });

  it('does not let a segment be empty, mixed, of another run, or numbered wrongly', async () => {
    const one = chunk('egress', 0, [1]);
    await fails([{ ...one, bytes: new Uint8Array() }, end]);
    await fails([chunk('egress', 0, [1], [], 'f'.repeat(32)), end]);
    const text = Buffer.from(one.bytes).toString();
    await fails([{ ...one, bytes: Buffer.from(text.replace('"sequence":1', '"sequence":2')) }, end]);
    await fails([{ ...one, bytes: Buffer.from(text.replace('"stage":"egress"', '"stage":"processing"')) }, end]);
    await fails([{ ...one, bytes: Buffer.from(text.replace('"chunk":0', '"chunk":1')) }, end]);
  });

  it('[B13] does not let a transition stand by itself', async () => {
    const [first, second] = crossed('egress', crossed('ingestion'));
    await fails([outcome('egress', [stageEnded(second)]), end]);
    await fails([outcome('egress', [stageEnded(first)]), end]);
    const forged = second === undefined ? second : { ...second, attempt: 'b'.repeat(16) };
    await fails([outcome('ingestion', [stageEnded(first)]), outcome('egress', [stageEnded(forged)]), end]);
  });

  it('must end, by the seal, once, and at its end', async () => {
    const [one] = goodRun();
    if (one === undefined) throw new Error('the run is empty');
    await fails([one]);
    await fails([end, one]);
    await fails([one, end, outcome('seal', [runEnded('exported', [1, 1, 0])])]);
    await fails([one, outcome('egress', [runEnded('exported', [1, 1, 0])])]);
    await fails([one, outcome('seal', [runEnded('exported', [1, 1, 0], 2)])]);
  });

  it.each([
    ['exported', [5, 5, 0], false],
    ['exported', [5, 3, 2], false],
    ['partly-exported', [5, 3, 2], true],
    ['partly-exported', [6, 3, 2], false],
    ['partly-exported', [5, 2, 3], false],
    ['quarantined', [5, 3, 2], false],
    ['refused', [5, 3, 2], false],
    ['discarded', [5, 3, 2], false],
    ['failed', [5, 3, 2], true],
  ] as const)('must not end as %s with %j unless it is so', async (how, counts, agrees) => {
    const evidence = await sealed([...goodRun().slice(0, -1), outcome('seal', [runEnded(how, counts)])]);
    expect(await codeOf(evidence)).toBe(agrees ? 'verified' : 'evidence-invalid');
  });

  it('counts nothing of an upload that ingestion refused, whatever it said of records before', async () => {
    const refused = outcome('ingestion', [REFUSED]);
    const ended = outcome('seal', [runEnded('refused', [0, 0, 0])]);
    expect((await verify(await sealed([refused, ended]))).problems.get('payload-truncated')).toBe(1);
    expect(await codeOf(await sealed([chunk('ingestion', 0, [1, 2], [2]), refused, ended]))).toBe('verified');
  });

  it('counts every record of a submission that reconciliation refused', async () => {
    const segments = [
      chunk('ingestion', 0, [1, 2, 3], [2]),
      outcome('ingestion', [ACCEPTED]),
      chunk('reconciliation', 0, [1, 3], [1, 3]),
      outcome('reconciliation', [{ ...REFUSED, problem: 'submission-duplicate' }]),
      outcome('seal', [runEnded('refused', [3, 0, 3])]),
    ];
    expect((await verify(await sealed(segments))).counts).toEqual({ received: 3, exported: 0, quarantined: 3 });
  });

  it('lets a failed run leave records unaccounted for, and a release begin in the middle', async () => {
    const failed = [chunk('ingestion', 0, [1, 2, 3], [2]), outcome('seal', [runEnded('failed', [3, 0, 1])])];
    expect(await codeOf(await sealed(failed))).toBe('verified');
    const released = [
      chunk('processing', 0, [7]),
      chunk('egress', 0, [7]),
      outcome('seal', [runEnded('exported', [1, 1, 0])]),
    ];
    expect(await codeOf(await sealed(released))).toBe('verified');
  });
});

const first = [chunk('ingestion', 0, [1, 2]), outcome('seal', [runEnded('failed', [2, 0, 0])])];
const more = [chunk('egress', 0, [1, 2]), outcome('seal', [runEnded('exported', [2, 2, 0], 2)], 2)];
const sealedFirst = parseSealDocument((await sealed(first)).document);

describe('next generation of a seal', () => {
  const rejected = expect.objectContaining({ code: 'evidence-invalid' });

  it('[B16] keeps the tree before it and appends to it', async () => {
    const next = await sealed([...first, ...more], sealedFirst);
    const report = await verify(next);
    expect(report).toMatchObject({
      generation: 2,
      outcome: 'exported',
      counts: { received: 2, exported: 2, quarantined: 0 },
    });
    const leaves = [...first, ...more].flatMap(({ bytes }) => [...leavesOf(bytes)]).map(leafHash);
    verifyConsistency({
      first: sealedFirst.tree.size,
      second: report.checkpoint.size,
      firstRoot: Buffer.from(sealedFirst.tree.root, 'base64'),
      secondRoot: report.checkpoint.root,
      proof: consistencyProof(leaves, sealedFirst.tree.size),
    });
  });

  it('[B16] is not made when a sealed segment is changed, missing or moved', async () => {
    const [one, two] = first;
    if (one === undefined || two === undefined) throw new Error('the generation is empty');
    const other = chunk('ingestion', 0, [1, 2, 3]);
    await expect(sealed([other, two, ...more], sealedFirst)).rejects.toThrow(rejected);
    await expect(sealed([two, one, ...more], sealedFirst)).rejects.toThrow(rejected);
    await expect(sealed([one, ...more], sealedFirst)).rejects.toThrow(rejected);
    const composer = new SealComposer(RUN, sealedFirst);
    composer.addSegment(one, one.bytes);
    composer.addSegment(two, two.bytes);
    expect(() => composer.finish()).toThrow(rejected);
  });

  it('[B16] is refused when it claims another tree before it', async () => {
    const claimed = { ...sealedFirst, tree: { ...sealedFirst.tree, root: Buffer.alloc(32).toString('base64') } };
    expect(await codeOf(await sealed([...first, ...more], claimed))).toBe('evidence-invalid');
    const longer = { ...sealedFirst, tree: { ...sealedFirst.tree, size: 99 } };
    expect(await codeOf(await sealed([...first, ...more], longer))).toBe('evidence-invalid');
  });
});
