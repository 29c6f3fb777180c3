/**
 * The controls of requirement B20, and what in the product answers each: the resource that does it, by its logical id in the
 * templates, and the requirements whose tests prove it. Nothing here says that a control is met: the tests do.
 */

export interface Claim {
  /** Names the claim in UUIDs: never changed. */
  readonly id: string;
  readonly says: string;
  /** Logical ids. */
  readonly resources: readonly string[];
  /** Ids of docs/requirements.json. The claim holds when each has passing tests and none that fails. */
  readonly requirements: readonly string[];
}

export interface Control {
  /** An OSCAL token: begins with a letter. */
  readonly id: string;
  readonly title: string;
  readonly claims: readonly Claim[];
}

export interface Framework {
  readonly id: string;
  readonly title: string;
  /** Its catalog in OSCAL, where its publisher has one; otherwise the document is named in the back matter. */
  readonly catalog?: string;
  readonly citation: string;
  readonly controls: readonly Control[];
}

const STAGE_ROLES = ['IngestionRole', 'ReconciliationRole', 'ProcessingRole', 'EgressRole', 'SealRole', 'CustodyRole'];
const STAGE_KEYS = ['LandingKey', 'IngestionKey', 'ReconciliationKey', 'ProcessingKey', 'VaultKey', 'QuarantineKey'];
const PEOPLE = [
  ...['UploaderRole', 'OperatorRole', 'StewardRole', 'InvestigatorRole', 'AnalystRole', 'DataEngineerRole'],
  ...['MlEngineerRole', 'AuditorRole', 'AdminRole', 'BreakGlassRole'],
];

const ISOLATION: Claim = {
  id: 'isolation',
  says: 'Every stage has a role, a security group and keys of its own, under a permission boundary; what it may reach of others’ data is nothing.',
  resources: [...STAGE_ROLES, ...STAGE_KEYS, 'StageBoundary'],
  requirements: ['B19', 'S03'],
};
const NETWORK: Claim = {
  id: 'network',
  says: 'Functions stand in subnets without a way out; endpoints admit this account’s principals on this account’s resources alone.',
  resources: ['Vpc', 'S3Endpoint', 'DynamoDbEndpoint', 'KmsEndpoint', 'SecretsManagerEndpoint'],
  requirements: ['S01', 'T02'],
};
const PEOPLE_ROLES: Claim = {
  id: 'roles-of-people',
  says: 'People take roles by least privilege, with a second factor; the duties of uploading, operating, signing and investigating are apart.',
  resources: PEOPLE,
  requirements: ['P04'],
};
const RESOLUTION: Claim = {
  id: 'resolution',
  says: 'Personal fields travel as tokens; egress alone may open the vault in which their values lie.',
  resources: ['VaultKey', 'VaultBucket', 'EgressRole'],
  requirements: ['B04', 'B22', 'P10'],
};
const AT_REST: Claim = {
  id: 'at-rest',
  says: 'Buckets and tables are encrypted under keys of ours, one per purpose.',
  resources: ['VaultBucket', 'ExportsBucket', 'AuditBucket', 'RunsTable', 'TablesKey'],
  requirements: ['P06', 'P07'],
};
const ROTATION: Claim = {
  id: 'rotation',
  says: 'Secrets are made by Secrets Manager, read at run time, and rotated by a function of ours; tokens that were made before keep resolving.',
  resources: ['TokenSalts', 'SaltRotationFunction', 'SaltRotationRole'],
  requirements: ['P01', 'P02'],
};
const TRAIL: Claim = {
  id: 'trail',
  says: 'A trail over all regions records who did what, with data events of the flow, and answers an investigator’s questions by saved queries.',
  resources: ['Trail', 'TrailBucket', 'TrailTable', 'InvestigationWorkGroup'],
  requirements: ['P11', 'P12'],
};
const ENTRIES: Claim = {
  id: 'entries',
  says: 'Every attempt leaves an entry: who, what, when, from where, with which outcome.',
  resources: ['AuditBucket'],
  requirements: ['B05', 'P13'],
};
const SEAL: Claim = {
  id: 'seal',
  says: 'A run’s entries end in a Merkle root signed by a key in KMS; the seal verifies without us.',
  resources: ['SealSigningKey', 'SealFunction', 'AuditBucket'],
  requirements: ['B13', 'B16'],
};
const LOCK: Claim = {
  id: 'lock',
  says: 'Entries, seals and the trail lie under Object Lock for as long as the regime asks, and are written once.',
  resources: ['AuditBucket', 'TrailBucket', 'AuditKey', 'TrailKey'],
  requirements: ['B05', 'P14'],
};
const ALARMS: Claim = {
  id: 'alarms',
  says: 'Failures, denied access, failed log-ins, changed permissions and a stopped trail ring, each with its heading of the runbook.',
  resources: [
    'AlarmTopic',
    'AccessDeniedAlarm',
    'FailedLogInsAlarm',
    'PermissionsChangedAlarm',
    'TrailChangedAlarm',
    'SubmissionFailedAlarm',
  ],
  requirements: ['P22', 'P24'],
};

export const FRAMEWORKS: readonly Framework[] = [
  {
    id: 'soc2',
    title: 'SOC 2 (Trust Services Criteria 2017, revised points of focus 2022)',
    citation: 'AICPA, TSP Section 100: 2017 Trust Services Criteria',
    controls: [
      {
        id: 'cc6.1',
        title: 'Logical access security over protected information assets',
        claims: [
          ISOLATION,
          NETWORK,
          AT_REST,
          ROTATION,
          {
            id: 'credential',
            says: 'An upload is judged by its signed token before its payload is opened.',
            resources: ['IngestionFunction', 'IssuersTable', 'CredentialsTable'],
            requirements: ['B01'],
          },
        ],
      },
      {
        id: 'cc6.3',
        title: 'Access by roles, least privilege and segregation of duties',
        claims: [PEOPLE_ROLES, RESOLUTION, ISOLATION],
      },
      { id: 'cc7.2', title: 'Monitoring of components for anomalies', claims: [ALARMS, TRAIL] },
    ],
  },
  {
    id: 'nist-800-53',
    title: 'NIST SP 800-53 Rev. 5',
    catalog:
      'https://raw.githubusercontent.com/usnistgov/oscal-content/main/nist.gov/SP800-53/rev5/json/NIST_SP-800-53_rev5_catalog.json',
    citation: 'NIST Special Publication 800-53 Revision 5',
    controls: [
      {
        id: 'ac-3',
        title: 'Access enforcement',
        claims: [
          ISOLATION,
          NETWORK,
          RESOLUTION,
          {
            id: 'ledger',
            says: 'Reconciliation reads the ledger and cannot write it.',
            resources: ['ReconciliationRole', 'LedgerTable'],
            requirements: ['B08'],
          },
        ],
      },
      { id: 'au-9', title: 'Protection of audit information', claims: [LOCK, SEAL] },
      {
        id: 'si-12',
        title: 'Information management and retention',
        claims: [
          LOCK,
          {
            id: 'shredding',
            says: 'Past its retention a record class is shredded by its subject keys, with a proof.',
            resources: ['SubjectKeysTable', 'VaultBucket'],
            requirements: ['B18', 'P16'],
          },
        ],
      },
    ],
  },
  {
    id: 'pci-dss',
    title: 'PCI DSS 4.0',
    citation: 'PCI Security Standards Council, PCI DSS v4.0, requirement 7',
    controls: [
      { id: 'req-7', title: 'Restrict access by business need to know', claims: [PEOPLE_ROLES, ISOLATION, RESOLUTION] },
    ],
  },
  {
    id: 'iso-27001',
    title: 'ISO/IEC 27001:2013, Annex A',
    citation: 'ISO/IEC 27001:2013, A.12.1.3 (A.8.6 in the edition of 2022)',
    controls: [
      {
        id: 'a.12.1.3',
        title: 'Capacity management',
        claims: [
          {
            id: 'scale',
            says: 'Capacity is on demand; work fans out over functions; what is throttled is retried, and rings.',
            resources: ['RunsTable', 'SubmissionStateMachine', 'SealLateAlarm'],
            requirements: ['S19', 'S20'],
          },
          {
            id: 'bounded',
            says: 'A stage reads in streams: its memory does not grow with its input.',
            resources: ['IngestionFunction'],
            requirements: ['S05', 'B06'],
          },
        ],
      },
    ],
  },
  {
    id: 'hipaa',
    title: 'HIPAA Security Rule, technical safeguards',
    citation: '45 CFR 164.312',
    controls: [
      { id: 's164.312.a', title: 'Access control', claims: [PEOPLE_ROLES, ISOLATION, RESOLUTION] },
      { id: 's164.312.b', title: 'Audit controls', claims: [ENTRIES, TRAIL] },
      { id: 's164.312.c', title: 'Integrity', claims: [SEAL, LOCK] },
      {
        id: 's164.312.d',
        title: 'Person or entity authentication',
        claims: [
          PEOPLE_ROLES,
          {
            id: 'submitter',
            says: 'A submitter is who a registered issuer has signed for.',
            resources: ['IssuersTable', 'IngestionFunction'],
            requirements: ['B01'],
          },
        ],
      },
      {
        id: 's164.312.e',
        title: 'Transmission security',
        claims: [
          {
            id: 'transport',
            says: 'Buckets, tables and databases refuse what is not TLS, and certificates are verified.',
            resources: ['LandingBucket', 'RunsTable'],
            requirements: ['T02', 'P08', 'P09'],
          },
        ],
      },
    ],
  },
  {
    id: 'gdpr',
    title: 'GDPR',
    citation: 'Regulation (EU) 2016/679, article 5(1)(f)',
    controls: [
      {
        id: 'art-5.1.f',
        title: 'Integrity and confidentiality',
        claims: [
          RESOLUTION,
          AT_REST,
          SEAL,
          {
            id: 'traces',
            says: 'Personal data stands in no log, and is cleared from memory and disk after use.',
            resources: ['IngestionLogGroup', 'IngestionFunction'],
            requirements: ['B14', 'S16'],
          },
        ],
      },
    ],
  },
];
