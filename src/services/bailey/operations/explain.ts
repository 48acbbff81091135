/**
 * Explain: why a call was allowed or denied, from what the gateway wrote down when it decided; why a request at the edge
 * was stopped, from what its node reported.
 */
import { readStoredCall, type StoredCall } from '../../../events/api-call.ts';
import { AwsError, type Call, operation } from '../../service.ts';
import { explanationText, type StoredReason } from '../explanation-text.ts';
import type { BaileyPorts } from '../ports.ts';
import type { ExplainInput, ExplainOutput } from '../schema.ts';
import { callersView, ownersView } from '../views.ts';

/** How many of the newest calls an error text is looked for in. */
const searched = 5_000;

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
    const id = input.RequestId?.trim();
    const inspected = id === undefined ? undefined : await ports.firewall.explain(call, id);
    if (id !== undefined && inspected) {
      return { RequestId: id, Explanation: JSON.stringify(inspected.explanation), Text: inspected.text };
    }
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
  return found.account === account ? callersView(stored, account) : ownersView(stored, account);
}

async function byMessage(message: string, call: Call, ports: BaileyPorts): Promise<StoredCall | undefined> {
  const wanted = message.trim();
  if (wanted.length < 10) return undefined;
  for await (const body of ports.recentCalls(call.caller.account, searched)) {
    const stored = readStoredCall(body);
    const { errorMessage, requestID } = stored.record;
    if (requestID !== undefined && wanted.includes(requestID)) return callersView(stored, call.caller.account);
    if (errorMessage && (wanted.includes(errorMessage) || errorMessage.includes(wanted))) {
      return callersView(stored, call.caller.account);
    }
  }
  return undefined;
}
