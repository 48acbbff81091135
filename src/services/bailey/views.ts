/** What each side of a call between accounts may know of it: the caller's account, and the owner of a resource. */
import type { CloudTrailRecord, StoredCall } from '../../events/api-call.ts';
import type { StoredReason } from './explanation-text.ts';

/** Layers that lie on the side of the resource; all others lie on the caller's. */
const resourceLayers: ReadonlySet<string> = new Set(['resource', 'trust', 'key', 'rcp', 'endpoint']);

/** For the caller's account: everything, but of other accounts' policies and tags only what the error text tells too. */
export function callersView(stored: StoredCall, account: string): StoredCall {
  const why = reasonsOf(stored).map((reason) =>
    reason.account === account || reason.account === '' ? reason : partOf(reason, isCallers, isOfRequest),
  );
  return { record: stored.record, why };
}

/** For an account whose resources an outsider's call was about; undefined if it was about none of them. */
export function ownersView(stored: StoredCall, account: string): StoredCall | undefined {
  const reasons = reasonsOf(stored);
  const owned = reasons.filter((reason) => reason.account === account);
  if (owned.length === 0) return undefined;
  return {
    record: outsidersRecord(stored.record, owned.length === reasons.length),
    why: owned.map((reason) => partOf(reason, isResources, isOfWire)),
  };
}

function reasonsOf(stored: StoredCall): readonly StoredReason[] {
  return (stored.why ?? []) as readonly StoredReason[];
}

interface Layered {
  readonly layer: string;
}

const isResources = ({ layer }: Layered): boolean => resourceLayers.has(layer);
const isCallers = (one: Layered): boolean => !isResources(one);

/** Tags of the resource come from state of its account. */
function isOfRequest(key: string): boolean {
  const name = key.toLowerCase();
  return !name.includes('resourcetag/') && !name.includes('existingobjecttag/');
}

/** Values that the owner's own record of the call tells as well; others are facts about the caller. */
const wireKeys: ReadonlySet<string> = new Set([
  'aws:sourceip',
  'aws:securetransport',
  'aws:useragent',
  'aws:referer',
  'aws:currenttime',
  'aws:epochtime',
  'aws:requestedregion',
  'aws:resourceaccount',
  'aws:principalaccount',
]);

function isOfWire(key: string): boolean {
  const name = key.toLowerCase();
  return wireKeys.has(name) || name.startsWith('aws:resourcetag/') || name.startsWith('s3:');
}

/**
 * @param isVisible which policies are shown; of the other layers only the verdict
 * @param isTold which keys are shown with the value that the request had
 */
function partOf(
  reason: StoredReason,
  isVisible: (one: Layered) => boolean,
  isTold: (key: string) => boolean,
): StoredReason {
  const { statements, layers, nearMisses } = reason;
  return {
    ...reason,
    ...(statements && { statements: statements.filter(isVisible) }),
    ...(layers && {
      layers: layers.map((one) => (isVisible(one) ? one : { layer: one.layer, verdict: one.verdict })),
    }),
    ...(nearMisses && {
      nearMisses: nearMisses
        .filter((miss) => isVisible(miss.statement))
        .map((miss) => {
          const { condition } = miss;
          if (!condition || isTold(condition.key)) return miss;
          return { ...miss, condition: { ...condition, actual: '(not shown to this account)' } };
        }),
    }),
  };
}

/** As in the copy of the record that the owner's own trail has. */
function outsidersRecord(record: CloudTrailRecord, isAllOwned: boolean): CloudTrailRecord {
  const { type, principalId, accountId } = record.userIdentity;
  const outsider = { type: 'AWSAccount', ...(principalId && { principalId }), ...(accountId && { accountId }) };
  const isNobodys = type === 'AWSService' || accountId === 'anonymous';
  const { resources, ...shown } = { ...record, userIdentity: isNobodys ? record.userIdentity : outsider };
  if (isAllOwned) return resources ? { ...shown, resources } : shown;
  // The call was about things of another account too, and its parameters and its error can name them.
  const error =
    record.errorMessage === undefined ? {} : { errorMessage: 'Only the account of the caller is told why.' };
  return { ...shown, requestParameters: null, responseElements: null, ...error };
}
