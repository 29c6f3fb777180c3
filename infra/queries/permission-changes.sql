-- Who changed who may do what?
-- Policies of roles, buckets, keys, tables, secrets, queues, topics, functions and endpoints, grants, security groups, and what
-- the trail records, since the given day. A deployment comes through CloudFormation; what does not is worth a question.
-- Parameter 1: the first day, as 2026/11/01
SELECT
  eventtime,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.type) AS principal,
  coalesce(useridentity.invokedby, sourceipaddress) = 'cloudformation.amazonaws.com' AS by_deployment,
  eventsource,
  eventname,
  coalesce(
    json_extract_scalar(requestparameters, '$.roleName'),
    json_extract_scalar(requestparameters, '$.policyArn'),
    json_extract_scalar(requestparameters, '$.bucketName'),
    json_extract_scalar(requestparameters, '$.keyId'),
    json_extract_scalar(requestparameters, '$.resourceArn'),
    json_extract_scalar(requestparameters, '$.secretId'),
    json_extract_scalar(requestparameters, '$.functionName'),
    json_extract_scalar(requestparameters, '$.name'),
    element_at(resources, 1).arn
  ) AS target,
  errorcode
FROM {{trail}}
WHERE day >= ?
  AND (
    eventname LIKE 'Attach%Policy'
    OR eventname LIKE 'Detach%Policy'
    OR eventname LIKE 'Put%Policy'
    OR eventname LIKE 'Delete%Policy'
    OR eventname LIKE '%PolicyVersion'
    OR eventname LIKE '%PermissionsBoundary'
    OR eventname LIKE '%PublicAccessBlock'
    OR eventname LIKE '%SecurityGroupIngress'
    OR eventname LIKE '%SecurityGroupEgress'
    OR eventname LIKE 'AddPermission%'
    OR eventname LIKE 'RemovePermission%'
    OR eventname IN (
      'CreateAccessKey', 'CreateGrant', 'CreateRole', 'CreateUser', 'DeleteTrail', 'ModifyVpcEndpoint', 'PutBucketAcl',
      'PutEventSelectors', 'PutObjectAcl', 'PutObjectLockConfiguration', 'PutObjectRetention', 'RevokeGrant',
      'SetQueueAttributes', 'SetTopicAttributes', 'StopLogging', 'UpdateAssumeRolePolicy', 'UpdateTrail'
    )
  )
ORDER BY by_deployment, eventtime DESC
