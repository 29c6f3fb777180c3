/**
 * The kernel as the program sees it: one instance, its memory, and its functions by name. Addresses are byte offsets into that
 * memory; who instantiates a kernel allocates all of it.
 */
import { KERNEL_BASE64 } from './artefact.ts';

type Call = (...parameters: number[]) => number;

/** The exports of assembly/index.ts; their docstrings are there. */
type CallName =
  | 'base'
  | 'hashRows'
  | 'addDigests'
  | 'makeItems'
  | 'insertItems'
  | 'mergeCells'
  | 'subtractCells'
  | 'peelCells'
  | 'insertStrata'
  | 'mergeStrata'
  | 'takeMessages'
  | 'writeTuples';

const PAGE_BYTES = 65_536;
/** Every allocation starts on a cache line. */
const ALIGNMENT = 64;

export class Kernel {
  readonly call: Readonly<Record<CallName, Call>>;
  readonly #memory: WebAssembly.Memory;
  #next: number;

  constructor(module: WebAssembly.Module) {
    const { exports } = new WebAssembly.Instance(module);
    const { memory } = exports;
    if (!(memory instanceof WebAssembly.Memory)) throw new TypeError('The kernel exports no memory.');
    this.#memory = memory;
    this.call = {
      base: callOf(exports, 'base'),
      hashRows: callOf(exports, 'hashRows'),
      addDigests: callOf(exports, 'addDigests'),
      makeItems: callOf(exports, 'makeItems'),
      insertItems: callOf(exports, 'insertItems'),
      mergeCells: callOf(exports, 'mergeCells'),
      subtractCells: callOf(exports, 'subtractCells'),
      peelCells: callOf(exports, 'peelCells'),
      insertStrata: callOf(exports, 'insertStrata'),
      mergeStrata: callOf(exports, 'mergeStrata'),
      takeMessages: callOf(exports, 'takeMessages'),
      writeTuples: callOf(exports, 'writeTuples'),
    };
    this.#next = this.call.base();
  }

  /** Address of `bytes` fresh zero bytes, never given back. Views taken before are detached when the memory had to grow. */
  allocate(bytes: number): number {
    const address = Math.ceil(this.#next / ALIGNMENT) * ALIGNMENT;
    this.#next = address + bytes;
    const missing = this.#next - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
    return address;
  }

  /** A view, good until the next allocation. */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#memory.buffer, address, length);
  }

  words(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.#memory.buffer, address, length);
  }

  store(address: number, bytes: Uint8Array): void {
    this.bytes(address, bytes.length).set(bytes);
  }

  /** Copies within the memory; the two places may overlap. */
  move(from: number, to: number, length: number): void {
    if (length > 0) new Uint8Array(this.#memory.buffer).copyWithin(to, from, from + length);
  }

  /** Gives the kernel back, all its memory zero: whoever asks for one next gets it. Nothing that lies in it may be used any more. */
  free(): void {
    const base = this.call.base();
    this.bytes(base, this.#next - base).fill(0);
    this.#next = base;
    if (idle.length < MAXIMUM_IDLE) idle.push(this);
  }
}

function callOf(exports: Readonly<Record<string, unknown>>, name: CallName): Call {
  const called = exports[name];
  if (typeof called !== 'function') throw new TypeError(`The kernel does not export ${name}.`);
  return (...parameters) => Number(called(...parameters));
}

/**
 * Kernels whose work is done. A thread hashes one partition after the other, and a memory that holds a sketch is large: collecting one
 * and growing the next costs more than clearing it.
 */
const idle: Kernel[] = [];
const MAXIMUM_IDLE = 2;

let compiled: WebAssembly.Module | undefined;

/**
 * A kernel with nothing in its memory; undefined where WebAssembly or its SIMD is missing (then @noble/hashes does the work, more slowly and with the
 * same results).
 */
export function instantiateKernel(): Kernel | undefined {
  const used = idle.pop();
  if (used !== undefined) return used;
  if (typeof WebAssembly === 'undefined') return undefined;
  const binary = Buffer.from(KERNEL_BASE64, 'base64');
  if (compiled === undefined) {
    if (!WebAssembly.validate(binary)) return undefined;
    compiled = new WebAssembly.Module(binary);
  }
  return new Kernel(compiled);
}
