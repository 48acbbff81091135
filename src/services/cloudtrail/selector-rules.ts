/** Reads event selectors as callers send them, and refuses those that CloudTrail would. */
import type { AdvancedEventSelector, EventSelector } from '@aws-sdk/client-cloudtrail';
import { AwsError } from '../service.ts';
import type { AdvancedSelector, BasicSelector, FieldOperator, FieldSelector } from './selectors.ts';

const basicLimit = 5;
const dataValueLimit = 250;
const advancedValueLimit = 500;
/** Types whose events this instance records. */
const basicTypes: ReadonlySet<string> = new Set(['AWS::S3::Object', 'AWS::Lambda::Function', 'AWS::DynamoDB::Table']);
/** The sources that basic selectors may leave out. */
const excludable: ReadonlySet<string> = new Set(['kms.amazonaws.com', 'rdsdata.amazonaws.com']);
const operators: readonly FieldOperator[] = [
  'Equals',
  'NotEquals',
  'StartsWith',
  'NotStartsWith',
  'EndsWith',
  'NotEndsWith',
];
/** Fields of management and of data events (API Reference, "AdvancedFieldSelector"). */
const managementFields: ReadonlySet<string> = new Set(['eventCategory', 'eventSource', 'readOnly']);
const dataFields: ReadonlySet<string> = new Set([
  'eventCategory',
  'eventName',
  'eventSource',
  'eventType',
  'readOnly',
  'resources.ARN',
  'resources.type',
  'userIdentity.arn',
]);

export function selectorProblem(problem: string): AwsError {
  return new AwsError('InvalidEventSelectorsException', problem);
}

/** @throws AwsError InvalidEventSelectorsException */
export function readBasic(given: readonly EventSelector[]): readonly BasicSelector[] {
  if (given.length === 0 || given.length > basicLimit) {
    throw selectorProblem(`A trail has 1 to ${basicLimit} event selectors.`);
  }
  const selectors = given.map(basic);
  const values = selectors.flatMap((selector) => selector.data.flatMap((resource) => resource.values));
  if (values.length > dataValueLimit) throw selectorProblem(`A trail has ${dataValueLimit} data resources at most.`);
  return selectors;
}

function basic(given: EventSelector): BasicSelector {
  const readWrite = given.ReadWriteType ?? 'All';
  if (readWrite !== 'All' && readWrite !== 'ReadOnly' && readWrite !== 'WriteOnly') {
    throw selectorProblem('ReadWriteType must be All, ReadOnly or WriteOnly.');
  }
  const exclude = given.ExcludeManagementEventSources ?? [];
  for (const source of exclude) if (!excludable.has(source)) throw selectorProblem(`${source} cannot be left out.`);
  const data = (given.DataResources ?? []).map((resource) => {
    const type = resource.Type ?? '';
    if (!basicTypes.has(type)) throw selectorProblem(`${type} is not a type of data resource.`);
    const values = resource.Values ?? [];
    for (const value of values) {
      if (!value.startsWith('arn:aws:')) throw selectorProblem(`Value ${value} for DataResources.Values is invalid.`);
    }
    return { type, values: [...values] };
  });
  return { readWrite, management: given.IncludeManagementEvents ?? true, exclude: [...exclude], data };
}

/** @throws AwsError InvalidEventSelectorsException */
export function readAdvanced(given: readonly AdvancedEventSelector[]): readonly AdvancedSelector[] {
  if (given.length === 0) throw selectorProblem('At least one advanced event selector must be given.');
  let count = 0;
  const selectors = given.map((selector) => {
    const fields = (selector.FieldSelectors ?? []).map((field): FieldSelector => {
      const conditions: Partial<Record<FieldOperator, readonly string[]>> = {};
      for (const operator of operators) {
        const values = field[operator];
        if (values === undefined) continue;
        if (values.length === 0) throw selectorProblem(`Field ${field.Field} has an empty list for ${operator}.`);
        conditions[operator] = [...values];
        count += values.length;
      }
      if (Object.keys(conditions).length === 0) throw selectorProblem(`Field ${field.Field} has no operator.`);
      return { field: field.Field ?? '', conditions };
    });
    checkFields(fields);
    return selector.Name === undefined ? { fields } : { name: selector.Name, fields };
  });
  if (count > advancedValueLimit) throw selectorProblem(`A trail has ${advancedValueLimit} values at most.`);
  return selectors;
}

function checkFields(fields: readonly FieldSelector[]): void {
  const names = fields.map((field) => field.field);
  if (new Set(names).size !== names.length) throw selectorProblem('A field selector names one field twice.');
  const category = only(fields, 'eventCategory');
  if (category !== 'Management' && category !== 'Data') {
    throw selectorProblem('The field eventCategory must be given once, equal to Management or Data.');
  }
  const known = category === 'Data' ? dataFields : managementFields;
  for (const name of names) {
    if (!known.has(name)) throw selectorProblem(`The field ${name} cannot be used with ${category} events.`);
  }
  if (category === 'Data' && only(fields, 'resources.type') === undefined) {
    throw selectorProblem('The field resources.type must be given once for Data events, with Equals.');
  }
  const readOnly = fields.find((field) => field.field === 'readOnly');
  if (readOnly && !['true', 'false'].includes(only(fields, 'readOnly') ?? '')) {
    throw selectorProblem('The field readOnly must equal true or false.');
  }
}

/** The value of a field that has one value, by Equals alone. */
function only(fields: readonly FieldSelector[], name: string): string | undefined {
  const conditions = fields.find((field) => field.field === name)?.conditions;
  if (!conditions || Object.keys(conditions).length !== 1 || conditions.Equals?.length !== 1) return undefined;
  return conditions.Equals[0];
}
