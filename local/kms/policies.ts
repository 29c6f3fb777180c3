/** What KMS gives a key that its template gives no policy (AWS KMS Developer Guide, "Default key policy"). */
export const defaultPolicy = (accountId: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Enable IAM User Permissions',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: 'kms:*',
      Resource: '*',
    },
  ],
});

/** The policy of an account's key for a service: everybody in the account, through that service only. */
export const managedPolicy = (accountId: string, viaService: string): object => ({
  Version: '2012-10-17',
  Statement: [
    {
      Sid: 'Allow access through the service for all principals in the account that are authorized to use it',
      Effect: 'Allow',
      Principal: { AWS: '*' },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
      Resource: '*',
      Condition: { StringEquals: { 'kms:CallerAccount': accountId, 'kms:ViaService': viaService } },
    },
    {
      Sid: 'Allow direct access to key metadata to the account',
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${accountId}:root` },
      Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
      Resource: '*',
    },
  ],
});
