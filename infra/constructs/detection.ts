/**
 * AWS's own detectors, where nobody else has turned them on: an account and region has one of each, and in an organisation the
 * security account keeps them. A second would fail the deployment: both are off unless the configuration asks.
 */
import * as guardduty from 'aws-cdk-lib/aws-guardduty';
import * as securityhub from 'aws-cdk-lib/aws-securityhub';
import type { Construct } from 'constructs';
import type { DeploymentConfiguration } from '../config.ts';
import { pin } from './pinned.ts';

export function detection(scope: Construct, { guardDuty, securityHub }: DeploymentConfiguration['detection']): void {
  if (guardDuty) {
    const detector = new guardduty.CfnDetector(scope, 'Detector', {
      enable: true,
      findingPublishingFrequency: 'FIFTEEN_MINUTES',
      features: ['S3_DATA_EVENTS', 'LAMBDA_NETWORK_LOGS'].map((name) => ({ name, status: 'ENABLED' })),
    });
    pin(detector, 'ThreatDetector');
  }
  if (securityHub) {
    const hub = new securityhub.CfnHub(scope, 'Hub', {
      enableDefaultStandards: true,
      autoEnableControls: true,
      controlFindingGenerator: 'SECURITY_CONTROL',
    });
    pin(hub, 'SecurityHub');
  }
}
