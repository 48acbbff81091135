/** Explain: why a call was allowed or denied, from what the gateway wrote down when it decided. */
import { type CloudTrailRecord, readStoredCall, type StoredCall } from '../../../events/api-call.ts';
import { AwsError, type Call, operation } from '../../service.ts';
import { explanationText, type StoredReason } from '../explanation-text.ts';
import type { BaileyPorts } from '../ports.ts';
import type { ExplainInput, ExplainOutput } from '../schema.ts';

/** How many of the newest calls an error text is looked for in. */
const searched = 5_000;
/** Layers that lie on the side of the resource: all that its owner may see of an outsider's call. */
const resourceLayers: ReadonlySet<string> = new Set(['resource', 'trust', 'key', 'rcp', 'endpoint']);

export const Explain = operation<ExplainInput, ExplainOutput, BaileyPorts>({
  checks: (_input, call) => [
    {
      action: 'bailey:Explain',
      resource: {
        arn: `arn:aws:bailey:${call.scope.region}:${call.caller.account}:call/*`,
        account: call.caller.account,
      },
    },
  ],
  async handle(input, call, ports) {
    const stored = input.RequestId
      ? await byRequestId(input.RequestId, call, ports)
      : await byMessage(input.Message ?? '', call, ports);
    if (!stored) {
      throw new AwsError(
        'ResourceNotFoundException',
        'No call of this account is on record under that. Give the request id (x-amzn-requestid), or the whole error text.',
      );
    }
    const reasons = (stored.why ?? []) as readonly StoredReason[];
    const { record } = stored;
    return {
      RequestId: record.requestID ?? record.eventID,
      Explanation: JSON.stringify({ record, reasons }),
      Text: explanationText(record, reasons),
    };
  },
});

async function byRequestId(id: string, call: Call, ports: BaileyPorts): Promise<StoredCall | undefined> {
  const found = await ports.findCall(id.trim());
  if (!found) return undefined;
  const stored = readStoredCall(found.body);
  const { account } = call.caller;
  if (found.account === account) return stored;
  const reasons = (stored.why ?? []) as readonly StoredReason[];
  const owned = reasons.filter((reason) => reason.account === account);
  if (owned.length === 0) return undefined;
  const isAllOurs = owned.length === reasons.length;
  return { record: outsidersRecord(stored.record, isAllOurs), why: owned.map(outsidersReason) };
}

/** What the owner of a resource may know of a call that somebody else made: as in the copy that its own trail has. */
function outsidersRecord(record: CloudTrailRecord, isAllOurs: boolean): CloudTrailRecord {
  const { type, principalId, accountId } = record.userIdentity;
  const outsider = { type: 'AWSAccount', ...(principalId && { principalId }), ...(accountId && { accountId }) };
  const isNobodys = type === 'AWSService' || accountId === 'anonymous';
  const { resources: _theirs, ...shown } = {
    ...record,
    userIdentity: isNobodys ? record.userIdentity : outsider,
  };
  if (isAllOurs) return record.resources ? { ...shown, resources: record.resources } : shown;
  // The call was about things of another account too, and its parameters and its error can name them.
  const error =
    record.errorMessage === undefined ? {} : { errorMessage: 'Only the account of the caller is told why.' };
  return { ...shown, requestParameters: null, responseElements: null, ...error };
}

/** An outsider's own policies are not the resource owner's to see, and the reverse. */
function outsidersReason(reason: StoredReason): StoredReason {
  const visible = <T extends { readonly layer: string }>(list: readonly T[] | undefined): T[] =>
    (list ?? []).filter((one) => resourceLayers.has(one.layer));
  return {
    ...reason,
    statements: visible(reason.statements),
    layers: visible(reason.layers),
    nearMisses: (reason.nearMisses ?? []).filter((miss) => resourceLayers.has(miss.statement.layer)),
  };
}

async function byMessage(message: string, call: Call, ports: BaileyPorts): Promise<StoredCall | undefined> {
  const wanted = message.trim();
  if (wanted.length < 10) return undefined;
  for await (const body of ports.recentCalls(call.caller.account, searched)) {
    const stored = readStoredCall(body);
    const { errorMessage, requestID } = stored.record;
    if (requestID !== undefined && wanted.includes(requestID)) return stored;
    if (errorMessage && (wanted.includes(errorMessage) || errorMessage.includes(wanted))) return stored;
  }
  return undefined;
}
