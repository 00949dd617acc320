import { describe, inject } from 'vitest';
import { alarmContract } from './alarm-contract.ts';
import { makeAlarmPlace } from './kit.ts';

const uri = inject('mongoUri');

describe.skipIf(!uri)(
  'on MongoDB (skipped where there is none: set MONGODB_TEST_URI, or install mongod, or Java 17 and Maven)',
  () => {
    alarmContract(() => makeAlarmPlace(uri));
  },
);
