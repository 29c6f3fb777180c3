import { Problem } from '../../shared/problem.ts';

/** What an intrinsic function may ask of the stack that it stands in. */
export interface Scope {
  /** Where the value stands, for errors: `Foundation/Landing`. */
  readonly place: string;
  readonly region: string;
  /** Resolves a nested value. */
  resolve(value: unknown): unknown;
  ref(name: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  importValue(name: string): unknown;
  mapping(map: string, key: string, field: string): unknown;
  condition(name: string): boolean;
}

/** What `AWS::NoValue` stands for: the member that holds it disappears. */
export const NO_VALUE: unique symbol = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope, name: string) => unknown;

/** Every intrinsic function that is resolved (CloudFormation User Guide, "Intrinsic function reference"); any other is refused. */
export const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope, name) => scope.ref(text(argument, scope, name)),
  'Fn::GetAtt': (argument, scope, name) => {
    const [logicalId = '', ...path] = typeof argument === 'string' ? argument.split('.') : texts(argument, scope, name);
    return scope.attribute(logicalId, path.join('.'));
  },
  'Fn::Join': (argument, scope, name) => {
    const [separator, items] = list(argument, scope, name);
    return texts(items, scope, name).join(text(separator, scope, name));
  },
  'Fn::Split': (argument, scope, name) => {
    const [separator, source] = list(argument, scope, name);
    return text(source, scope, name).split(text(separator, scope, name));
  },
  'Fn::Select': (argument, scope, name) => {
    const [index, items] = list(argument, scope, name);
    const selected = list(items, scope, name)[Number(scope.resolve(index))];
    if (selected === undefined) throw invalid(scope, `${name} has no such item`);
    return scope.resolve(selected);
  },
  'Fn::Sub': (argument, scope, name) => {
    const [template, variables] = typeof argument === 'string' ? [argument, {}] : list(argument, scope, name);
    return substitute(text(template, scope, name), record(variables, scope, name), scope, name);
  },
  'Fn::FindInMap': (argument, scope, name) => {
    const [map = '', key = '', field = ''] = texts(argument, scope, name);
    return scope.mapping(map, key, field);
  },
  'Fn::ImportValue': (argument, scope, name) => scope.importValue(text(argument, scope, name)),
  'Fn::Base64': (argument, scope, name) => Buffer.from(text(argument, scope, name)).toString('base64'),
  // Three zones: enough for every profile, and what most regions have at least.
  'Fn::GetAZs': (argument, scope, name) => {
    const region = text(argument, scope, name);
    return ['a', 'b', 'c'].map((zone) => `${region === '' ? scope.region : region}${zone}`);
  },
  'Fn::If': (argument, scope, name) => {
    const [condition, yes, no] = list(argument, scope, name);
    return scope.resolve(scope.condition(text(condition, scope, name)) ? yes : no);
  },
  Condition: (argument, scope, name) => scope.condition(text(argument, scope, name)),
  'Fn::Equals': (argument, scope, name) => {
    const [left, right] = list(argument, scope, name).map((item) => scope.resolve(item));
    return left === right;
  },
  'Fn::Not': (argument, scope, name) => !truths(argument, scope, name)[0],
  'Fn::And': (argument, scope, name) => truths(argument, scope, name).every(Boolean),
  'Fn::Or': (argument, scope, name) => truths(argument, scope, name).some(Boolean),
};

function substitute(
  template: string,
  variables: Readonly<Record<string, unknown>>,
  scope: Scope,
  name: string,
): string {
  return template.replaceAll(/\$\{(!?)([^}]*)\}/g, (_whole, mark: string, inner: string) => {
    if (mark === '!') return `\${${inner}}`;
    const key = inner.trim();
    if (Object.hasOwn(variables, key)) return text(variables[key], scope, name);
    const [logicalId = '', ...path] = key.split('.');
    return text(path.length > 0 ? scope.attribute(logicalId, path.join('.')) : scope.ref(key), scope, name);
  });
}

export const invalid = (scope: Pick<Scope, 'place'>, fault: string): Problem =>
  new Problem('configuration-invalid', { detail: `${scope.place}: ${fault}.` });

function text(value: unknown, scope: Scope, name: string): string {
  const resolved = scope.resolve(value);
  if (typeof resolved === 'string') return resolved;
  if (typeof resolved === 'number' || typeof resolved === 'boolean') return String(resolved);
  throw invalid(scope, `${name} was given something that is no text`);
}

/** The items, not yet resolved, unless the list itself is the result of a function. */
function list(value: unknown, scope: Scope, name: string): readonly unknown[] {
  const items: unknown = Array.isArray(value) ? value : scope.resolve(value);
  if (!Array.isArray(items)) throw invalid(scope, `${name} was given something that is no list`);
  return items;
}

const texts = (value: unknown, scope: Scope, name: string): readonly string[] =>
  list(value, scope, name)
    .map((item) => scope.resolve(item))
    .filter((item) => item !== NO_VALUE)
    .map((item) => text(item, scope, name));

const truths = (value: unknown, scope: Scope, name: string): readonly boolean[] =>
  list(value, scope, name).map((item) => {
    const truth = scope.resolve(item);
    if (typeof truth !== 'boolean') throw invalid(scope, `${name} was given something that is no condition`);
    return truth;
  });

function record(value: unknown, scope: Scope, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw invalid(scope, `${name} was given something that is no map`);
  return Object.fromEntries(Object.entries(value));
}
