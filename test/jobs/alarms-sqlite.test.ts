import { alarmContract } from './alarm-contract.ts';
import { makeAlarmPlace } from './kit.ts';

alarmContract(() => makeAlarmPlace());
