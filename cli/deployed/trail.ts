import { DescribeTrailsCommand, GetTrailStatusCommand } from '@aws-sdk/client-cloudtrail';
import type { Finding } from '../posture/row.ts';
import { fail, notChecked, pass } from '../posture/row.ts';
import { ask } from './asked.ts';
import { type Deployed, those } from './deployed.ts';

export async function trailOf(deployed: Deployed): Promise<Finding> {
  const { cloudtrail } = deployed.clients;
  const names = [...those(deployed, 'AWS::CloudTrail::Trail').values()];
  if (names.length === 0) return fail('the stack has no trail');
  const asked = await ask(async () => {
    const { trailList = [] } = await cloudtrail.send(new DescribeTrailsCommand({ trailNameList: names }));
    return Promise.all(
      trailList.map(async (trail) => ({
        trail,
        status: await cloudtrail.send(new GetTrailStatusCommand({ Name: trail.TrailARN })),
      })),
    );
  });
  if (!asked.answered) return notChecked(`CloudTrail gave no answer: ${asked.because}`);
  const wrong = asked.value.flatMap(({ trail, status }) => [
    ...(status.IsLogging === true ? [] : ['it records nothing']),
    ...(trail.IsMultiRegionTrail === true ? [] : ['one region alone']),
    ...(trail.LogFileValidationEnabled === true ? [] : ['files that nothing chains']),
    ...(trail.KmsKeyId === undefined ? ['no key of ours'] : []),
    ...(status.LatestDeliveryError ? [`its last delivery failed: ${status.LatestDeliveryError}`] : []),
  ]);
  if (asked.value.length === 0) return fail('CloudTrail knows no such trail', ...names);
  if (wrong.length > 0) return fail(wrong.join('; '), ...names);
  return pass('CloudTrail says that it records, in all regions, and delivers', 'cloudtrail:GetTrailStatus');
}
