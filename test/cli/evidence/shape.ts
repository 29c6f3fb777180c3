/**
 * The parts of OSCAL 1.2.1 that are written here, as its reference describes them (https://pages.nist.gov/OSCAL-Reference/models/v1.2.1/):
 * strict, so that a member which the models do not know is refused.
 */
import * as z from 'zod';

const uuid = z.string().regex(/^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
const token = z.string().regex(/^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$/u);
const text = z.string().regex(/^\S(.*\S)?$/s);
const time = z.iso.datetime({ offset: true });
const href = z.string().min(1);

const property = z.strictObject({ name: token, ns: z.url(), value: text });
const link = z.strictObject({ href, rel: token, text: text.optional() });
const metadata = z.strictObject({
  title: text,
  'last-modified': time,
  version: text,
  'oscal-version': z.literal('1.2.1'),
});
const backMatter = z.strictObject({
  resources: z.array(
    z.strictObject({
      uuid,
      title: text,
      description: text.optional(),
      citation: z.strictObject({ text }).optional(),
    }),
  ),
});

const statement = z.strictObject({
  'statement-id': token,
  uuid,
  description: text,
  props: z.array(property).min(1),
  links: z.array(link).min(1),
});

export const ComponentDefinition = z.strictObject({
  'component-definition': z.strictObject({
    uuid,
    metadata,
    components: z
      .array(
        z.strictObject({
          uuid,
          type: z.enum(['software', 'service']),
          title: text,
          description: text,
          props: z.array(property).min(1),
          'control-implementations': z
            .array(
              z.strictObject({
                uuid,
                source: href,
                description: text,
                'implemented-requirements': z
                  .array(
                    z.strictObject({
                      uuid,
                      'control-id': token,
                      description: text,
                      statements: z.array(statement).min(1),
                    }),
                  )
                  .min(1),
              }),
            )
            .min(1)
            .optional(),
        }),
      )
      .min(1),
    'back-matter': backMatter,
  }),
});

const observation = z.strictObject({
  uuid,
  title: text,
  description: text,
  props: z.array(property).min(1),
  methods: z.tuple([z.literal('TEST')]),
  subjects: z.array(z.strictObject({ 'subject-uuid': uuid, type: token })).min(1),
  'relevant-evidence': z
    .array(z.strictObject({ href, description: text }))
    .min(1)
    .optional(),
  collected: time,
});

const finding = z.strictObject({
  uuid,
  title: text,
  description: text,
  props: z.array(property).min(1),
  target: z.strictObject({
    type: z.enum(['statement-id', 'objective-id']),
    'target-id': token,
    status: z.strictObject({ state: z.enum(['satisfied', 'not-satisfied']), reason: token }),
  }),
  'related-observations': z.array(z.strictObject({ 'observation-uuid': uuid })).min(1),
});

export const AssessmentResults = z.strictObject({
  'assessment-results': z.strictObject({
    uuid,
    metadata,
    'import-ap': z.strictObject({ href }),
    results: z
      .array(
        z.strictObject({
          uuid,
          title: text,
          description: text,
          start: time,
          end: time,
          'local-definitions': z.strictObject({
            components: z.array(
              z.strictObject({
                uuid,
                type: token,
                title: text,
                description: text,
                status: z.strictObject({
                  state: z.enum(['under-development', 'operational', 'disposition', 'other']),
                  remarks: text,
                }),
              }),
            ),
          }),
          'reviewed-controls': z.strictObject({
            'control-selections': z.tuple([
              z.strictObject({ 'include-controls': z.array(z.strictObject({ 'control-id': token })).min(1) }),
            ]),
          }),
          observations: z.array(observation).min(1),
          findings: z.array(finding).min(1),
        }),
      )
      .length(1),
    'back-matter': backMatter,
  }),
});
