import type { PeopleStore } from '../../../ports/people/people-store.ts';
import type { Mongo } from '../connection.ts';
import { change, findBody, forgetPerson, putBody } from './change-documents.ts';
import * as coupons from './coupon-documents.ts';
import * as dispatches from './dispatch-documents.ts';
import * as enrolments from './enrolment-documents.ts';
import { listHalfForgotten } from './forgetting.ts';
import * as persons from './person-documents.ts';
import * as records from './record-documents.ts';
import * as said from './said-documents.ts';

type Guard = <T>(work: (mongo: Mongo) => Promise<T>) => Promise<T>;

export function peopleOn(guard: Guard): PeopleStore {
  return {
    addPerson: (person) => guard((mongo) => persons.addPerson(mongo, person)),
    findPerson: (id) => guard(async (mongo) => (await persons.findPersons(mongo, [id]))[0]),
    findPersons: (ids) => guard((mongo) => persons.findPersons(mongo, ids)),
    findPersonByAddress: (key) => guard((mongo) => persons.findPersonByAddress(mongo, key)),
    changePerson: (before, after) => guard((mongo) => persons.changePerson(mongo, before, after)),
    listPeople: (query) => guard((mongo) => persons.listPeople(mongo, query)),
    countPeople: (query) => guard((mongo) => persons.countPeople(mongo, query)),
    forgetPerson: (id) => guard((mongo) => forgetPerson(mongo, id)),
    listHalfForgotten: () => guard(listHalfForgotten),
    listSilent: (since, limit) => guard((mongo) => persons.listSilent(mongo, since, limit)),
    addConsents: (all) => guard((mongo) => said.addConsents(mongo, all)),
    confirmConsent: (id, confirmed) => guard((mongo) => said.confirmConsent(mongo, id, confirmed)),
    findConsent: (id) => guard((mongo) => said.findConsent(mongo, id)),
    listConsents: (person) => guard((mongo) => said.listConsents(mongo, person)),
    addSuppressions: (stops) => guard((mongo) => said.addSuppressions(mongo, stops)),
    removeSuppressions: (stops) => guard((mongo) => said.removeSuppressions(mongo, stops)),
    listSuppressions: (hashes) => guard((mongo) => said.listSuppressions(mongo, hashes)),
    addActs: (acts) => guard((mongo) => said.addActs(mongo, acts)),
    listActs: (query) => guard((mongo) => said.listActs(mongo, query)),
    addEnrolment: (one, entries = []) =>
      guard((mongo) => enrolments.addEnrolment(mongo, one, entries)),
    findEnrolment: (id) => guard((mongo) => enrolments.findEnrolment(mongo, id)),
    listEnrolments: (query) => guard((mongo) => enrolments.listEnrolments(mongo, query)),
    countEnrolments: (sequence) => guard((mongo) => enrolments.countEnrolments(mongo, sequence)),
    findDispatch: (id) => guard((mongo) => dispatches.findDispatch(mongo, id)),
    findDispatchByMessage: (id) => guard((mongo) => dispatches.findDispatchByMessage(mongo, id)),
    listDispatches: (query) => guard((mongo) => dispatches.listDispatches(mongo, query)),
    countDispatches: (sequence) => guard((mongo) => dispatches.countDispatches(mongo, sequence)),
    change: (one) => guard((mongo) => change(mongo, one)),
    reserveCoupon: (one) => guard((mongo) => coupons.reserveCoupon(mongo, one)),
    listCoupons: (person) => guard((mongo) => coupons.listCoupons(mongo, person)),
    listUsedCodes: (file, keys) => guard((mongo) => coupons.listUsedCodes(mongo, file, keys)),
    putBody: (body, links) => guard((mongo) => putBody(mongo, body, links)),
    findBody: (hash) => guard((mongo) => findBody(mongo, hash)),
    listRecords: (page) => guard((mongo) => records.listRecords(mongo, page)),
    addRecords: (kind, all) => guard((mongo) => records.addRecords(mongo, kind, all)),
  };
}
