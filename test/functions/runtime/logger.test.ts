import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admitted, createLogger, type LogFields, stackFrames } from '../../../functions/runtime/logger.ts';

const SECRET = 'Zenobia Quillfeather';

describe('the logger', () => {
  const lines: string[] = [];
  const logger = createLogger(
    (line) => lines.push(line),
    () => Date.parse('2026-11-22T10:00:00.000Z'),
    { stage: 'ingestion' },
  );

  it('[S16] prints one line of JSON with the declared fields', () => {
    lines.length = 0;
    logger.with({ run: 'a'.repeat(32) }).log('info', 'stage.ended', { outcome: 'passed', received: 3 });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      {
        time: '2026-11-22T10:00:00.000Z',
        level: 'info',
        stage: 'ingestion',
        run: 'a'.repeat(32),
        event: 'stage.ended',
        outcome: 'passed',
        received: 3,
      },
    ]);
  });

  it('[S16] prints no field that is not declared, and no value of another form', () => {
    const given = {
      payload: SECRET,
      outcome: SECRET,
      run: SECRET,
      code: SECRET,
      stage: SECRET,
      received: SECRET,
      reason: 'one,two',
      frames: [SECRET],
      error: `Error: ${SECRET}`,
      operation: `Put ${SECRET}`,
      execution: `arn:aws:s3:::${SECRET}`,
      bytes: -1,
      chunk: 1.5,
    };
    expect(admitted(given)).toEqual({});
  });

  it('[S16] prints nothing of what it was not made for, whatever that is', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.oneof(fc.emailAddress(), fc.string({ minLength: 30 }), fc.object())),
        (fields) => {
          lines.length = 0;
          logger.log('error', 'stage.failed', fields as LogFields);
          expect(Object.keys(JSON.parse(lines[0] ?? '{}'))).toEqual(['time', 'level', 'stage', 'event']);
        },
      ),
    );
  });

  it('[S16] says where an error arose without saying its message', () => {
    const frames = stackFrames(new Error(`${SECRET}\n    at ${SECRET} (${SECRET}:1:1)`));
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.join('\n')).toContain('logger.test.ts');
    expect(frames.join('\n')).not.toContain('Zenobia Quillfeather (');
    expect(stackFrames('no error')).toEqual([]);
  });
});
