-- Who used the deployment's keys without being one of its stages?
-- One line per principal, key and operation since the given day. People of the deployment stand here as well; AWS's services
-- that encrypt logs and the trail for themselves do not.
-- Parameter 1: the first day, as 2026/11/01
SELECT
  coalesce(useridentity.sessioncontext.sessionissuer.arn, useridentity.arn, useridentity.invokedby, useridentity.type) AS principal,
  element_at(resources, 1).arn AS key_arn,
  eventname,
  -- Through which service: S3 and DynamoDB open keys in the name of whoever called them.
  useridentity.invokedby AS through,
  count(*) AS uses,
  count(errorcode) AS refusals,
  min(eventtime) AS earliest,
  max(eventtime) AS latest
FROM {{trail}}
WHERE day >= ?
  AND eventsource = 'kms.amazonaws.com'
  AND eventname IN (
    'CreateGrant', 'Decrypt', 'DeriveSharedSecret', 'Encrypt', 'GenerateDataKey', 'GenerateDataKeyPair',
    'GenerateDataKeyPairWithoutPlaintext', 'GenerateDataKeyWithoutPlaintext', 'GenerateMac', 'ReEncrypt', 'Sign'
  )
  AND (element_at(resources, 1).arn IN ({{keys}}) OR element_at(resources, 2).arn IN ({{keys}}))
  AND coalesce(useridentity.type, '') <> 'AWSService'
  AND coalesce(useridentity.sessioncontext.sessionissuer.username, '') NOT IN ({{stages}})
GROUP BY 1, 2, 3, 4
ORDER BY uses DESC, latest DESC
