/** Explains a request that an edge node inspected, to whoever owns the web ACL. */
import type { DataProtectionConfig } from '@aws-sdk/client-wafv2';
import type { Rule } from '../../../engines/waf/types.ts';
import type { Reader } from '../../../store/store.ts';
import { logLine } from '../logging/line.ts';
import { Protection } from '../logging/protection.ts';
import { bundle, webAclByArn } from '../resolved.ts';
import { tokenKeys } from '../state.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { exclusionFor } from './exclusion.ts';
import { requestText } from './request-text.ts';
import { ruleLabels } from './rule-labels.ts';

export interface RequestExplanation {
  readonly explanation: object;
  readonly text: string;
}

/** Undefined where no such request of a web ACL of this account is remembered. */
export async function explainRequest(
  reader: Reader,
  traffic: Traffic,
  account: string,
  requestId: string,
  now: number,
): Promise<RequestExplanation | undefined> {
  const inspected = traffic.find(requestId);
  const acl = inspected && (await webAclByArn(reader, inspected.webAclArn));
  if (!inspected || acl?.account !== account) return undefined;
  const secret = (await reader.get(tokenKeys, inspected.webAclArn, 'token-key'))?.key ?? '';
  const protection = new Protection(acl.settings.DataProtectionConfig as DataProtectionConfig | undefined, secret);
  const whole = await bundle(reader, acl, now);
  const exclusion = exclusionFor(
    acl.rules,
    { path: inspected.request.path, verdict: inspected.verdict },
    (rule: Rule, name: string) => ruleLabels(whole, rule, name),
  );
  const details = inspected.verdict.terminatingRuleMatchDetails;
  return {
    explanation: {
      request: JSON.parse(logLine(inspected, protection)) as object,
      evidence: protection.details(details),
      ...(exclusion && { exclusion }),
    },
    text: requestText(inspected, acl.name, protection, exclusion),
  };
}
