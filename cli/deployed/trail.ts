import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import type { Finding } from '../posture/row.ts';
import { fail, notChecked, pass } from '../posture/row.ts';
import { ask } from './asked.ts';
import { type Deployed, those } from './deployed.ts';

export async function trailOf(deployed: Deployed): Promise<Finding> {
  const { cloudtrail } = deployed.clients;
  const names = [...those(deployed, 'AWS::CloudTrail::Trail').values()];
  if (names.length === 0) return fail('the stack has no trail');
  const [name] = names;
  const asked = await ask(() => cloudtrail.send(new GetTrailStatusCommand({ Name: name })));
  if (!asked.answered) return notChecked(`CloudTrail gave no answer: ${asked.because}`);
  const { IsLogging, LatestDeliveryError } = asked.value;
  // Whoever may not list trails (the auditor) still learns whether this one records: its form is the templates'.
  const described = await ask(() => cloudtrail.send(new DescribeTrailsCommand({ trailNameList: names })));
  const [trail] = described.answered ? (described.value.trailList ?? []) : [];
  if (described.answered && trail === undefined) return fail('CloudTrail knows no such trail', ...names);
  const wrong = [
    ...(IsLogging === true ? [] : ['it records nothing']),
    ...(LatestDeliveryError ? [`its last delivery failed: ${LatestDeliveryError}`] : []),
    ...(trail === undefined || trail.IsMultiRegionTrail === true ? [] : ['one region alone']),
    ...(trail === undefined || trail.LogFileValidationEnabled === true ? [] : ['files that nothing chains']),
    ...(trail === undefined || trail.KmsKeyId !== undefined ? [] : ['no key of ours']),
  ];
  if (wrong.length > 0) return fail(wrong.join('; '), ...names);
  const form = trail === undefined ? '' : ', in all regions, under a key of ours';
  return pass(`CloudTrail says that it records and delivers${form}`, 'cloudtrail:GetTrailStatus');
}
