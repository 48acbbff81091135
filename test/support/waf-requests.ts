/** Inspected requests as an edge node would report them, for tests without one. */
import type { HttpRequest } from '../../src/engines/waf/request.ts';
import type { Verdict } from '../../src/engines/waf/verdict.ts';
import type { InspectedRequest } from '../../src/services/wafv2/traffic/inspected-request.ts';

export function httpRequest(more: Partial<HttpRequest> = {}): HttpRequest {
  return {
    method: 'GET',
    path: '/search',
    query: 'q=coffee&token=s3cret',
    version: 'HTTP/1.1',
    headers: [
      ['Host', 'shop.example'],
      ['User-Agent', 'curl/8'],
      ['Authorization', 'Bearer s3cret'],
      ['Cookie', 'theme=dark; session=s3cret'],
    ],
    body: new Uint8Array(0),
    bodySize: 0,
    source: { ip: '192.0.2.44', country: 'NL', asn: 64500 },
    isSecure: true,
    host: 'shop.example',
    ...more,
  };
}

export function verdict(more: Partial<Verdict> = {}): Verdict {
  return {
    action: 'ALLOW',
    terminatingRuleId: 'Default_Action',
    terminatingRuleType: 'REGULAR',
    terminatingRuleMatchDetails: [],
    ruleGroupList: [],
    rateBasedRuleList: [],
    nonTerminatingMatchingRules: [],
    labels: [],
    insertedHeaders: [],
    oversizeFields: [],
    requestBodySize: 0,
    requestBodySizeInspectedByWAF: 0,
    outcomes: [],
    isDefaultSampled: true,
    ...more,
  };
}

let count = 0;

export function inspected(webAclArn: string, more: Partial<InspectedRequest> = {}): InspectedRequest {
  count += 1;
  return {
    webAclArn,
    requestId: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    at: Date.UTC(2026, 10, 1),
    request: httpRequest(),
    verdict: verdict(),
    source: { name: 'ALB', id: '111122223333-app/shop/50dc6c495c0c9188' },
    weight: 1,
    isLogged: true,
    isKept: true,
    ...more,
  };
}
