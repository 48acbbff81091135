/** PutEventSelectors and GetEventSelectors: which events a trail takes. */
import type {
  AdvancedEventSelector,
  EventSelector,
  GetEventSelectorsRequest,
  GetEventSelectorsResponse,
  PutEventSelectorsRequest,
  PutEventSelectorsResponse,
} from '@aws-sdk/client-cloudtrail';
import { operation } from '../../service.ts';
import { findOwnTrail, findTrail, trailCheck } from '../names.ts';
import type { CloudTrailPorts } from '../ports.ts';
import { readAdvanced, readBasic, selectorProblem } from '../selector-rules.ts';
import {
  type AdvancedSelector,
  type BasicSelector,
  defaultSelectors,
  type FieldOperator,
  wantsData,
} from '../selectors.ts';
import { type TrailRow, trailId, trails } from '../state.ts';

export const PutEventSelectors = operation<PutEventSelectorsRequest, PutEventSelectorsResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:PutEventSelectors', input.TrailName as string),
  async handle(input, call) {
    const before = await findOwnTrail(call, input.TrailName as string);
    const { selectors: _basic, advanced: _advanced, dataSince: _since, ...kept } = before;
    const { EventSelectors: basic, AdvancedEventSelectors: advanced } = input;
    if ((basic === undefined) === (advanced === undefined)) {
      throw selectorProblem('Either EventSelectors or AdvancedEventSelectors must be given, not both.');
    }
    const selection =
      advanced === undefined ? { selectors: readBasic(basic ?? []) } : { advanced: readAdvanced(advanced) };
    const row: TrailRow = {
      ...kept,
      ...selection,
      ...(wantsData(selection) && { dataSince: wantsData(before) ? (before.dataSince ?? call.now) : call.now }),
    };
    call.change.put(trails, '', trailId(row.account, row.region, row.name), row);
    return answer(row);
  },
});

export const GetEventSelectors = operation<GetEventSelectorsRequest, GetEventSelectorsResponse, CloudTrailPorts>({
  checks: (input, call) => trailCheck(call, 'cloudtrail:GetEventSelectors', input.TrailName as string),
  async handle(input, call) {
    return answer(await findTrail(call, input.TrailName as string));
  },
});

function answer(row: TrailRow): Omit<GetEventSelectorsResponse, '$metadata'> {
  return row.advanced
    ? { TrailARN: row.arn, AdvancedEventSelectors: row.advanced.map(advancedShape) }
    : { TrailARN: row.arn, EventSelectors: (row.selectors ?? defaultSelectors).map(basicShape) };
}

function basicShape(selector: BasicSelector): EventSelector {
  return {
    ReadWriteType: selector.readWrite,
    IncludeManagementEvents: selector.management,
    DataResources: selector.data.map((resource) => ({ Type: resource.type, Values: [...resource.values] })),
    ExcludeManagementEventSources: [...selector.exclude],
  };
}

function advancedShape(selector: AdvancedSelector): AdvancedEventSelector {
  return {
    ...(selector.name !== undefined && { Name: selector.name }),
    FieldSelectors: selector.fields.map(({ field, conditions }) => ({
      Field: field,
      ...Object.fromEntries(
        (Object.keys(conditions) as FieldOperator[]).map((name) => [name, [...(conditions[name] ?? [])]]),
      ),
    })),
  };
}
