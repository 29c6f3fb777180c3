/**
 * The states that the interpreter runs, field by field: JSONata states only. A field that is not listed is refused, so
 * that nothing passes by being ignored. https://states-language.net/spec.html
 */
import { z } from 'zod';
import { isExpression } from './expression.ts';

const json = z.json();
const template = z.record(z.string(), json);
const expression = z.string().refine(isExpression, 'must be a JSONata expression, {% … %}');
const numberOrExpression = z.union([z.number().nonnegative(), expression]);

const described = { Comment: z.string().optional(), QueryLanguage: z.literal('JSONata').optional() };
/** `Assign` and `Output` both see the variables as they were before. */
const effects = { Assign: template.optional(), Output: json.optional() };
const flow = { Next: z.string().optional(), End: z.boolean().optional() };

const retrier = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  IntervalSeconds: z.int().positive().default(1),
  BackoffRate: z.number().min(1).default(2),
  MaxAttempts: z.int().nonnegative().default(3),
  MaxDelaySeconds: z.int().positive().optional(),
  JitterStrategy: z.enum(['FULL', 'NONE']).default('NONE'),
});
const catcher = z.strictObject({
  Comment: z.string().optional(),
  ErrorEquals: z.array(z.string()).min(1),
  Next: z.string(),
  ...effects,
});
const recovery = { Retry: z.array(retrier).default([]), Catch: z.array(catcher).default([]) };

const task = z.strictObject({
  Type: z.literal('Task'),
  ...described,
  ...effects,
  ...flow,
  ...recovery,
  Resource: z.string(),
  Arguments: json.optional(),
  TimeoutSeconds: numberOrExpression.optional(),
});

const choice = z.strictObject({
  Type: z.literal('Choice'),
  ...described,
  ...effects,
  Choices: z
    .array(
      z.strictObject({
        Comment: z.string().optional(),
        Condition: z.union([expression, z.boolean()]),
        Next: z.string(),
        ...effects,
      }),
    )
    .min(1),
  Default: z.string().optional(),
});

const parallel = z.strictObject({
  Type: z.literal('Parallel'),
  ...described,
  ...effects,
  ...flow,
  ...recovery,
  Arguments: json.optional(),
  /** Each a graph of its own, parsed by the machine. */
  Branches: z.array(z.unknown()).min(1),
});

const reader = z.strictObject({
  Resource: z.string().regex(/:states:::s3:(getObject|listObjectsV2)$/, 'only s3:getObject and s3:listObjectsV2'),
  Arguments: json,
  ReaderConfig: z
    .strictObject({
      InputType: z.enum(['JSON', 'JSONL', 'CSV', 'MANIFEST']).optional(),
      ManifestType: z.literal('S3_INVENTORY').optional(),
      CSVHeaderLocation: z.enum(['FIRST_ROW', 'GIVEN']).optional(),
      CSVHeaders: z.array(z.string()).optional(),
      CSVDelimiter: z.enum(['COMMA', 'PIPE', 'SEMICOLON', 'SPACE', 'TAB']).default('COMMA'),
      MaxItems: numberOrExpression.optional(),
    })
    .optional(),
});
const batcher = z.strictObject({
  BatchInput: json.optional(),
  MaxItemsPerBatch: numberOrExpression.optional(),
  MaxInputBytesPerBatch: numberOrExpression.optional(),
});
const writer = z.strictObject({
  Resource: z.string().regex(/:states:::s3:putObject$/, 'only s3:putObject'),
  Arguments: json,
  WriterConfig: z
    .strictObject({
      OutputType: z.enum(['JSON', 'JSONL']).default('JSON'),
      Transformation: z.enum(['NONE', 'COMPACT', 'FLATTEN']).default('NONE'),
    })
    .prefault({}),
});

const map = z.strictObject({
  Type: z.literal('Map'),
  ...described,
  ...effects,
  ...flow,
  ...recovery,
  Label: z.string().max(40).optional(),
  Items: z.union([expression, z.array(json)]).optional(),
  ItemReader: reader.optional(),
  ItemSelector: json.optional(),
  ItemBatcher: batcher.optional(),
  MaxConcurrency: numberOrExpression.default(0),
  ResultWriter: writer.optional(),
  ToleratedFailurePercentage: numberOrExpression.optional(),
  ToleratedFailureCount: numberOrExpression.optional(),
  /** A graph of its own, parsed by the machine, and how it runs. */
  ItemProcessor: z.looseObject({
    ProcessorConfig: z
      .discriminatedUnion('Mode', [
        z.strictObject({ Mode: z.literal('INLINE') }),
        z.strictObject({ Mode: z.literal('DISTRIBUTED'), ExecutionType: z.enum(['STANDARD', 'EXPRESS']) }),
      ])
      .default({ Mode: 'INLINE' }),
  }),
});

const wait = z.strictObject({
  Type: z.literal('Wait'),
  ...described,
  ...effects,
  ...flow,
  Seconds: numberOrExpression.optional(),
  Timestamp: z.string().optional(),
});

const pass = z.strictObject({ Type: z.literal('Pass'), ...described, ...effects, ...flow });
const succeed = z.strictObject({ Type: z.literal('Succeed'), ...described, Output: json.optional() });
const fail = z.strictObject({
  Type: z.literal('Fail'),
  ...described,
  Error: z.string().optional(),
  Cause: z.string().optional(),
});

export const stateSchema = z.discriminatedUnion('Type', [task, choice, parallel, map, wait, pass, succeed, fail]);

/** The members of a graph (the machine itself, a branch, an item processor); the states are parsed one by one. */
export const graphSchema = z.looseObject({ StartAt: z.string(), States: z.record(z.string(), z.unknown()) });

/** What only the machine itself may hold. */
export const machineSchema = z.strictObject({
  Comment: z.string().optional(),
  QueryLanguage: z.enum(['JSONata', 'JSONPath']).default('JSONPath'),
  Version: z.literal('1.0').optional(),
  TimeoutSeconds: z.int().positive().optional(),
  StartAt: z.string(),
  States: z.record(z.string(), z.unknown()),
});

export type State = z.infer<typeof stateSchema>;
export type Retrier = z.infer<typeof retrier>;
export type Catcher = z.infer<typeof catcher>;
export type TaskState = z.infer<typeof task>;
export type ChoiceState = z.infer<typeof choice>;
export type ParallelState = z.infer<typeof parallel>;
export type MapState = z.infer<typeof map>;
export type WaitState = z.infer<typeof wait>;
export type PassState = z.infer<typeof pass>;
export type SucceedState = z.infer<typeof succeed>;
export type FailState = z.infer<typeof fail>;
export type ItemReader = z.infer<typeof reader>;
export type ItemBatcher = z.infer<typeof batcher>;
export type ResultWriter = z.infer<typeof writer>;
