import type { DeployedResource, Deployment } from '../../../local/service.ts';

/** What has been created so far, in the words of a template: the services of the embedded cloud are made from such. */
export class Declared implements Deployment {
  // Another account than the templates': what names theirs is wrong here.
  readonly accountId = '210987654321';
  readonly region: string;
  readonly resources: DeployedResource[] = [];

  constructor(region: string) {
    this.region = region;
  }

  ofType(type: string): readonly DeployedResource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  find(type: string, name: string): DeployedResource {
    const found = this.get(type, name);
    if (found === undefined) throw new Error(`no ${type} ${name}`);
    return found;
  }

  get(type: string, name: string): DeployedResource | undefined {
    return this.ofType(type).find(({ physicalId }) => physicalId === name);
  }

  /** Adds it, or replaces the properties that are given. */
  put(type: string, name: string, arn: string, properties: Readonly<Record<string, unknown>>): DeployedResource {
    const before = this.get(type, name);
    const resource: DeployedResource = {
      stack: 'there',
      logicalId: name,
      type,
      physicalId: name,
      arn: before?.arn ?? arn,
      properties: { ...before?.properties, ...properties },
      metadata: {},
    };
    this.remove(type, name);
    this.resources.push(resource);
    return resource;
  }

  remove(type: string, name: string): void {
    const found = this.get(type, name);
    if (found) this.resources.splice(this.resources.indexOf(found), 1);
  }
}
