import type { AssemblyStack, TemplateResource } from './assembly.ts';
import { INTRINSICS, invalid, NO_VALUE, type Scope } from './intrinsics.ts';
import { RESOURCE_TYPES } from './types/index.ts';
import type { ResourceType, Subject } from './types/type.ts';

/** Where the stacks are taken to be deployed. */
export interface Environment {
  readonly accountId: string;
  readonly region: string;
  readonly partition: string;
}

export interface Resolver {
  /** Whether the resource exists: its condition, if it has one, holds. */
  exists(stack: AssemblyStack, logicalId: string): boolean;
  /** What `Ref` gives. Also for types that are not known, which nothing may refer to. */
  physicalId(stack: AssemblyStack, logicalId: string): string;
  /** Empty where the type has none. */
  arn(stack: AssemblyStack, logicalId: string): string;
  properties(stack: AssemblyStack, logicalId: string): Readonly<Record<string, unknown>>;
  /** Values of the stack's outputs. */
  outputs(stack: AssemblyStack): Readonly<Record<string, unknown>>;
}

/** Resolves lazily and remembers, so that stacks may refer to each other in any order; a circle is refused. */
export function createResolver(stacks: readonly AssemblyStack[], environment: Environment): Resolver {
  const known = new Map<string, unknown>();
  const open = new Set<string>();
  const once = <T>(key: string, place: string, compute: () => T): T => {
    if (known.has(key)) return known.get(key) as T;
    if (open.has(key)) throw invalid({ place }, 'refers to itself in a circle');
    open.add(key);
    try {
      const value = compute();
      known.set(key, value);
      return value;
    } finally {
      open.delete(key);
    }
  };

  const resource = (stack: AssemblyStack, logicalId: string, place: string): TemplateResource => {
    const found = stack.template.Resources[logicalId];
    if (found === undefined || !exists(stack, logicalId)) throw invalid({ place }, `there is no resource ${logicalId}`);
    return found;
  };
  const typeOf = (stack: AssemblyStack, logicalId: string, place: string): [ResourceType, Subject] => {
    const { Type: name } = resource(stack, logicalId, place);
    const type = RESOURCE_TYPES[name];
    if (type === undefined) throw invalid({ place }, `a reference to ${logicalId} of the unknown type ${name}`);
    return [type, subject(stack, logicalId)];
  };
  const subject = (stack: AssemblyStack, logicalId: string): Subject => ({
    stack: stack.name,
    logicalId,
    type: stack.template.Resources[logicalId]?.Type ?? '',
    ...environment,
    property: (name) => property(stack, logicalId, name),
  });
  const property = (stack: AssemblyStack, logicalId: string, name: string): unknown =>
    once(`property ${stack.name} ${logicalId} ${name}`, `${stack.name}/${logicalId}`, () => {
      const place = `${stack.name}/${logicalId}.${name}`;
      const value = resolveIn(stack, stack.template.Resources[logicalId]?.Properties[name], place);
      return value === NO_VALUE ? undefined : value;
    });

  const exists = (stack: AssemblyStack, logicalId: string): boolean => {
    const condition = stack.template.Resources[logicalId]?.Condition;
    return condition === undefined || conditionOf(stack, condition, `${stack.name}/${logicalId}`);
  };
  const conditionOf = (stack: AssemblyStack, name: string, place: string): boolean =>
    once(`condition ${stack.name} ${name}`, place, () => {
      if (!Object.hasOwn(stack.template.Conditions, name)) throw invalid({ place }, `there is no condition ${name}`);
      const value = resolveIn(stack, stack.template.Conditions[name], `${stack.name}, condition ${name}`);
      if (typeof value !== 'boolean') throw invalid({ place }, `the condition ${name} is neither true nor false`);
      return value;
    });

  const pseudo = (stack: AssemblyStack): Readonly<Record<string, unknown>> => ({
    'AWS::AccountId': environment.accountId,
    'AWS::Region': environment.region,
    'AWS::Partition': environment.partition,
    'AWS::URLSuffix': 'amazonaws.com',
    'AWS::StackName': stack.name,
    'AWS::StackId': `arn:${environment.partition}:cloudformation:${environment.region}:${environment.accountId}:stack/${stack.name}/local`,
    'AWS::NotificationARNs': [],
    'AWS::NoValue': NO_VALUE,
  });
  const ref = (stack: AssemblyStack, name: string, place: string): unknown => {
    const parameters = pseudo(stack);
    if (Object.hasOwn(parameters, name)) return parameters[name];
    const parameter = stack.template.Parameters[name];
    if (parameter !== undefined) {
      if (parameter.Type.startsWith('AWS::SSM::')) throw invalid({ place }, `the parameter ${name} is one of SSM`);
      if (parameter.Default === undefined) throw invalid({ place }, `the parameter ${name} has no value`);
      return parameter.Default;
    }
    const [type, self] = typeOf(stack, name, place);
    return type.ref(self);
  };
  const attribute = (stack: AssemblyStack, logicalId: string, name: string, place: string): unknown => {
    const [type, self] = typeOf(stack, logicalId, place);
    const compute = type.attributes?.[name] ?? (name === 'Arn' ? type.arn : undefined);
    if (compute === undefined) throw invalid({ place }, `the type ${self.type} has no attribute ${name}`);
    return compute(self);
  };

  const exports = (): ReadonlyMap<string, () => unknown> =>
    once('exports', 'exports', () => {
      const all = stacks.flatMap((stack) =>
        Object.entries(stack.template.Outputs)
          .filter(([, output]) => output.Export !== undefined && outputExists(stack, output.Condition))
          .map(([name, output]): [string, () => unknown] => {
            const place = `${stack.name}, output ${name}`;
            const exported = resolveIn(stack, output.Export?.Name, place);
            return [
              String(exported),
              () => once(`export ${String(exported)}`, place, () => resolveIn(stack, output.Value, place)),
            ];
          }),
      );
      return new Map(all);
    });
  const outputExists = (stack: AssemblyStack, condition: string | undefined): boolean =>
    condition === undefined || conditionOf(stack, condition, stack.name);

  const resolveIn = (stack: AssemblyStack, value: unknown, place: string): unknown => {
    const scope: Scope = {
      place,
      region: environment.region,
      resolve: (nested) => resolve(nested, scope),
      ref: (name) => ref(stack, name, place),
      attribute: (logicalId, name) => attribute(stack, logicalId, name, place),
      condition: (name) => conditionOf(stack, name, place),
      importValue: (name) => {
        const exported = exports().get(name);
        if (exported === undefined) throw invalid({ place }, `no stack exports ${name}`);
        return exported();
      },
      mapping: (map, key, field) => {
        const found = stack.template.Mappings[map]?.[key]?.[field];
        if (found === undefined) throw invalid({ place }, `the mapping ${map} has no ${key}.${field}`);
        return found;
      },
    };
    return scope.resolve(value);
  };

  return {
    exists,
    physicalId: (stack, logicalId) => {
      const type = RESOURCE_TYPES[stack.template.Resources[logicalId]?.Type ?? ''];
      return type === undefined ? `${stack.name}-${logicalId}` : type.ref(subject(stack, logicalId));
    },
    arn: (stack, logicalId) =>
      RESOURCE_TYPES[stack.template.Resources[logicalId]?.Type ?? '']?.arn?.(subject(stack, logicalId)) ?? '',
    properties: (stack, logicalId) =>
      Object.fromEntries(
        Object.keys(resource(stack, logicalId, stack.name).Properties)
          .map((name) => [name, property(stack, logicalId, name)] as const)
          .filter(([, value]) => value !== undefined),
      ),
    outputs: (stack) =>
      Object.fromEntries(
        Object.entries(stack.template.Outputs)
          .filter(([, output]) => outputExists(stack, output.Condition))
          .map(([name, output]) => [name, resolveIn(stack, output.Value, `${stack.name}, output ${name}`)]),
      ),
  };
}

function resolve(value: unknown, scope: Scope): unknown {
  if (typeof value === 'string') {
    if (value.includes('{{resolve:')) throw invalid(scope, 'a dynamic reference is not resolved');
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  const isCall = (name: string): boolean => name === 'Ref' || name === 'Condition' || name.startsWith('Fn::');
  if (only !== undefined && entries.length === 1 && isCall(only[0])) {
    const [name, argument] = only;
    // `Condition` is a function only inside conditions, where its argument is a name; a policy's holds an object.
    if (name !== 'Condition' || typeof argument === 'string') {
      const intrinsic = INTRINSICS[name];
      if (intrinsic === undefined) throw invalid(scope, `the function ${name} is not resolved`);
      return intrinsic(argument, scope, name);
    }
  }
  const stray = entries.find(([name]) => name.startsWith('Fn::'));
  if (stray !== undefined) throw invalid(scope, `${stray[0]} has members beside it`);
  return Object.fromEntries(
    entries.map(([name, item]) => [name, resolve(item, scope)] as const).filter(([, item]) => item !== NO_VALUE),
  );
}
