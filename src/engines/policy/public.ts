/** Whether a resource policy is public in the sense of S3's Block Public Access. */
import { contains, parseCidr } from '../text/address.ts';
import { parseArn } from '../text/arn.ts';
import type { Condition, PolicyDocument, PolicyVersion, Statement } from './document.ts';
import { tokens } from './variables.ts';

/**
 * A policy is public unless every Allow names fixed principals, or is tied by a condition to fixed values of certain
 * keys (Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage", "The meaning of public").
 */
export function isPublic(document: PolicyDocument): boolean {
  return document.statements.some((statement) => isPublicStatement(statement, document.version));
}

/** For explanations and for RestrictPublicBuckets, which looks at single statements. */
export function isPublicStatement(statement: Statement, version: PolicyVersion): boolean {
  if (statement.effect !== 'Allow') return false;
  const { principals } = statement;
  const named = principals && !principals.not && principals.entries.every((entry) => entry.kind !== 'everyone');
  return !named && !statement.conditions.some((condition) => isFixed(condition, version));
}

/** Keys that tie a statement to somebody or somewhere in particular. */
const fixing: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:principalarn',
  'aws:principalorgid',
  'aws:sourceaccount',
  'aws:sourcearn',
  'aws:sourceowner',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:userid',
  's3:dataaccesspointaccount',
  's3:dataaccesspointarn',
  's3:x-amz-server-side-encryption-aws-kms-key-id',
]);

/** Operators that hold only for the values listed. */
const positive: ReadonlySet<string> = new Set([
  'StringEquals',
  'StringEqualsIgnoreCase',
  'StringLike',
  'ArnEquals',
  'ArnLike',
]);

function isFixed(condition: Condition, version: PolicyVersion): boolean {
  // Both hold when the key is absent.
  if (condition.ifExists || condition.quantifier === 'all' || condition.values.length === 0) return false;
  const key = condition.key.toLowerCase();
  if (key === 'aws:sourceip') return condition.operator === 'IpAddress' && condition.values.every(isNarrow);
  if (!positive.has(condition.operator) || !fixing.has(key)) return false;
  return condition.values.every((value) => isFixedValue(key, value, version));
}

function isFixedValue(key: string, value: string, version: PolicyVersion): boolean {
  if (tokens(value, version).every((token) => token.kind === 'text')) return true;
  // Any access point of one account is fixed enough.
  const arn = key === 's3:dataaccesspointarn' ? parseArn(value) : undefined;
  return (
    arn !== undefined && tokens(arn.account, version).every((token) => token.kind === 'text') && arn.account !== ''
  );
}

const privateBlocks = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'].map((block) => parseCidr(block)!);

/** Blocks wider than /8 (IPv4) or /32 (IPv6) count as the whole Internet, private addresses excepted. */
function isNarrow(value: string): boolean {
  const block = parseCidr(value);
  if (!block) return false;
  if (privateBlocks.some((one) => block.bits >= one.bits && contains(one, block.groups))) return true;
  return block.bits >= (block.groups.length === 2 ? 8 : 32);
}
