-- What did this role or user do?
-- One line per operation and target of the named principal since the given day: where to start when credentials have leaked.
-- Parameter 1: the first day, as 2026/11/01
-- Parameter 2: the ARN of the role or user
SELECT
  eventsource,
  eventname,
  coalesce(
    json_extract_scalar(requestparameters, '$.bucketName'),
    json_extract_scalar(requestparameters, '$.tableName'),
    element_at(resources, 1).arn
  ) AS target,
  sourceipaddress,
  useridentity.accesskeyid AS access_key,
  count(*) AS calls,
  count(errorcode) AS refusals,
  min(eventtime) AS earliest,
  max(eventtime) AS latest
FROM {{trail}}
WHERE day >= ?
  AND coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn) = ?
GROUP BY 1, 2, 3, 4, 5
ORDER BY latest DESC
