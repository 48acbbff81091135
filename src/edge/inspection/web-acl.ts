/** A web ACL at work: asks the engine about each request, and turns its verdict into what the site does. */
import { createHmac, createSecretKey, randomBytes } from 'node:crypto';
import { resourcesOf } from '../../engines/waf/bundle.ts';
import {
  acceptAnswer,
  answerPath,
  type CompiledWebAcl,
  compileWebAcl,
  createWafState,
  inspect,
  interstitial,
  type PuzzleResponse,
  type RateDelta,
  type Sealer,
  type TokenContext,
  type Verdict,
  type WafState,
} from '../../engines/waf/index.ts';
import type { ManagedFacts, Suspicion } from '../../engines/waf/managed/facts.ts';
import { managedRuleGroup } from '../../engines/waf/managed/index.ts';
import type { Resources } from '../../engines/waf/resources.ts';
import { SpentPuzzles } from '../../engines/waf/tokens/puzzle.ts';
import { pageOf } from '../answers/pages.ts';
import type { Exchange } from '../exchange.ts';
import type { NodeOptions } from '../node.ts';
import { traitsOf } from '../reports/arrivals.ts';
import type { LimitedReport } from '../reports/reports.ts';
import type { Runtime } from '../site.ts';
import type { WebAclSettings } from '../snapshot.ts';
import { AddressLists } from './address-lists.ts';
import { deepBodyBytes, httpRequestOf } from './http-request.ts';
import type { Asked, InspectionReport, Inspector, Ruling, Suspecting } from './inspector.ts';
import { Places } from './places.ts';
import { type NameLookups, Robots } from './robots.ts';
import { StolenCredentials } from './stolen-credentials.ts';
import { Tallies } from './tallies.ts';

const limitedEveryMs = 5_000;

class WebAclInspector implements Inspector {
  readonly bodyBytes: number;
  readonly #settings: WebAclSettings;
  readonly #compiled: CompiledWebAcl;
  readonly #state: WafState;
  readonly #runtime: Pick<Runtime, 'now'>;
  readonly #places: Places;
  readonly #tallies: Tallies;
  /** Answers of puzzles count once. */
  readonly #spent: SpentPuzzles;
  #limitedAt = 0;
  /** Whom the engine asks about: it answers before anybody else is asked. */
  #asked: { readonly exchange: Exchange; readonly suspecting: Suspecting } | undefined;

  /** @param before what the web ACL was: its rates and memory go on */
  constructor(settings: WebAclSettings, runtime: Runtime, known: Surroundings, before?: WebAclInspector) {
    const { places, lists, robots, stolen } = known;
    this.#settings = settings;
    this.#runtime = runtime;
    this.#places = places;
    this.bodyBytes = Math.max(settings.inspectedBodyBytes, deepBodyBytes);
    const { definition } = settings;
    const locate = (address: string) => places.find(address);
    const facts: ManagedFacts = {
      isListed: (kind, address) => lists.has(kind, address),
      isVerifiedBot: (robot, address) => robots.isVerified(robot, address),
      isCompromised: (userName, password) => stolen.has(userName, password),
      suspicion: () => this.#suspicion(),
    };
    const managed: Resources['managedRuleGroup'] = (vendor, name, version, configs) =>
      managedRuleGroup(vendor, name, version, configs, facts);
    this.#compiled = compileWebAcl(definition.webAcl, resourcesOf(definition, managed, locate));
    const isSame = before !== undefined && before.#settings.tokenKey === settings.tokenKey;
    this.#state = isSame ? before.#state : stateFor(settings);
    this.#spent = isSame ? before.#spent : new SpentPuzzles();
    this.#state.rates.prepare(this.#compiled.rates, runtime.now());
    this.#tallies = before ? before.#tallies : new Tallies(settings, runtime.reports.meters);
    this.#tallies.settings = settings;
  }

  inspect(exchange: Exchange, asked: Asked): Ruling {
    const { isSecure, source } = asked;
    const { head, requestId } = exchange;
    if (head === undefined) return { kind: 'failed' };
    const at = this.#runtime.now();
    const request = httpRequestOf(exchange, head, this.#places, isSecure, this.#settings.inspectedBodyBytes);
    if (head.path === answerPath) {
      const context = this.#tokenContext(at);
      if (context) return puzzleRuling(acceptAnswer(request, context), 'WAFPuzzleAnswer');
    }
    this.#asked = { exchange, suspecting: asked.suspecting };
    const verdict = inspect(this.#compiled, request, this.#state, at);
    this.#asked = undefined;
    this.#tallies.add({ requestId, at, request, verdict, source });
    if (verdict.failure !== undefined) return { kind: 'failed' };
    if (verdict.action === 'CAPTCHA' || verdict.action === 'CHALLENGE') {
      const context = this.#tokenContext(at);
      const kind = verdict.action === 'CAPTCHA' ? 'captcha' : 'challenge';
      if (context) return puzzleRuling(interstitial(kind, request, context), `WAF${verdict.action}`);
    }
    return rulingOf(verdict);
  }

  #suspicion(): Suspicion {
    const { exchange, suspecting } = this.#asked ?? {};
    if (!exchange || !suspecting) return { isEvent: false, level: 'none' };
    return { isEvent: true, level: suspecting(traitsOf(exchange)) };
  }

  /** Undefined where there is no key to seal tokens with: then nobody has one, and whoever needs one is refused. */
  #tokenContext(now: number): TokenContext | undefined {
    const { sealer } = this.#state;
    const { tokenDomains } = this.#compiled;
    return sealer && { sealer, tokenDomains, random: randomBytes, spent: this.#spent, now };
  }

  takeRates(): readonly object[] {
    return this.#state.rates.takeDeltas();
  }

  mergeRates(rates: readonly object[]): void {
    this.#state.rates.merge(rates as readonly RateDelta[], this.#runtime.now());
  }

  take(): InspectionReport {
    return { ...this.#tallies.take(), limited: this.#limited() };
  }

  #limited(): LimitedReport[] {
    const now = this.#runtime.now();
    if (now - this.#limitedAt < limitedEveryMs) return [];
    this.#limitedAt = now;
    return this.#compiled.rates.map(({ rulePath }) => {
      const [first = '', second] = rulePath.split('/');
      const addresses = this.#state.rates.limitedKeys(rulePath, now);
      const place = second === undefined ? { ruleName: first } : { ruleName: second, ruleGroupRuleName: first };
      return { webAclArn: this.#settings.arn, ...place, addresses };
    });
  }
}

/** Nodes that share a key seal the same tokens, and spread rate keys the same way. */
function stateFor({ tokenKey }: WebAclSettings): WafState {
  const bytes = Buffer.from(tokenKey, 'base64');
  if (bytes.length < 16) return createWafState();
  const key = createSecretKey(bytes);
  const sealer: Sealer = { mac: (text) => createHmac('sha256', key).update(text).digest('base64url') };
  const seed = createHmac('sha256', key).update('rate keys').digest().readUInt32LE();
  return createWafState({ sealer, seed });
}

/** @see AWS WAF Developer Guide, "Custom responses": without one a block is the load balancer's 403 */
function rulingOf(verdict: Verdict): Ruling {
  const { response } = verdict;
  if (verdict.action === 'ALLOW') return { kind: 'pass', insertedHeaders: verdict.insertedHeaders };
  const status = response?.status ?? 403;
  const headers: string[] = [];
  for (const [name, value] of response?.headers ?? []) headers.push(name, value);
  const body = response?.body ?? (response?.bodyKey === undefined && status >= 400 ? pageOf(status) : '');
  headers.push('content-type', response?.contentType ?? 'text/html');
  return { kind: 'answer', status, headers, answerHeaders: [], body, reason: `WAF${verdict.action}` };
}

function puzzleRuling({ status, headers, body }: PuzzleResponse, reason: string): Ruling {
  return { kind: 'answer', status, headers: headers.flat(), answerHeaders: [], body, reason };
}

/** What all web ACLs of a node know of the world. */
interface Surroundings {
  readonly places: Places;
  readonly lists: AddressLists;
  readonly robots: Robots;
  readonly stolen: StolenCredentials;
}

/**
 * Makes inspectors that keep what they have counted when their web ACL changes.
 * @param lookups of names; the machine's own by default
 */
export function inspectorMaker(lookups?: NameLookups): NodeOptions['inspectorFor'] {
  const surroundings: Surroundings = {
    places: new Places(),
    lists: new AddressLists(),
    robots: new Robots(Date.now, lookups),
    stolen: new StolenCredentials(),
  };
  return (settings, { runtime, node, before }) => {
    surroundings.places.use(node.placeFiles ?? {}, node.filesVersion);
    surroundings.lists.use(node.addressLists ?? {});
    surroundings.stolen.use(node.stolenCredentials, node.filesVersion);
    return new WebAclInspector(settings, runtime, surroundings, before instanceof WebAclInspector ? before : undefined);
  };
}
