/** Actions as IAM takes them: `*`, or `service:name` with wildcards in the name only. */
import type { Faults } from './faults.ts';
import type { JsonNode } from './json.ts';

export function checkAction(action: string, node: JsonNode, faults: Faults): void {
  if (action === '*') return;
  const colon = action.indexOf(':');
  if (colon < 1) {
    const message = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    faults.add('action-format', 'action-format', message, node, action);
  } else if (action.includes(':', colon + 1)) {
    faults.add('action-format', 'action-format', 'Actions/Condition can contain only one colon.', node, action);
  } else if (!isVendor(action.slice(0, colon))) {
    const message = `Vendor ${action.slice(0, colon)} is not valid`;
    faults.add('action-format', 'action-format', message, node, action);
  }
}

/** Letters, digits, dots and hyphens; a lone star stands for every service. */
function isVendor(text: string): boolean {
  if (text === '*') return true;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const lower = code | 32;
    const letter = lower >= 97 && lower <= 122;
    const digit = code >= 48 && code <= 57;
    if (!letter && !digit && code !== 45 && code !== 46) return false;
  }
  return true;
}

/** Service authorization reference, "Actions defined by AWS Security Token Service": what stands in a trust policy. */
const trustActions: ReadonlySet<string> = new Set([
  'sts:assumerole',
  'sts:assumerolewithsaml',
  'sts:assumerolewithwebidentity',
  'sts:decodeauthorizationmessage',
  'sts:getaccesskeyinfo',
  'sts:getcalleridentity',
  'sts:getfederationtoken',
  'sts:getservicebearertoken',
  'sts:getsessiontoken',
  'sts:setcontext',
  'sts:setsourceidentity',
  'sts:tagsession',
]);

export function checkTrustAction(action: string, node: JsonNode, faults: Faults): void {
  if (trustActions.has(action.toLowerCase())) return;
  const message =
    'Trust Policy statement actions can only be sts:AssumeRole, sts:AssumeRoleWithSAML,  and sts:AssumeRoleWithWebIdentity';
  faults.add('kind', 'action-forbidden', message, node, action);
}
