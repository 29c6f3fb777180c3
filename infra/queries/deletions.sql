-- What was deleted, or put on its way there?
-- Objects, versions, items, tables, keys, secrets, logs and the trail since the given day. What the stages delete as they should
-- (seal: uploads; custody: what was discarded) stands last.
-- Parameter 1: the first day, as 2026/11/01
SELECT
  eventtime,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.type) AS principal,
  coalesce(useridentity.sessioncontext.sessionissuer.username, '') IN ({{stages}}) AS by_stage,
  eventname,
  coalesce(
    json_extract_scalar(requestparameters, '$.bucketName'),
    json_extract_scalar(requestparameters, '$.tableName'),
    json_extract_scalar(requestparameters, '$.keyId'),
    json_extract_scalar(requestparameters, '$.secretId'),
    json_extract_scalar(requestparameters, '$.logGroupName'),
    json_extract_scalar(requestparameters, '$.name'),
    element_at(resources, 1).arn
  ) AS target,
  json_extract_scalar(requestparameters, '$.key') AS object_key,
  -- Without one, a delete marker was put on top: the versions are there still.
  json_extract_scalar(requestparameters, '$.versionId') AS version,
  sourceipaddress,
  errorcode
FROM {{trail}}
WHERE day >= ?
  AND (
    (
      eventname LIKE 'Delete%'
      AND eventsource IN (
        'cloudtrail.amazonaws.com', 'dynamodb.amazonaws.com', 'kms.amazonaws.com', 'logs.amazonaws.com',
        's3.amazonaws.com', 'secretsmanager.amazonaws.com'
      )
    )
    OR eventname IN (
      'DisableKey', 'PutBucketLifecycle', 'PutRetentionPolicy', 'ScheduleKeyDeletion', 'StopLogging',
      'UpdateContinuousBackups', 'UpdateTimeToLive'
    )
  )
ORDER BY by_stage, eventtime DESC
