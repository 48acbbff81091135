/** Which events a trail takes: basic and advanced event selectors, as pure functions over records. */
import type { CloudTrailRecord, RecordedName } from '../../events/api-call.ts';

export interface BasicSelector {
  readonly readWrite: 'All' | 'ReadOnly' | 'WriteOnly';
  readonly management: boolean;
  readonly exclude: readonly string[];
  readonly data: readonly { readonly type: string; readonly values: readonly string[] }[];
}

export type FieldOperator = 'Equals' | 'NotEquals' | 'StartsWith' | 'NotStartsWith' | 'EndsWith' | 'NotEndsWith';

export interface FieldSelector {
  readonly field: string;
  readonly conditions: Readonly<Partial<Record<FieldOperator, readonly string[]>>>;
}

export interface AdvancedSelector {
  readonly name?: string;
  readonly fields: readonly FieldSelector[];
}

export interface Selection {
  readonly selectors?: readonly BasicSelector[];
  readonly advanced?: readonly AdvancedSelector[];
}

/** What a new trail takes: all management events. */
export const defaultSelectors: readonly BasicSelector[] = [
  { readWrite: 'All', management: true, exclude: [], data: [] },
];

/** Whether a trail can take any data event at all: if not, their stream is not read. */
export function wantsData(selection: Selection): boolean {
  if (selection.advanced) {
    return selection.advanced.some((selector) =>
      selector.fields.some((field) => field.field === 'eventCategory' && field.conditions.Equals?.includes('Data')),
    );
  }
  return (selection.selectors ?? defaultSelectors).some((selector) => selector.data.length > 0);
}

/** An event is taken if any selector takes it. */
export function selects(selection: Selection, record: CloudTrailRecord): boolean {
  if (selection.advanced) return selection.advanced.some((selector) => advancedTakes(selector, record));
  return (selection.selectors ?? defaultSelectors).some((selector) => basicTakes(selector, record));
}

function basicTakes(selector: BasicSelector, record: CloudTrailRecord): boolean {
  if (selector.readWrite === 'ReadOnly' && !record.readOnly) return false;
  if (selector.readWrite === 'WriteOnly' && record.readOnly) return false;
  if (record.managementEvent) return selector.management && !selector.exclude.includes(record.eventSource);
  return selector.data.some((resource) =>
    (record.resources ?? []).some(
      (touched) =>
        touched.type === resource.type && resource.values.some((value) => covers(value, arnOf(touched), touched.type)),
    ),
  );
}

/** Of a list, where its keys begin: trails take it that ask for them, or for more. */
const arnOf = (resource: RecordedName): string => resource.ARN ?? resource.ARNPrefix ?? '';

/**
 * A value is an ARN prefix; `arn:aws:s3` (or `arn:aws:s3:::`) means every object of every bucket.
 * @see CloudTrail API Reference, "DataResource"
 */
function covers(value: string, arn: string, type: string): boolean {
  if (value === 'arn:aws:s3' || value === 'arn:aws:s3:::') return type === 'AWS::S3::Object';
  if (value === 'arn:aws:lambda') return type === 'AWS::Lambda::Function';
  return arn.startsWith(value);
}

function advancedTakes(selector: AdvancedSelector, record: CloudTrailRecord): boolean {
  return selector.fields.every((field) => {
    const values = fieldValues(field.field, record);
    return meets(field.conditions, values);
  });
}

/** Positive operators want one value that matches; negative ones want none that does. */
function meets(conditions: FieldSelector['conditions'], values: readonly string[]): boolean {
  for (const operator of Object.keys(conditions) as FieldOperator[]) {
    const wanted = conditions[operator] ?? [];
    const negative = operator.startsWith('Not');
    const matched = values.some((value) => wanted.some((each) => compare(operator, value, each)));
    if (matched === negative) return false;
  }
  return true;
}

function compare(operator: FieldOperator, value: string, wanted: string): boolean {
  switch (operator) {
    case 'Equals':
    case 'NotEquals':
      return value === wanted;
    case 'StartsWith':
    case 'NotStartsWith':
      return value.startsWith(wanted);
    case 'EndsWith':
    case 'NotEndsWith':
      return value.endsWith(wanted);
  }
}

/** An absent field has no values: a positive operator fails on it, a negative one holds. */
function fieldValues(field: string, record: CloudTrailRecord): readonly string[] {
  switch (field) {
    case 'eventCategory':
      return [record.eventCategory];
    case 'readOnly':
      return [String(record.readOnly)];
    case 'eventSource':
      return [record.eventSource];
    case 'eventName':
      return [record.eventName];
    case 'eventType':
      return [record.eventType];
    case 'errorCode':
      return record.errorCode === undefined ? [] : [record.errorCode];
    case 'userIdentity.arn':
      return record.userIdentity.arn === undefined ? [] : [record.userIdentity.arn];
    case 'resources.type':
      // An object's record names its bucket as well; the event is about the object.
      return (record.resources ?? []).slice(0, 1).map((resource) => resource.type);
    case 'resources.ARN':
      return (record.resources ?? []).slice(0, 1).map(arnOf);
    default:
      return [];
  }
}
