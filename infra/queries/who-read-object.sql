-- Who read this object in the last 30 days?
-- Every successful or refused read of any version, copies out of it included, newest first. Needs the data events of the bucket.
-- Parameter 1: the bucket's name
-- Parameter 2: the object's key
WITH reading AS (
  SELECT
    *,
    CASE
      WHEN eventname IN ('CopyObject', 'UploadPartCopy') THEN
        -- A copy is an event of its destination, which names the source as the header did: encoded, perhaps with a version.
        url_decode(
          split_part(
            regexp_replace(json_extract_scalar(requestparameters, '$["x-amz-copy-source"]'), '^/', ''), '?', 1
          )
        )
      ELSE json_extract_scalar(requestparameters, '$.bucketName')
        || '/' || json_extract_scalar(requestparameters, '$.key')
    END AS object_read
  FROM {{trail}}
  WHERE day >= date_format(current_date - INTERVAL '30' DAY, '%Y/%m/%d')
    AND eventsource = 's3.amazonaws.com'
    AND eventname IN (
      'CopyObject', 'GetObject', 'GetObjectAttributes', 'GetObjectTorrent', 'HeadObject', 'RestoreObject',
      'SelectObjectContent', 'UploadPartCopy'
    )
)
SELECT
  eventtime,
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.type) AS principal,
  useridentity.arn AS session,
  eventname,
  json_extract_scalar(requestparameters, '$.versionId') AS version,
  sourceipaddress,
  vpcendpointid,
  errorcode
FROM reading
WHERE object_read = ? || '/' || ?
ORDER BY eventtime DESC
