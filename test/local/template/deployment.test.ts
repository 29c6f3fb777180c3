// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub looks like a template
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { assetPath, readDeployment } from '../../../local/template/deployment.ts';
import { writeAssembly } from '../support/assembly.ts';

const bucket = (Properties: object = {}) => ({ Type: 'AWS::S3::Bucket', Properties });

/** The properties of one probe resource, beside a bucket `Data` and a key `Key`. */
function resolve(value: unknown, more: object = {}): unknown {
  const folder = writeAssembly({
    Stack: {
      template: {
        Resources: { Data: bucket(), Key: { Type: 'AWS::KMS::Key' }, Probe: bucket({ value }), ...more },
        Mappings: { Map: { one: { two: 'found' } } },
        Parameters: {
          Given: { Type: 'String', Default: 'parameter' },
          Bare: { Type: 'String' },
          Stored: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/x' },
        },
        Conditions: {
          Yes: { 'Fn::Equals': [{ Ref: 'Given' }, 'parameter'] },
          No: { 'Fn::Not': [{ Condition: 'Yes' }] },
          Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
          Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
          Circular: { 'Fn::Not': [{ Condition: 'Circular' }] },
        },
      },
    },
  });
  return readDeployment(folder).find('AWS::S3::Bucket', 'Probe').properties.value;
}

describe('intrinsic functions', () => {
  it.each([
    [{ Ref: 'Data' }, 'stack-data'],
    [{ Ref: 'Given' }, 'parameter'],
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ 'Fn::GetAtt': ['Data', 'Arn'] }, 'arn:aws:s3:::stack-data'],
    [{ 'Fn::GetAtt': 'Data.RegionalDomainName' }, 'stack-data.s3.us-east-1.amazonaws.com'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::NoValue' }, { Ref: 'Given' }]] }, 'a-parameter'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::Select': [1, ['a', { Ref: 'Data' }]] }, 'stack-data'],
    [
      { 'Fn::Sub': 'x-${Data}-${Data.Arn}-${AWS::Region}-${!Plain}' },
      'x-stack-data-arn:aws:s3:::stack-data-us-east-1-${Plain}',
    ],
    [{ 'Fn::Sub': ['${Name}/${Data}', { Name: { Ref: 'Given' } }] }, 'parameter/stack-data'],
    [{ 'Fn::FindInMap': ['Map', 'one', { 'Fn::Join': ['', ['t', 'wo']] }] }, 'found'],
    [{ 'Fn::If': ['Yes', 'a', { Ref: 'Nowhere' }] }, 'a'],
    [{ 'Fn::If': ['Both', 'a', 'b'] }, 'b'],
    [{ 'Fn::If': ['Either', 'a', 'b'] }, 'a'],
    [{ 'Fn::Base64': 'text' }, 'dGV4dA=='],
    [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
    [{ kept: 1, gone: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } }, { kept: 1 }],
    [
      [1, { Ref: 'AWS::NoValue' }, 2],
      [1, 2],
    ],
    // A policy's Condition is no function.
    [
      { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      { Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ],
  ])('%j gives %j', (value, result) => {
    expect(resolve(value)).toEqual(result);
  });

  it.each([
    [{ 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }, 'Stack/Probe.value: the function Fn::Cidr is not resolved'],
    [{ 'Fn::Join': ['', []], more: 1 }, 'Stack/Probe.value: Fn::Join has members beside it'],
    [{ Ref: 'Nowhere' }, 'there is no resource Nowhere'],
    [{ Ref: 'Stored' }, 'the parameter Stored is one of SSM'],
    [{ Ref: 'Bare' }, 'the parameter Bare has no value'],
    [{ 'Fn::GetAtt': ['Data', 'Colour'] }, 'the type AWS::S3::Bucket has no attribute Colour'],
    [{ Ref: 'Strange' }, 'the unknown type Custom::Strange'],
    [{ Ref: 'Absent' }, 'there is no resource Absent'],
    [{ 'Fn::ImportValue': 'Elsewhere' }, 'no stack exports Elsewhere'],
    [{ 'Fn::FindInMap': ['Map', 'one', 'three'] }, 'the mapping Map has no one.three'],
    [{ 'Fn::If': ['Unknown', 1, 2] }, 'there is no condition Unknown'],
    [{ 'Fn::If': ['Circular', 1, 2] }, 'in a circle'],
    [{ 'Fn::Select': [3, ['a']] }, 'Fn::Select has no such item'],
    [{ 'Fn::Join': ['', [{ a: 1 }]] }, 'Fn::Join was given something that is no text'],
    ['{{resolve:ssm:/x}}', 'a dynamic reference is not resolved'],
  ])('%j is refused by name', (value, fault) => {
    const more = {
      Strange: { Type: 'Custom::Strange' },
      Absent: { Type: 'AWS::S3::Bucket', Condition: 'No' },
    };
    expect(() => resolve(value, more)).toThrow(expect.objectContaining({ code: 'configuration-invalid' }));
    expect(() => resolve(value, more)).toThrow(fault);
  });
});

describe('names', () => {
  const names = (Resources: object) => readDeployment(writeAssembly({ 'My-Stack': { template: { Resources } } }));

  it('are those of the template where it names a resource, and made from stack and logical id where not', () => {
    const deployment = names({ Given: bucket({ BucketName: 'chosen' }), Made: bucket() });
    expect(deployment.resources.map(({ physicalId }) => physicalId)).toEqual(['chosen', 'my-stack-made']);
  });

  it('stay inside the limits of their services, and apart', () => {
    const long = 'L'.repeat(80);
    const deployment = names({ [`${long}1`]: bucket(), [`${long}2`]: bucket() });
    const [one, two] = deployment.resources.map(({ physicalId }) => physicalId);
    expect(one).toMatch(/^my-stack-l+-[0-9a-f]{8}$/);
    expect(one).toHaveLength(63);
    expect(one).not.toBe(two);
  });

  it('are the same each time; ids of keys look like UUIDs', () => {
    const [first, second] = [names({ Key: { Type: 'AWS::KMS::Key' } }), names({ Key: { Type: 'AWS::KMS::Key' } })];
    expect(first.resources).toEqual(second.resources);
    expect(first.resources[0]?.physicalId).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it.each([
    ['AWS::KMS::Alias', { AliasName: 'alias/data' }, 'alias/data', 'arn:aws:kms:us-east-1:000000000000:alias/data'],
    ['AWS::DynamoDB::Table', { TableName: 'runs' }, 'runs', 'arn:aws:dynamodb:us-east-1:000000000000:table/runs'],
    ['AWS::DynamoDB::GlobalTable', {}, 'S-It', 'arn:aws:dynamodb:us-east-1:000000000000:table/S-It'],
    ['AWS::IAM::Role', { RoleName: 'r', Path: '/p/' }, 'r', 'arn:aws:iam::000000000000:role/p/r'],
    ['AWS::IAM::ManagedPolicy', {}, 'arn:aws:iam::000000000000:policy/S-It', 'arn:aws:iam::000000000000:policy/S-It'],
    ['AWS::Lambda::Function', {}, 'S-It', 'arn:aws:lambda:us-east-1:000000000000:function:S-It'],
    [
      'AWS::Lambda::Version',
      { FunctionName: 'f' },
      'arn:aws:lambda:us-east-1:000000000000:function:f:1',
      'arn:aws:lambda:us-east-1:000000000000:function:f:1',
    ],
    [
      'AWS::StepFunctions::StateMachine',
      {},
      'arn:aws:states:us-east-1:000000000000:stateMachine:S-It',
      'arn:aws:states:us-east-1:000000000000:stateMachine:S-It',
    ],
    ['AWS::Events::Rule', {}, 'S-It', 'arn:aws:events:us-east-1:000000000000:rule/S-It'],
    [
      'AWS::SQS::Queue',
      {},
      'https://sqs.us-east-1.amazonaws.com/000000000000/S-It',
      'arn:aws:sqs:us-east-1:000000000000:S-It',
    ],
    ['AWS::SNS::Topic', {}, 'arn:aws:sns:us-east-1:000000000000:S-It', 'arn:aws:sns:us-east-1:000000000000:S-It'],
    ['AWS::Logs::LogGroup', { LogGroupName: '/g' }, '/g', 'arn:aws:logs:us-east-1:000000000000:log-group:/g:*'],
    ['AWS::CloudTrail::Trail', {}, 'S-It', 'arn:aws:cloudtrail:us-east-1:000000000000:trail/S-It'],
  ])('of %s with %j: Ref and ARN', (Type, Properties, ref, arn) => {
    const folder = writeAssembly({ S: { template: { Resources: { It: { Type, Properties } } } } });
    expect(readDeployment(folder).resources[0]).toMatchObject({ physicalId: ref, arn });
  });

  it('of a secret end in six more characters, in Ref and ARN alike', () => {
    const folder = writeAssembly({ S: { template: { Resources: { It: { Type: 'AWS::SecretsManager::Secret' } } } } });
    const [secret] = readDeployment(folder).resources;
    expect(secret?.arn).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:S-It-[0-9a-f]{6}$/);
    expect(secret?.physicalId).toBe(secret?.arn);
  });
});

describe('an assembly', () => {
  const exporting = {
    template: {
      Resources: { Data: bucket() },
      Outputs: { Out: { Value: { Ref: 'Data' }, Export: { Name: { 'Fn::Sub': '${AWS::StackName}:Data' } } } },
    },
    paths: { '/A/Landing/Resource': 'Data' },
  };
  const importing = {
    template: { Resources: { Use: bucket({ from: { 'Fn::ImportValue': 'A:Data' } }) } },
    assets: { 'code.zip': 'asset.code' },
  };

  it('resolves imports across stacks, whichever comes first', () => {
    const deployment = readDeployment(writeAssembly({ B: importing, A: exporting }));
    expect(deployment.find('AWS::S3::Bucket', 'Use').properties).toEqual({ from: 'a-data' });
    expect(deployment.outputs).toEqual({ A: { Out: 'a-data' }, B: {} });
  });

  it('leaves out what its condition excludes', () => {
    const template = {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { There: bucket(), Gone: { ...bucket(), Condition: 'No' } },
    };
    const deployment = readDeployment(writeAssembly({ S: { template } }));
    expect(deployment.resources.map(({ logicalId }) => logicalId)).toEqual(['There']);
  });

  it('refuses two stacks that import from each other in a circle', () => {
    const stack = (mine: string, theirs: string) => ({
      template: {
        Resources: { Data: bucket({ BucketName: { 'Fn::ImportValue': theirs } }) },
        Outputs: { Out: { Value: { Ref: 'Data' }, Export: { Name: mine } } },
      },
    });
    const folder = writeAssembly({ A: stack('a', 'b'), B: stack('b', 'a') });
    expect(() => readDeployment(folder)).toThrow('in a circle');
  });

  it('finds a resource by logical id or by the name of its construct, and nothing else', () => {
    const deployment = readDeployment(writeAssembly({ A: exporting, B: importing }));
    expect(deployment.find('AWS::S3::Bucket', 'Landing').physicalId).toBe('a-data');
    expect(deployment.find('AWS::S3::Bucket', 'Data').physicalId).toBe('a-data');
    expect(() => deployment.find('AWS::S3::Bucket', 'Resource')).toThrow('no AWS::S3::Bucket named Resource');
    expect(() => deployment.find('AWS::KMS::Key', 'Landing')).toThrow('no AWS::KMS::Key');
  });

  it('gives the folder of a function’s code', () => {
    const template = {
      Resources: {
        Fn: { Type: 'AWS::Lambda::Function', Properties: { Code: { S3Bucket: 'b', S3Key: 'code.zip' } } },
        Inline: { Type: 'AWS::Lambda::Function', Properties: { Code: { ZipFile: '' } } },
      },
    };
    const folder = writeAssembly({ S: { template, assets: { 'code.zip': 'asset.code' } } });
    const deployment = readDeployment(folder);
    expect(assetPath(deployment.find('AWS::Lambda::Function', 'Fn'))).toBe(join(folder, 'asset.code'));
    expect(() => assetPath(deployment.find('AWS::Lambda::Function', 'Inline'))).toThrow('S/Inline has no asset');
  });

  it('is of one account and region', () => {
    const template = { Resources: {} };
    const one = { template, environment: 'aws://111122223333/eu-central-1' };
    expect(readDeployment(writeAssembly({ A: one, B: { template } }))).toMatchObject({
      accountId: '111122223333',
      region: 'eu-central-1',
    });
    const other = { template, environment: 'aws://111122223333/eu-west-1' };
    expect(() => readDeployment(writeAssembly({ A: one, B: other }))).toThrow('differ in region');
  });

  it('that is none is refused', () => {
    expect(() => readDeployment('/nowhere')).toThrow('manifest.json of the cloud assembly cannot be read');
  });
});
