/** Principal elements: who may be named, and how (IAM User Guide, "AWS JSON policy elements: Principal"). */
import { isAccountId, parseArn } from '../text/arn.ts';
import type { PrincipalEntry } from './document.ts';
import type { Faults } from './faults.ts';
import type { JsonNode } from './json.ts';

export function parsePrincipals(node: JsonNode, faults: Faults): PrincipalEntry[] {
  if (node.kind === 'string') {
    return node.value === '*' ? [{ kind: 'everyone' }] : invalid('AWS', node.value, node, faults);
  }
  if (node.kind !== 'object') return faults.syntax('type', node, 'Principal');
  if (node.members.size === 0) return invalid('AWS', '', node, faults);
  const entries: PrincipalEntry[] = [];
  for (const [type, member] of node.members) {
    const items = member.node.kind === 'array' ? member.node.items : [member.node];
    if (items.length === 0) invalid(type, '', member.node, faults);
    for (const item of items) {
      if (item.kind !== 'string') return faults.syntax('type', item, 'Principal');
      const entry = readEntry(type, item.value);
      if (entry) entries.push(entry);
      else invalid(type, item.value, item, faults);
    }
  }
  return entries;
}

function invalid(type: string, value: string, node: JsonNode, faults: Faults): [] {
  const message = `Invalid principal in policy: "${type === 'AWS' ? type : type.toUpperCase()}":"${value}"`;
  faults.add('kind', 'principal-invalid', message, node, value);
  return [];
}

function readEntry(type: string, value: string): PrincipalEntry | undefined {
  if (type === 'AWS') return readAws(value);
  if (type === 'Service') return isHostName(value) ? { kind: 'service', name: value } : undefined;
  if (type === 'Federated') return isProvider(value) ? { kind: 'federated', provider: value } : undefined;
  if (type === 'CanonicalUser') return isAlphanumeric(value) ? { kind: 'canonical-user', id: value } : undefined;
  return undefined;
}

function readAws(value: string): PrincipalEntry | undefined {
  if (value === '*') return { kind: 'everyone' };
  if (isAccountId(value)) return { kind: 'account', account: value };
  if (isUniqueId(value)) return { kind: 'unique-id', id: value };
  const arn = parseArn(value);
  // Wildcards cannot match part of a name or ARN.
  if (arn?.region !== '' || value.includes('*') || value.includes('?') || value.includes('${')) return undefined;
  const { service, account, resource } = arn;
  // CloudFront's origin access identities are users of an account of that name.
  if (!isAccountId(account) && account !== 'cloudfront') return undefined;
  const kind = arnKind(service, resource);
  if (kind === 'account') return { kind, account };
  return kind && { kind, arn: value, account };
}

function arnKind(
  service: string,
  resource: string,
): 'account' | 'user' | 'role' | 'session' | 'federated-user' | undefined {
  const slash = resource.indexOf('/');
  const type = slash < 0 ? resource : resource.slice(0, slash);
  const name = slash < 0 ? '' : resource.slice(slash + 1);
  if (service === 'iam') {
    if (resource === 'root') return 'account';
    return (type === 'user' || type === 'role') && name !== '' && !name.endsWith('/') ? type : undefined;
  }
  if (service !== 'sts') return undefined;
  const parts = name.split('/');
  if (type === 'assumed-role') return parts.length === 2 && parts[0] && parts[1] ? 'session' : undefined;
  return type === 'federated-user' && parts.length === 1 && name !== '' ? 'federated-user' : undefined;
}

/** Four letters that tell the kind, then capitals and digits. */
function isUniqueId(text: string): boolean {
  return (text.startsWith('AIDA') || text.startsWith('AROA')) && text.length >= 16 && isAlphanumeric(text);
}

function isAlphanumeric(text: string): boolean {
  return text !== '' && every(text, (code) => (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122));
}

/** `lambda.amazonaws.com`: dots inside, nothing but letters, digits, dots and hyphens. */
function isHostName(text: string): boolean {
  if (text.indexOf('.') < 1 || text.endsWith('.')) return false;
  return every(
    text,
    (code) => code === 45 || code === 46 || (code >= 48 && code <= 57) || ((code | 32) >= 97 && (code | 32) <= 122),
  );
}

function isProvider(text: string): boolean {
  const arn = parseArn(text);
  if (!arn) return isHostName(text);
  const type = arn.resource.slice(0, arn.resource.indexOf('/') + 1);
  const known = type === 'saml-provider/' || type === 'oidc-provider/';
  return arn.service === 'iam' && isAccountId(arn.account) && known && !text.includes('*') && !text.includes('?');
}

function every(text: string, test: (code: number) => boolean): boolean {
  for (let at = 0; at < text.length; at++) if (!test(text.charCodeAt(at))) return false;
  return true;
}
