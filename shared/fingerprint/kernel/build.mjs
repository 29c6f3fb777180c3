/**
 * Compiles the kernel's AssemblyScript source into `artefact.ts`: the module as base64, so that a bundle carries it and nothing
 * reads a file at run time. The compiler is pinned in package.json; the same source gives the same bytes.
 *
 *   node shared/fingerprint/kernel/build.mjs           writes the artefact
 *   node shared/fingerprint/kernel/build.mjs --check   exits with 1 when the artefact is not what the source gives
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const folder = import.meta.dirname;
const artefact = join(folder, 'artefact.ts');
const OPTIONS = [
  ['--optimizeLevel', '3'],
  ['--shrinkLevel', '0'],
  ['--enable', 'simd'],
  // The kernel allocates nothing and aborts nowhere: no collector, no runtime, no import.
  ['--runtime', 'stub'],
  ['--noAssert'],
  ['--use', 'abort='],
  ['--initialMemory', '1'],
  // v128 values pass between the kernel's own functions only.
  ['--disableWarning', '112'],
].flat();

/** @returns {Promise<Uint8Array>} the compiled module */
async function compile() {
  let binary;
  const { error, stderr } = await asc.main(['index.ts', '--outFile', 'kernel.wasm', ...OPTIONS], {
    readFile: (name) => readSource(name),
    writeFile: (_name, content) => {
      binary = content;
    },
    listFiles: () => [],
  });
  const said = stderr.toString();
  if (error || said !== '' || !(binary instanceof Uint8Array)) throw new Error(`The kernel does not compile. ${said}`);
  return binary;
}

function readSource(name) {
  try {
    return readFileSync(join(folder, 'assembly', name), 'utf8');
  } catch {
    return null;
  }
}

const base64 = Buffer.from(await compile()).toString('base64');
const text = `// Made from assembly/ by build.mjs; a test compiles it again and compares.
export const KERNEL_BASE64 =
  '${base64}';
`;

if (!process.argv.includes('--check')) {
  writeFileSync(artefact, text);
} else if (readFileSync(artefact, 'utf8') !== text) {
  console.error('artefact.ts is not what assembly/ compiles to: run `npm run kernel`.');
  process.exitCode = 1;
}
