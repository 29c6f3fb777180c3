-- Who failed to log in?
-- Log-ins to the console and takings of roles that were refused since the given day, with the second factor that was or was not
-- used. Refused submissions are no log-ins of AWS: the audit log and the metrics have those.
-- Parameter 1: the first day, as 2026/11/01
SELECT
  eventtime,
  eventname,
  coalesce(useridentity.username, useridentity.arn, useridentity.principalid, useridentity.type) AS principal,
  json_extract_scalar(requestparameters, '$.roleArn') AS role_wanted,
  json_extract_scalar(additionaleventdata, '$.MFAUsed') AS second_factor,
  sourceipaddress,
  useragent,
  coalesce(errorcode, errormessage) AS reason
FROM {{trail}}
WHERE day >= ?
  AND (
    (eventname = 'ConsoleLogin' AND json_extract_scalar(responseelements, '$.ConsoleLogin') = 'Failure')
    OR (eventsource = 'signin.amazonaws.com' AND errorcode IS NOT NULL)
    OR (eventname LIKE 'AssumeRole%' AND errorcode IS NOT NULL)
    OR (eventname = 'GetSessionToken' AND errorcode IS NOT NULL)
  )
ORDER BY eventtime DESC
