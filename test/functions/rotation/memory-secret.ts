/** A secret in memory that stages versions as Secrets Manager does. */
import { CURRENT, PENDING, type RotatingSecret } from '../../../functions/rotation/protocol/rotation.ts';

export class MemoryRotatingSecret implements RotatingSecret {
  rotates = true;
  readonly values = new Map<string, string>();
  readonly stages = new Map<string, string>();

  constructor(text: string) {
    this.values.set('first', text);
    this.stages.set(CURRENT, 'first');
  }

  get current(): string {
    return this.values.get(this.stages.get(CURRENT) ?? '') ?? '';
  }

  /** What Secrets Manager does before the first step. */
  begin(version: string): void {
    this.stages.set(PENDING, version);
  }

  async describe(): ReturnType<RotatingSecret['describe']> {
    const versions = new Map<string, string[]>();
    for (const [stage, version] of this.stages) versions.set(version, [...(versions.get(version) ?? []), stage]);
    return { rotates: this.rotates, stages: versions };
  }

  async read({ stage, version }: Parameters<RotatingSecret['read']>[0]): Promise<string | undefined> {
    const found = this.stages.get(stage);
    return found === undefined || (version !== undefined && version !== found) ? undefined : this.values.get(found);
  }

  async putPending(version: string, text: string): Promise<void> {
    const known = this.values.get(version);
    if (known !== undefined && known !== text) throw new Error('another value under the same token');
    this.values.set(version, text);
  }

  async dropPending(version: string): Promise<void> {
    if (this.stages.get(PENDING) === version) this.stages.delete(PENDING);
  }

  async makeCurrent(version: string, from: string): Promise<void> {
    if (this.stages.get(CURRENT) !== from) throw new Error('another version is current');
    this.stages.set('AWSPREVIOUS', from);
    this.stages.set(CURRENT, version);
  }
}
