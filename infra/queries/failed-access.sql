-- Who was refused, what, and how often?
-- One line per principal, operation and error since the given day, the most often refused first.
-- Parameter 1: the first day, as 2026/11/01
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.type) AS principal,
  eventsource,
  eventname,
  errorcode,
  count(*) AS refusals,
  count(DISTINCT sourceipaddress) AS addresses,
  min(eventtime) AS earliest,
  max(eventtime) AS latest
FROM {{trail}}
WHERE day >= ?
  AND (
    errorcode LIKE '%AccessDenied%'
    OR errorcode LIKE '%Unauthorized%'
    OR errorcode IN ('Forbidden', 'InvalidAccessKeyId', 'SignatureDoesNotMatch', 'VpceAccessDenied')
  )
GROUP BY 1, 2, 3, 4
ORDER BY refusals DESC, latest DESC
