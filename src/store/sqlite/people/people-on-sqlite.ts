import type { Sqlite } from '../../../io/sqlite.ts';
import type { PeopleStore } from '../../../ports/people/people-store.ts';
import { change, findBody, putBodyAndLinks } from './change-rows.ts';
import * as coupons from './coupon-rows.ts';
import * as dispatches from './dispatch-rows.ts';
import * as enrolments from './enrolment-rows.ts';
import * as persons from './person-rows.ts';
import { listPeople } from './people-search.ts';
import * as records from './record-rows.ts';
import * as said from './said-rows.ts';

type Guard = <T>(work: () => T | Promise<T>) => Promise<T>;

export function peopleOn(sqlite: Sqlite, guard: Guard): PeopleStore {
  return {
    addPerson: (person) => guard(() => persons.addPerson(sqlite, person)),
    findPerson: (id) => guard(() => persons.findPerson(sqlite, id)),
    findPersons: (ids) => guard(() => persons.findPersons(sqlite, ids)),
    findPersonByAddress: (key) => guard(() => persons.findPersonByAddress(sqlite, key)),
    changePerson: (before, after) => guard(() => persons.changePerson(sqlite, before, after)),
    listPeople: (query) => guard(() => listPeople(sqlite, query)),
    countPeople: (query) => guard(() => persons.countPeople(sqlite, query)),
    forgetPerson: (id) => guard(() => persons.forgetPerson(sqlite, id)),
    // One transaction is never half.
    listHalfForgotten: async () => [],
    listSilent: (since, limit) => guard(() => persons.listSilent(sqlite, since, limit)),
    addConsents: (all) => guard(() => said.addConsents(sqlite, all)),
    confirmConsent: (id, confirmed) => guard(() => said.confirmConsent(sqlite, id, confirmed)),
    findConsent: (id) => guard(() => said.findConsent(sqlite, id)),
    listConsents: (person) => guard(() => said.listConsents(sqlite, person)),
    addSuppressions: (stops) => guard(() => said.addSuppressions(sqlite, stops)),
    removeSuppressions: (stops) => guard(() => said.removeSuppressions(sqlite, stops)),
    listSuppressions: (hashes) => guard(() => said.listSuppressions(sqlite, hashes)),
    addActs: (acts) => guard(() => said.addActs(sqlite, acts)),
    listActs: (query) => guard(() => said.listActs(sqlite, query)),
    addEnrolment: (one, entries = []) => guard(() => enrolments.addEnrolment(sqlite, one, entries)),
    findEnrolment: (id) => guard(() => enrolments.findEnrolment(sqlite, id)),
    listEnrolments: (query) => guard(() => enrolments.listEnrolments(sqlite, query)),
    countEnrolments: (sequence) => guard(() => enrolments.countEnrolments(sqlite, sequence)),
    findDispatch: (id) => guard(() => dispatches.findDispatch(sqlite, id)),
    findDispatchByMessage: (id) => guard(() => dispatches.findDispatchByMessage(sqlite, id)),
    listDispatches: (query) => guard(() => dispatches.listDispatches(sqlite, query)),
    countDispatches: (sequence) => guard(() => dispatches.countDispatches(sqlite, sequence)),
    change: (one) => guard(() => change(sqlite, one)),
    reserveCoupon: (one) => guard(() => coupons.reserveCoupon(sqlite, one)),
    listCoupons: (person) => guard(() => coupons.listCoupons(sqlite, person)),
    listUsedCodes: (file, keys) => guard(() => coupons.listUsedCodes(sqlite, file, keys)),
    putBody: (body, links = []) => guard(() => putBodyAndLinks(sqlite, body, links)),
    findBody: (hash) => guard(() => findBody(sqlite, hash)),
    listRecords: (page) => guard(() => records.listRecords(sqlite, page)),
    addRecords: (kind, all) => guard(() => records.addRecords(sqlite, kind, all)),
  };
}
