import { Transient } from '../../../shared/transient.ts';

export type FaultKind = 'before' | 'after';

export interface PortCall {
  /** From 1, over all ports. */
  readonly ordinal: number;
  /** `audit.create` */
  readonly name: string;
}

/** Says whether a call fails: before it has its effect, or after, so that only its answer is lost. */
export type FaultPlan = (call: PortCall) => FaultKind | undefined;

/** Sees every call of every port that it wraps, in order, and fails those that the plan says. */
export class FaultInjector {
  readonly calls: string[] = [];
  plan: FaultPlan = () => undefined;

  wrap<Ports extends object>(ports: Ports): Ports {
    const wrapped = Object.entries(ports).map(([name, port]) => [
      name,
      isPort(port) ? this.#wrapOne(name, port) : port,
    ]);
    return Object.fromEntries(wrapped) as Ports;
  }

  #wrapOne(name: string, port: object): object {
    return new Proxy(port, {
      get: (target, property) => {
        const member: unknown = Reflect.get(target, property, target);
        if (typeof member !== 'function' || typeof property !== 'string') return member;
        const iterates = property === 'stream' || property === 'list';
        return (...given: unknown[]) => {
          const run = (): unknown => Reflect.apply(member, target, given);
          return iterates ? this.#iterate(`${name}.${property}`, run) : this.#call(`${name}.${property}`, run);
        };
      },
    });
  }

  async #call(name: string, run: () => unknown): Promise<unknown> {
    const kind = this.#next(name);
    if (kind === 'before') throw new Transient(name, 'unavailable');
    const result = await run();
    if (kind === 'after') throw new Transient(name, 'timed-out');
    return result;
  }

  async *#iterate(name: string, run: () => unknown): AsyncGenerator<unknown> {
    const kind = this.#next(name);
    if (kind === 'before') throw new Transient(name, 'unavailable');
    yield* run() as AsyncIterable<unknown>;
    if (kind === 'after') throw new Transient(name, 'interrupted');
  }

  #next(name: string): FaultKind | undefined {
    this.calls.push(name);
    return this.plan({ ordinal: this.calls.length, name });
  }
}

/** The ports that go to the outside: what is computed here cannot fail by itself. */
function isPort(port: unknown): port is object {
  if (typeof port !== 'object' || port === null) return false;
  return !('now' in port) && !('remaining' in port);
}
