import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explain } from '../../cli/perimeter/explain.ts';
import { type Proof, prove } from '../../cli/perimeter/proof.ts';
import { describeCase } from '../../cli/perimeter/question.ts';
import { htmlReport } from '../../cli/perimeter/report/html.ts';
import { machineReport } from '../../cli/perimeter/report/machine.ts';
import { countLines, matrixLines, partyLines, surpriseLines } from '../../cli/perimeter/report/text.ts';
import { synthesize } from '../../infra/app.ts';
import { createAuthorizer } from '../../local/iam/authorizer.ts';
import { readNetwork } from '../../local/iam/network/network.ts';
import { readRoles } from '../../local/iam/roles.ts';
import { parapet } from '../cli/run.ts';
import { fixtureEntries } from '../infra/templates.ts';
import { CONFIGURATIONS, deploy } from './deployments.ts';

const config = CONFIGURATIONS.sandbox;
if (config === undefined) throw new Error('no configuration');
const deployment = deploy(config);
let proof: Proof;
beforeAll(() => {
  proof = prove(deployment, config);
});

describe('the matrix as text', () => {
  it('has a column for every role of ours and says who may', () => {
    const lines = matrixLines(proof);
    expect(lines[0]).toBe('  ┌ ingestion');
    const at = lines.indexOf('vault/segments/RUN/000000.json');
    expect(lines[at + 1]).toMatch(/^ {2}· · · ● ·[ ·]* s3:GetObject$/);
    expect(lines[at + 2]).toMatch(/^ {2}● · · · ·[ ·]* s3:PutObject s3:PutObjectTagging$/);
  });

  it('counts, and names surprises', () => {
    expect(countLines(proof)[0]).toMatch(/^\d+ parties, \d+ targets, [12],\d{3},\d{3} cases$/);
    expect(surpriseLines(proof)).toEqual(['every case is as the tables say']);
    expect(
      surpriseLines({ ...proof, surprises: [{ what: 'x: y on z', view: 'deployed', actual: 'allowed' }] }),
    ).toEqual(['one surprise', '  allowed against the tables: x: y on z']);
  });

  it('tells what one party may do', () => {
    const custodian = proof.world.parties.get('custody');
    if (!custodian) throw new Error('no custodian');
    expect(partyLines(proof, custodian)).toContain(
      '  quarantine/records/ingestion/RUN/000000.json: s3:GetObject s3:DeleteObjectVersion',
    );
  });
});

describe('the matrix as JSON', () => {
  it('lists what is allowed, by party and target', () => {
    const report = machineReport(proof);
    expect(report.allowed.egress?.['vault/segments/RUN/000000.json']).toEqual(['s3:GetObject']);
    expect(report.allowed.stranger).toEqual({});
    expect(report.surprises).toEqual([]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });
});

describe('the matrix as a page', () => {
  it('needs nothing from anywhere, and its script and data are whole', () => {
    const page = htmlReport(proof);
    expect(page).not.toMatch(/(?:src|href)\s*=|@import|url\(/);
    expect(page).toContain("default-src 'none'");
    const [, data = '', script = ''] =
      /<script type="application\/json" id="data">(.*?)<\/script>\s*<script>(.*?)<\/script>/s.exec(page) ?? [];
    expect(() => new Script(script)).not.toThrow();
    const { rows, patterns, parties, texts } = JSON.parse(data);
    const [view, target, action, , pattern] = rows[0];
    expect(view).toBe(0);
    expect(texts[target]).toBe('landing');
    expect(texts[action]).toMatch(/^s3:/);
    expect(patterns[pattern]).toHaveLength(parties.length);
  });

  it('cannot be broken out of by a name', () => {
    const hostile = { ...proof, gaps: ['</script><script>alert(1)</script>'] };
    expect(htmlReport(hostile)).not.toContain('</script><script>alert');
  });
});

describe('why', () => {
  it('names the statement that refuses', () => {
    const [asItShouldBe] = explain(proof, 'administrator', 's3:GetObject', 'vault/segments/RUN/000000.json');
    expect(asItShouldBe).toMatchObject({ allowed: false, statements: ['VaultBucket DenyUnnamedPrincipals'] });
  });

  it('knows what nobody asks', () => {
    expect(() => explain(proof, 'administrator', 's3:GetObject', 'nowhere')).toThrow(/Nobody asks/);
  });
});

describe('the simulation', () => {
  it('decides as the embedded cloud does, which enforces the same policies on every call', () => {
    const roles = readRoles(deployment);
    const network = readNetwork(deployment);
    const authorizer = createAuthorizer({ deployment, roles, network, clock: { now: () => Date.UTC(2026, 10, 1) } });
    const questions = proof.answers.filter(
      ({ question }) =>
        question.view === 'deployed' && question.party.role !== undefined && question.target.kind !== 'trust',
    );
    const differing: string[] = [];
    let compared = 0;
    // Every 7th question: the parties come in long rows, and 7 divides none of them.
    for (let index = 0; index < questions.length; index += 7) {
      const question = questions[index]?.question;
      if (question === undefined) continue;
      const { party, target, actions, context, deviation } = question;
      const endpoint = context.get('aws:sourcevpce');
      const way =
        endpoint === undefined
          ? {}
          : { 'aws:SourceVpc': context.get('aws:sourcevpc') ?? '', 'aws:SourceVpce': endpoint };
      const keys = Object.keys({ ...target.context, ...deviation?.context });
      const own = Object.fromEntries(keys.map((key) => [key, context.get(key.toLowerCase())]));
      const asked = Object.fromEntries(
        Object.entries({ ...own, 'kms:CallerAccount': deployment.accountId }).flatMap(([key, value]) =>
          value === undefined ? [] : [[key, value] as const],
        ),
      );
      for (const action of actions) {
        const request = {
          action,
          resource: target.arn,
          context: { ...asked, ...(target.forwarded ? { 'aws:ViaAWSService': 'true' } : {}) },
          resourceAccount: target.account,
          ...(target.policy === undefined && target.ours ? {} : { resourcePolicy: target.policy?.document ?? OPEN }),
        };
        const caller = { ...party.caller, context: { ...party.caller.context, ...way } };
        const decided = authorizer.decide(caller, request).decision === 'allow';
        if (decided !== proof.evaluator.allows(question, action)) differing.push(describeCase(question, action));
        compared += 1;
      }
    }
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(20_000);
  });
});

const OPEN = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: '*', Action: '*', Resource: '*' }],
};

describe('parapet perimeter', { timeout: 90_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'parapet-page-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('refuses a question about nobody with 4', async () => {
    const assembly = join(folder, 'cdk.out');
    synthesize({ config, outdir: assembly, entries: fixtureEntries });
    const { code, err } = await parapet('perimeter', '--assembly', assembly, '--who', 'mallory');
    expect(code).toBe(4);
    expect(err).toContain('There is no party mallory');
  });
});
