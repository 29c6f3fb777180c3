/**
 * Who exists in a deployment. Roles have fixed names, so that key and bucket policies in the foundation can name the
 * roles of stacks that come after it: a condition on `aws:PrincipalArn` needs no role to exist, where a principal element
 * would (and a reference would make a cycle between the stacks).
 */
import { Aws } from 'aws-cdk-lib';
import { type Actor, CUSTODY, type RotationActor, STAGES, SWEEP_ACTORS, type SweepActor } from '../shared/names.ts';
import { type DeploymentConfiguration, sweeps } from './config.ts';
import type { Person } from './people/matrix.ts';

/** Everything that runs code: the stages in their order, and the custodian. */
export const ACTORS = [...STAGES, CUSTODY] as const satisfies readonly Actor[];

/** The role of the sweep's state machine, which reads the list of partitions. */
export const SWEEP_MACHINE = 'sweep';

/**
 * `ingestion` → `Ingestion`, `sweep-plan` → `SweepPlan`: for logical ids and statements. No two names give the same, as a configuration
 * names what it likes: a hyphen before anything but a letter is `Z0`, and `z` after a hyphen, or first, `ZZ`.
 */
export const capital = (name: string): string =>
  `-${name}`.replaceAll(/-([a-z])?/g, (_, letter: string | undefined) =>
    letter === undefined ? 'Z0' : letter === 'z' ? 'ZZ' : letter.toUpperCase(),
  );

/** Who writes verdicts of sweeps into the audit log. */
export const reporters = (config: Pick<DeploymentConfiguration, 'sweeps'>): readonly SweepActor[] =>
  sweeps(config).length === 0 ? [] : ['sweep-report'];

/** Every function's role that touches data: refused everywhere when it comes from outside the network. */
export const functionRoles = (config: Pick<DeploymentConfiguration, 'sweeps'>): readonly (Actor | SweepActor)[] =>
  sweeps(config).length === 0 ? ACTORS : [...ACTORS, ...SWEEP_ACTORS];

export class Principals {
  readonly #deployment: string;

  constructor(deployment: string) {
    this.#deployment = deployment;
  }

  /** Name of a role, function or state machine of this deployment. */
  name(of: string): string {
    return `parapet-${this.#deployment}-${of}`;
  }

  roleArn(of: Actor | SweepActor | RotationActor | Person | typeof SWEEP_MACHINE): string {
    return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/${this.name(of)}`;
  }

  roleArns(of: readonly Parameters<Principals['roleArn']>[0][]): string[] {
    return of.map((each) => this.roleArn(each));
  }

  /**
   * The account's root user. It may lift every policy in the account, so refusing it where operators read would refuse
   * nothing, and only move its reading behind a policy change; the vault and the working bucket refuse it all the same.
   */
  get root(): string {
    return `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:root`;
  }
}
