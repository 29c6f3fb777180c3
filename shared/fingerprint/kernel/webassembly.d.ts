// The part of the WebAssembly JavaScript interface that the kernel needs (W3C WebAssembly JavaScript Interface, section 5).
// @types/node has it only together with the types of a browser.
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBuffer;
    grow(pages: number): number;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  const Module: new (binary: Uint8Array) => Module;
  const Memory: abstract new () => Memory;
  const Instance: new (module: Module) => Instance;
  function validate(binary: Uint8Array): boolean;
}
