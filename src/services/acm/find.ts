/** Finding certificates by ARN, and what authorizes calls on them. */
import type { Reader } from '../../store/store.ts';
import type { Check, CheckCall, ConditionValues } from '../service.ts';
import { invalidArn, notFound } from './errors.ts';
import { type CertificateRow, certificates, regional } from './state.ts';

interface ParsedArn {
  readonly account: string;
  readonly region: string;
  readonly id: string;
}

function parseArn(arn: string): ParsedArn | undefined {
  const [, region, account, id] = /^arn:aws:acm:([a-z0-9-]+):(\d{12}):certificate\/([0-9a-f-]{36})$/.exec(arn) ?? [];
  return region === undefined || account === undefined || id === undefined ? undefined : { region, account, id };
}

/** In any account and region; for readers of other services. */
export async function certificateAt(reader: Reader, arn: string): Promise<CertificateRow | undefined> {
  const parsed = parseArn(arn);
  return parsed && reader.get(certificates, regional(parsed), parsed.id);
}

/** Of the account and region of the call. @throws AwsError ResourceNotFoundException, InvalidArnException */
export async function findCertificate(
  { change, scope }: Pick<CheckCall, 'change' | 'scope'>,
  arn: string,
): Promise<CertificateRow> {
  const parsed = parseArn(arn);
  if (!parsed) throw invalidArn(arn);
  const row = regional(parsed) === regional(scope) ? await certificateAt(change, arn) : undefined;
  if (!row) throw notFound(arn);
  return row;
}

/** On what an ARN names, whether it is there or not. */
export async function certificateCheck(
  call: CheckCall,
  action: string,
  arn: string,
  context: (row: CertificateRow | undefined) => ConditionValues = () => ({}),
): Promise<Check> {
  const row = await certificateAt(call.change, arn);
  const account = parseArn(arn)?.account ?? call.scope.account;
  return { action: `acm:${action}`, resource: { arn, account, tags: row?.tags ?? {} }, context: context(row) };
}

export function accountCheck(call: CheckCall, action: string, context: ConditionValues = {}): Check {
  return { action: `acm:${action}`, resource: { arn: '*', account: call.scope.account }, context };
}

/** `acm:CertificateKeyPairOrigin` of a certificate that is there. */
export const originOf = (row: CertificateRow | undefined): ConditionValues =>
  row ? { 'acm:CertificateKeyPairOrigin': row.type === 'IMPORTED' ? 'CUSTOMER_PROVIDED' : 'AWS_MANAGED' } : {};
