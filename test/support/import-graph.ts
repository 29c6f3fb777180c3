import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, posix, relative, sep } from 'node:path';

/** One module of the project: its path from the root (with `/`), its imports and its length. */
export interface Module {
  readonly path: string;
  /** Project files that it imports, from the root. Type-only imports count as well: they are knowledge, too. */
  readonly internal: readonly string[];
  /** Packages and node: builtins, without sub-paths of packages (`zod/mini` → `zod`). */
  readonly external: readonly string[];
  readonly lines: number;
}

const ROOMS = ['infra', 'functions', 'shared', 'local', 'cli', 'rules'];
// Static imports and re-exports, side-effect imports, and dynamic imports of a literal.
const IMPORT =
  /(?:^|\n)\s*(?:import|export)\b[^'";]*?\bfrom\s*'([^']+)'|(?:^|\n)\s*import\s*'([^']+)'|\bimport\(\s*'([^']+)'\s*\)/g;

export function importGraph(root: string): readonly Module[] {
  return ROOMS.flatMap((room) => typescriptFiles(join(root, room))).map((file) => readModule(root, file));
}

function typescriptFiles(folder: string): string[] {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.includes('node_modules'))
    .map((name) => join(folder, name));
}

function readModule(root: string, file: string): Module {
  const path = relative(root, file).split(sep).join('/');
  const text = readFileSync(file, 'utf8');
  const internal: string[] = [];
  const external: string[] = [];
  for (const match of text.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    if (target.startsWith('.')) internal.push(posix.normalize(posix.join(posix.dirname(path), target)));
    else external.push(target.startsWith('node:') ? target : packageOf(target));
  }
  return { path, internal, external, lines: text.split('\n').length };
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Import cycles, each as the list of files in it, found by Tarjan's strongly connected components. */
export function cycles(modules: readonly Module[]): readonly (readonly string[])[] {
  const byPath = new Map(modules.map((module) => [module.path, module]));
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const found: string[][] = [];

  const visit = (path: string): number => {
    const order = index.size;
    index.set(path, order);
    let lowest = order;
    stack.push(path);
    for (const next of byPath.get(path)?.internal ?? []) {
      if (!byPath.has(next)) continue;
      if (!index.has(next)) lowest = Math.min(lowest, visit(next));
      else if (stack.includes(next)) lowest = Math.min(lowest, low.get(next) ?? index.get(next) ?? lowest);
    }
    low.set(path, lowest);
    if (lowest === order) {
      const component = stack.splice(stack.indexOf(path));
      if (component.length > 1 || byPath.get(path)?.internal.includes(path)) found.push(component.toSorted());
    }
    return lowest;
  };
  for (const module of modules) if (!index.has(module.path)) visit(module.path);
  return found;
}
