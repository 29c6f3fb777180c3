import variant from '@jitl/quickjs-singlefile-mjs-release-sync';
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSHandle,
  type QuickJSRuntime,
  type QuickJSWASMModule,
} from 'quickjs-emscripten-core';

export interface SandboxLimits {
  readonly memoryBytes: number;
  readonly stackBytes: number;
  /** For one batch, loading included. */
  readonly batchMs: number;
}

export const SANDBOX_LIMITS: SandboxLimits = {
  memoryBytes: 128 * 1024 * 1024,
  stackBytes: 128 * 1024,
  batchMs: 5_000,
};

/** Why a pack gave no answer; what it said is not told, as it may quote a record. */
export type SandboxFault = 'deadline' | 'memory' | 'threw' | 'answer';

export class SandboxFailure extends Error {
  override readonly name = 'SandboxFailure';
  readonly fault: SandboxFault;
  constructor(fault: SandboxFault) {
    super(fault);
    this.fault = fault;
  }
}

/**
 * What a pack would not answer twice alike is taken away before it runs: chance, and objects that tell when the collector
 * ran. `Date` and promises are never put in (`INTRINSICS`).
 */
const DETERMINISM = `
delete Math.random; delete globalThis.WeakRef; delete globalThis.FinalizationRegistry;
delete globalThis.performance; delete globalThis.eval;
`;

const INTRINSICS = {
  BaseObjects: true,
  Date: false,
  // evalCode needs it; the global \`eval\` is deleted.
  Eval: true,
  StringNormalize: true,
  RegExp: true,
  RegExpCompiler: true,
  JSON: true,
  Proxy: false,
  MapSet: true,
  TypedArrays: false,
  Promise: true,
  BigInt: true,
} as const;

/**
 * One pack in a QuickJS virtual machine of its own (requirement B11): no I/O, no clock, no chance, bounded memory, stack and
 * time. The machine holds nothing of this process, and nothing of another pack.
 */
export class Sandbox implements Disposable {
  readonly #runtime: QuickJSRuntime;
  readonly #context: QuickJSContext;
  readonly #judge: QuickJSHandle;
  readonly #limits: SandboxLimits;
  readonly #now: () => number;
  #until = Number.POSITIVE_INFINITY;

  private constructor(module: QuickJSWASMModule, code: string, limits: SandboxLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#runtime = module.newRuntime({ memoryLimitBytes: limits.memoryBytes, maxStackSizeBytes: limits.stackBytes });
    this.#runtime.setInterruptHandler(() => this.#now() > this.#until);
    this.#context = this.#runtime.newContext({ intrinsics: INTRINSICS });
    try {
      this.#judge = this.#load(code);
    } catch (error) {
      quietly(() => this.#context.dispose());
      quietly(() => this.#runtime.dispose());
      throw error;
    }
  }

  /** Throws SandboxFailure when the pack does not load, or exports no \`judge\`. */
  static async open(code: string, limits: SandboxLimits, now: () => number): Promise<Sandbox> {
    // A machine of its own, not only a context: a fault inside WebAssembly must not reach the next pack.
    return new Sandbox(await newQuickJSWASMModuleFromVariant(variant), code, limits, now);
  }

  /** Calls \`judge\` with two JSON texts; resolves with the JSON text of what it returned. Throws SandboxFailure. */
  judge(batch: string, configuration: string): string {
    return this.#bounded(() => {
      const context = this.#context;
      const first = context.newString(batch);
      const second = context.newString(configuration);
      const answer = context.callFunction(this.#judge, context.undefined, first, second);
      first.dispose();
      second.dispose();
      if (answer.error) throw this.#fault(answer.error);
      const text = context.typeof(answer.value) === 'string' ? context.getString(answer.value) : undefined;
      answer.value.dispose();
      if (text === undefined) throw new SandboxFailure('answer');
      return text;
    });
  }

  [Symbol.dispose](): void {
    quietly(() => this.#judge.dispose());
    quietly(() => this.#context.dispose());
    quietly(() => this.#runtime.dispose());
  }

  #load(code: string): QuickJSHandle {
    return this.#bounded(() => {
      const context = this.#context;
      const prepared = context.evalCode(DETERMINISM, 'sandbox.js', { type: 'global' });
      if (prepared.error) throw this.#fault(prepared.error);
      prepared.value.dispose();
      const loaded = context.evalCode(code, 'pack.js', { type: 'module' });
      if (loaded.error) throw this.#fault(loaded.error);
      const judge = context.getProp(loaded.value, 'judge');
      loaded.value.dispose();
      const callable = context.typeof(judge) === 'function';
      context.setProp(context.global, 'judge', judge);
      judge.dispose();
      if (!callable) throw new SandboxFailure('answer');
      const bridge = context.evalCode(BRIDGE, 'bridge.js', { type: 'global' });
      if (bridge.error) throw this.#fault(bridge.error);
      return bridge.value;
    });
  }

  #bounded<Result>(run: () => Result): Result {
    this.#until = this.#now() + this.#limits.batchMs;
    try {
      return run();
    } catch (error) {
      // What is no answer of the engine is a fault inside it: its stack, its memory, an assertion.
      throw error instanceof SandboxFailure ? error : new SandboxFailure('threw');
    } finally {
      this.#until = Number.POSITIVE_INFINITY;
    }
  }

  #fault(error: QuickJSHandle): SandboxFailure {
    const overdue = this.#now() > this.#until;
    const message = this.#context.getProp(error, 'message');
    const text = this.#context.typeof(message) === 'string' ? this.#context.getString(message) : '';
    message.dispose();
    error.dispose();
    if (overdue || text === 'interrupted') return new SandboxFailure('deadline');
    return new SandboxFailure(text === 'out of memory' ? 'memory' : 'threw');
  }
}

/** A machine that a fault has left in pieces cannot be taken apart in order; the collector takes it whole. */
function quietly(dispose: () => void): void {
  try {
    dispose();
  } catch {
    // Nothing is left to do with it.
  }
}

/** JSON in, JSON out; takes \`judge\` off the global object again, so that packs cannot meet there. */
const BRIDGE = `
(() => {
  const judge = globalThis.judge; delete globalThis.judge;
  const { parse, stringify } = JSON;
  return (batch, configuration) => stringify(judge(parse(batch), parse(configuration)));
})()
`;
