import type { FieldType } from '../schema.ts';
import { type Fault, type TypeRules, textual } from './rules.ts';

const LISTED = 8;

export function choiceRules(type: FieldType & { kind: 'choice' }, fault: Fault): TypeRules {
  const values: ReadonlySet<string> = new Set(type.values);
  const shown = type.values.slice(0, LISTED).join(', ');
  const more = type.values.length - LISTED;
  const none = fault('field-choice', `one of ${shown}${more > 0 ? ` and ${more} more` : ''}`);
  return textual(fault, 'choice', (text) => (values.has(text) ? undefined : none));
}
