/**
 * The schemas of AWS Support Plans, written by hand in the form that SDK packages carry theirs, as there is no package.
 * Spoken as restJson1, signed for `supportplans`. AWS publishes the actions (service authorization reference, "AWS
 * Support Plans") but no API model: the shapes and paths here are Bailey's.
 */

const namespace = 'com.amazonaws.supportplans';

/** Structure: [3, namespace, name, traits, member names, member schemas, required count]; 0 is a string, 4 a timestamp. */
const SupportPlan$ = [3, namespace, 'SupportPlan', 0, ['SupportLevel', 'UpdatedAt'], [0, 4]];
const GetSupportPlanRequest$ = [3, namespace, 'GetSupportPlanRequest', 0, [], []];
const GetSupportPlanResponse$ = [3, namespace, 'GetSupportPlanResponse', 0, ['SupportPlan'], [() => SupportPlan$]];
const StartSupportPlanUpdateRequest$ = [3, namespace, 'StartSupportPlanUpdateRequest', 0, ['SupportLevel'], [0], 1];
const StartSupportPlanUpdateResponse$ = [
  3,
  namespace,
  'StartSupportPlanUpdateResponse',
  0,
  ['SupportPlan'],
  [() => SupportPlan$],
];

export const GetSupportPlan$ = [
  9,
  namespace,
  'GetSupportPlan',
  { http: ['GET', '/v1/getSupportPlan', 200] },
  () => GetSupportPlanRequest$,
  () => GetSupportPlanResponse$,
];
export const StartSupportPlanUpdate$ = [
  9,
  namespace,
  'StartSupportPlanUpdate',
  { http: ['POST', '/v1/startSupportPlanUpdate', 200] },
  () => StartSupportPlanUpdateRequest$,
  () => StartSupportPlanUpdateResponse$,
];

/** The plans that AWS sells, from what everybody has upwards. */
export const supportLevels = ['BASIC', 'DEVELOPER', 'BUSINESS', 'ENTERPRISE_ON_RAMP', 'ENTERPRISE'] as const;
export type SupportLevel = (typeof supportLevels)[number];

export interface SupportPlan {
  readonly SupportLevel: SupportLevel;
  readonly UpdatedAt?: Date;
}

export interface SupportPlanResponse {
  readonly SupportPlan: SupportPlan;
}

export interface StartSupportPlanUpdateRequest {
  readonly SupportLevel: string;
}
