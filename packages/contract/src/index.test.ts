import { expect, test } from 'vitest';
import * as contract from './index.js';

test('the package exports these values and no others', () => {
  expect(Object.keys(contract).sort()).toEqual(
    [
      ...[
        'ACTION',
        'CATEGORY',
        'DATA_CLASS',
        'DECISION',
        'ERASURE_REASON',
        'EVENT',
        'EVIDENCE',
        'FORCE',
        'HANDLING',
        'INSTRUMENT',
      ],
      ...['ACCESS', 'ACTOR', 'INSPECTION', 'INSPECT_REASON', 'SYSTEM', 'UNNAMED', 'isActor'],
      ...['ADMINISTRATION', 'isReference', 'isResponsible', 'NO_SIGNOFF', 'readSignoff'],
      ...['ORDER_REASON', 'isOrderReason'],
      ...['ACCURACY', 'AGREEMENT', 'APPROVAL_REASON', 'CLOCK', 'CLOCK_END', 'CLOCK_KIND', 'CLOCK_START'],
      ...['CRIMINALITY', 'DATA_SOUGHT', 'HANDLING_CODE', 'pseudonymiseContent'],
      ...['LEGAL_BASIS', 'MEMBER_TYPE', 'PURPOSE', 'ROLE', 'SCOPE', 'STAGE', 'SUBJECT', 'URGENCY'],
      'SUCCESSION_REASON',
      ...[
        'asCorrected',
        'computeFacts',
        'redactContent',
        'checkFacts',
        'sameFacts',
        'LIMITS',
        'parseSealedContent',
        'schemaToSealUnder',
        'setClocks',
      ],
      ...['isCaseName', 'isEnvelopeId', 'isMemberId', 'nationOf', 'newId', 'drawBytes'],
      ...['crossEmergencySubject', 'crossSubject', 'isForEmergencies'],
      ...['memberOfToken', 'memberToken', 'subjects', 'tokenIn', 'evidenceOfVerdict'],
      ...['REJECTION_TEXTS', 'Rejection', 'rejectionWords', 'sayFault', 'acceptedSchema', 'schemaAt'],
      ...['checkContent', 'parseContent', 'parseSubmission', 'schemaNameOf', 'wire'],
      ...['BATCHING', 'packBatch', 'unpackBatch'],
      ...[
        'UPDATE',
        'USER_TOLD',
        'BLOCK_LAYER',
        'RESULT',
        'SEEN',
        'GROUND',
        'RECALL_GROUND',
        'REVIEW_FINDING',
      ],
      ...['followReferral', 'inOrder', 'possibleUpdates', 'whyNot', 'TRANSITIONS'],
    ].sort(),
  );
});

test('the namespace of frames holds frames, two enumerations and nothing else', () => {
  expect(Object.keys(contract.wire).sort()).toEqual(
    [
      ...[
        'Kind',
        'Profile',
        'appendReply',
        'appendRequest',
        'body',
        'crossing',
        'delivery',
        'directoryBundle',
        'entry',
        'envelope',
        'evidenceFile',
        'evidenceMessage',
      ],
      ...[
        'header',
        'leaf',
        'nationList',
        'nationPart',
        'packBundle',
        'passage',
        'preflightReply',
        'preflightRequest',
        'record',
      ],
      ...['batch', 'signedPart'],
    ].sort(),
  );
});
