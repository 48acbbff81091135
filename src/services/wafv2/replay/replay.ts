/** What a web ACL would do with requests that came before, as it is and as it is meant to become. */
import type { DataProtectionConfig } from '@aws-sdk/client-wafv2';
import { resourcesOf, type WebAclBundle } from '../../../engines/waf/bundle.ts';
import { type CompiledWebAcl, compileWebAcl } from '../../../engines/waf/compile.ts';
import { inspect } from '../../../engines/waf/inspect.ts';
import { InvalidParameter } from '../../../engines/waf/invalid-parameter.ts';
import type { ManagedFacts } from '../../../engines/waf/managed/facts.ts';
import { managedRuleGroup } from '../../../engines/waf/managed/index.ts';
import type { HttpRequest } from '../../../engines/waf/request.ts';
import type { Resources } from '../../../engines/waf/resources.ts';
import { createWafState, type WafState } from '../../../engines/waf/state.ts';
import type { Verdict } from '../../../engines/waf/verdict.ts';
import { AwsError, type Call } from '../../service.ts';
import { costOfRules } from '../capacity.ts';
import { findByArn } from '../entity.ts';
import { Protection } from '../logging/protection.ts';
import type { Quotas } from '../quotas.ts';
import { bundle } from '../resolved.ts';
import { requireOpen, requireUsable, requireWebAcl, type WebAclInput } from '../rules.ts';
import { webAclSettings } from '../settings.ts';
import { type Scope, tokenKeys, type WebAclRow, webAcls } from '../state.ts';
import { readRules, type StoredRule, storeRules } from '../stored-rules.ts';
import type { Traffic } from '../traffic/traffic.ts';
import { type KnownFacts, replayFacts, type UnknownFact } from './facts.ts';
import { loggedRequests } from './logged-requests.ts';

/** Requests of one replay: the newest. */
const most = 2_000;
/** Between two rests, so that other calls get their turn. */
const atOnce = 20;
const mostBytes = 1024 * 1024;
const mostShown = 100;

export interface ReplayInput {
  readonly webAclArn: string;
  /** JSON: members of UpdateWebACL; what is left out stays as it is. */
  readonly definition: string;
  /** Lines of the web ACL's log, in place of what edge nodes remember. */
  readonly log?: string | undefined;
}

interface Outcome {
  readonly action: string;
  readonly rule: string;
}

interface Difference {
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly at: number;
  /** `GET shop.example/search?q=1` */
  readonly request: string;
  readonly before: Outcome;
  readonly after: Outcome;
}

export interface Replay {
  readonly replayed: number;
  /** `ALLOW → BLOCK`: how many requests. */
  readonly changes: Readonly<Record<string, number>>;
  /** At most 100 of them. */
  readonly differences: readonly Difference[];
  /** Requests with which the web ACL as it is does now something else than then: rates, tokens, what was not kept. */
  readonly unfaithful: number;
  /** What rules have asked for and a replay cannot know. */
  readonly unknownFacts: readonly UnknownFact[];
}

export interface ReplayParts {
  readonly traffic: Traffic;
  readonly quotas: Quotas;
  readonly facts: KnownFacts;
}

interface Past {
  readonly requestId: string;
  readonly at: number;
  readonly request: HttpRequest;
  readonly action: string;
}

/** @throws AwsError ValidationException, and WAF's own for a web ACL that is not there */
export async function replay(
  call: Call,
  { traffic, quotas, facts: known }: ReplayParts,
  input: ReplayInput,
): Promise<Replay> {
  const acl = await findByArn(call, webAcls, 'webacl', input.webAclArn);
  const before = await bundle(call.change, acl, call.now);
  const wanted = changed(acl, input.definition);
  requireValid(acl.scope, wanted, quotas);
  await requireAllowed(call, acl.scope, wanted, quotas);
  const after = await bundle(call.change, wanted, call.now);
  const { facts, unknown } = replayFacts(known);
  const running = runner(before, facts);
  const meant = runner(after, facts);
  const secret = (await call.change.get(tokenKeys, input.webAclArn, 'token-key'))?.key ?? '';
  const protection = new Protection(acl.settings.DataProtectionConfig as DataProtectionConfig | undefined, secret);
  const past = input.log === undefined ? remembered(traffic, input.webAclArn) : logged(input);
  const changes: Record<string, number> = {};
  const differences: Difference[] = [];
  let unfaithful = 0;
  for (const [index, one] of past.entries()) {
    if (index % atOnce === atOnce - 1) await new Promise((resolve) => setImmediate(resolve));
    const now = outcome(running(one));
    const then = outcome(meant(one));
    if (now.action !== one.action) unfaithful += 1;
    const change = `${now.action} → ${then.action}`;
    changes[change] = (changes[change] ?? 0) + 1;
    if (now.action === then.action && now.rule === then.rule) continue;
    if (differences.length >= mostShown) continue;
    differences.push({
      requestId: one.requestId,
      at: one.at,
      request: shown(one.request, protection),
      before: now,
      after: then,
    });
  }
  return { replayed: past.length, changes, differences, unfaithful, unknownFacts: [...unknown].sort() };
}

function remembered(traffic: Traffic, webAclArn: string): Past[] {
  return traffic
    .requests(webAclArn, 0, Number.MAX_SAFE_INTEGER)
    .slice(-most)
    .map(({ requestId, at, request, verdict }) => ({ requestId, at, request, action: verdict.action }));
}

function logged({ log = '', webAclArn }: ReplayInput): Past[] {
  if (Buffer.byteLength(log) > mostBytes) throw invalid(`The log is longer than ${mostBytes} bytes.`);
  return loggedRequests(log, webAclArn).slice(-most);
}

const invalid = (message: string): AwsError => new AwsError('ValidationException', message);

/** The web ACL as it would be. */
function changed(acl: WebAclRow, definition: string): WebAclRow {
  if (Buffer.byteLength(definition) > mostBytes) throw invalid(`The definition is longer than ${mostBytes} bytes.`);
  try {
    const parsed = JSON.parse(definition) as { readonly Rules?: readonly StoredRule[] } | null;
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new TypeError('no object');
    const rules = parsed.Rules === undefined ? acl.rules : storeRules(parsed.Rules as Parameters<typeof storeRules>[0]);
    return { ...acl, rules, settings: { ...acl.settings, ...webAclSettings(parsed) } };
  } catch (error) {
    throw invalid(`The definition is no JSON object of a web ACL: ${(error as Error).message}`);
  }
}

/** @throws AwsError ValidationException */
function runner(whole: WebAclBundle, facts: ManagedFacts): (one: Past) => Verdict {
  const compiled = compiledOf(whole, facts);
  const state: WafState = createWafState({ failMode: 'closed' });
  return ({ request, at }) => inspect(compiled, request, state, at);
}

function compiledOf(whole: WebAclBundle, facts: ManagedFacts): CompiledWebAcl {
  const managed: Resources['managedRuleGroup'] = (vendor, name, version, configs) =>
    managedRuleGroup(vendor, name, version, configs, facts);
  return shaped(() => compileWebAcl(whole.webAcl, resourcesOf(whole, managed)));
}

/** What UpdateWebACL would refuse need not be tried. */
function requireValid(scope: Scope, { rules, settings }: WebAclRow, quotas: Quotas): void {
  shaped(() => requireWebAcl(scope, { ...(settings as unknown as WebAclInput), Rules: readRules(rules) }, quotas));
}

/** A replay looks into what its rules refer to, so it takes what an update would take; and it costs no more. */
async function requireAllowed(call: Call, scope: Scope, { rules }: WebAclRow, quotas: Quotas): Promise<void> {
  const asked = readRules(rules);
  await requireOpen(call, asked);
  await requireUsable(call, scope, asked);
  const cost = await costOfRules(call, scope, asked);
  if (cost > quotas.capacityUnits) throw invalid(`The web ACL would cost ${cost} units of ${quotas.capacityUnits}.`);
}

function shaped<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof InvalidParameter || error instanceof AwsError) {
      throw invalid(`The web ACL is not valid: ${error.message}`);
    }
    // Raw JSON came from the caller: what does not even have the right types ends here.
    throw invalid('The definition does not have the shape of a web ACL.');
  }
}

function outcome(verdict: Verdict): Outcome {
  const group = verdict.ruleGroupList.findLast(({ terminatingRule }) => terminatingRule !== undefined);
  const inner = group?.terminatingRule?.ruleId;
  return { action: verdict.action, rule: `${verdict.terminatingRuleId}${inner === undefined ? '' : `/${inner}`}` };
}

function shown(request: HttpRequest, protection: Protection): string {
  const query = protection.query(request.query);
  return `${protection.method(request.method)} ${request.host}${protection.path(request.path)}${query === '' ? '' : `?${query}`}`;
}
