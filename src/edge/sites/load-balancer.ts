/** A listener of an application load balancer: inspects a request, finds its rule, and does what the rule says. */
import type { KeyObject } from 'node:crypto';
import { suspicionOf } from '../../engines/traffic/index.ts';
import type { Challenges } from '../answers/challenges.ts';
import { isGrpc } from '../answers/grpc.ts';
import { pageOf } from '../answers/pages.ts';
import { type Authentication, Guards } from '../authentication/guards.ts';
import type { AuthenticationKeys } from '../authentication/keys.ts';
import type { Exchange } from '../exchange.ts';
import type { Inspector, RequestedFrom, Suspecting } from '../inspection/inspector.ts';
import { judge } from '../inspection/judge.ts';
import { classOf, type Reason } from '../intake/classification.ts';
import type { Head, HeadRules } from '../intake/head.ts';
import {
  type AnswerRules,
  answerRules,
  type LoadBalancerRules,
  loadBalancerRules,
  reservedNames,
} from '../listeners/attributes.ts';
import type { Connection } from '../listeners/gate.ts';
import { FlowMeter } from '../reports/flows.ts';
import type { Meter } from '../reports/meter.ts';
import type { CompiledAction } from '../routing/actions.ts';
import { hostNameOf, type RoutedRequest } from '../routing/request.ts';
import { type CompiledRule, Rules } from '../routing/rules.ts';
import type { Runtime, Site } from '../site.ts';
import type { EdgeLimits, ListenerSettings, LoadBalancerSettings } from '../snapshot.ts';
import {
  applicationCookie,
  cookieOf,
  forOthers,
  groupCookie,
  openCookie,
  sealCookie,
  targetCookie,
} from '../targets/cookies.ts';
import type { Stickiness, TargetGroup } from '../targets/group.ts';
import type { Target } from '../targets/target.ts';
import { Forwarding } from '../upstream/forwarding.ts';
import { hostFor, mostForwardedAddresses, traceIdOf, upstreamHeaders } from '../upstream/headers.ts';
import { AccessLog } from './access.ts';
import { groupNameOf, nameOf } from './names.ts';
import { forHttp2, isMismatched } from './protocol-versions.ts';
import { type TlsFacts, tlsHeadersFor } from './tls-headers.ts';

export interface LoadBalancerParts {
  readonly challenges: Challenges;
  readonly runtime: Runtime;
  readonly loadBalancer: LoadBalancerSettings;
  readonly listener: ListenerSettings;
  readonly groups: ReadonlyMap<string, TargetGroup>;
  readonly inspector: Inspector | undefined;
  readonly limits: EdgeLimits;
  readonly spillFolder: string;
  readonly cookieKey: KeyObject;
  readonly authentication: Authentication;
  readonly authenticationKeys: AuthenticationKeys | undefined;
}

type Forward = Extract<CompiledAction, { kind: 'forward' }>;

export class LoadBalancerSite implements Site {
  readonly kind = 'requests';
  readonly runtime: Runtime;
  readonly limits: EdgeLimits;
  readonly headRules: HeadRules;
  readonly taking: Site['taking'];
  readonly serverName: string | undefined;
  readonly idleMs: number;
  readonly flows: FlowMeter | undefined;
  readonly keepAliveMs: number;
  readonly allowsHttp2: boolean;
  readonly #parts: LoadBalancerParts;
  readonly #rules: Rules;
  readonly #guards: Guards;
  readonly #settings: LoadBalancerRules;
  readonly #answers: AnswerRules;
  readonly #meter: Meter;
  readonly #groupMeters = new Map<string, Meter>();
  readonly #tlsHeaders: ReturnType<typeof tlsHeadersFor>;
  readonly #access: AccessLog | undefined;
  readonly #inspectedFor: RequestedFrom;
  readonly #suspecting: Suspecting;

  constructor(parts: LoadBalancerParts) {
    const { loadBalancer, listener, runtime, limits } = parts;
    this.#parts = parts;
    this.runtime = runtime;
    this.limits = limits;
    this.flows = loadBalancer.isFlowLogged ? new FlowMeter(runtime.reports.flows, loadBalancer.arn) : undefined;
    this.#settings = loadBalancerRules(loadBalancer.attributes);
    const reserved = reservedNames(listener.attributes);
    this.headRules = reserved ? { ...this.#settings.head, reserved } : this.#settings.head;
    this.idleMs = this.#settings.idleMs;
    this.keepAliveMs = this.#settings.keepAliveMs;
    this.allowsHttp2 = this.#settings.allowsHttp2;
    this.#answers = answerRules(listener.attributes);
    this.serverName = this.#answers.namesServer ? 'awselb/2.0' : undefined;
    this.taking = {
      limits,
      spillFolder: parts.spillFolder,
      holdings: runtime.holdings,
      inspectedBytes: parts.inspector?.bodyBytes ?? 0,
    };
    this.#inspectedFor = { name: 'ALB', id: `${loadBalancer.account}-${nameOf(loadBalancer.arn)}` };
    this.#suspecting = loadBalancer.threat && suspicionOf(loadBalancer.threat);
    const dimensions = { LoadBalancer: nameOf(loadBalancer.arn) };
    this.#meter = this.#meterOf(dimensions);
    const { authentication, authenticationKeys: keys } = parts;
    this.#guards = new Guards({ ...authentication, loadBalancer, listener, keys, meter: this.#meter });
    this.#rules = new Rules(listener, (actions) => this.#guards.for(actions));
    for (const arn of parts.groups.keys()) {
      this.#groupMeters.set(arn, this.#meterOf({ ...dimensions, TargetGroup: groupNameOf(arn) }));
    }
    this.#tlsHeaders = tlsHeadersFor(listener, this.#settings.tellsTls);
    this.#access = this.#settings.logsAccess ? new AccessLog(loadBalancer, listener, runtime) : undefined;
  }

  #meterOf(dimensions: Record<string, string>): Meter {
    const { account, region } = this.#parts.loadBalancer;
    return this.runtime.reports.meters.of({ account, region, namespace: 'AWS/ApplicationELB', dimensions });
  }

  inspect(exchange: Exchange): void {
    const { head } = exchange;
    if (head === undefined) return;
    exchange.traceId = traceIdOf(head.traceId, this.runtime.now(), exchange.requestId);
    const { challenges, loadBalancer } = this.#parts;
    if (challenges.answer(exchange, loadBalancer.account)) return;
    if (head.method === 'TRACE') {
      exchange.page(405, 'TraceMethod');
      return;
    }
    const { forwardedFor } = head;
    if (
      forwardedFor !== undefined &&
      forwardedFor.split(',', mostForwardedAddresses + 1).length > mostForwardedAddresses
    ) {
      exchange.page(463, 'TooManyForwardedAddresses');
      return;
    }
    const { inspector } = this.#parts;
    if (!inspector) {
      this.#route(exchange);
      this.#sample(exchange);
      return;
    }
    const asked = { isSecure: this.isSecure(exchange), source: this.#inspectedFor, suspecting: this.#suspecting };
    judge(exchange, inspector, asked, (outcome) => {
      if (outcome === 'failed') this.#meter.add('WAFInspectionFailed');
      if (outcome === 'pass' || this.#settings.failsOpen) this.#route(exchange);
      else exchange.page(500, 'WAFServiceError');
    });
    this.#sample(exchange);
  }

  /** Whatever became of the request: what is stopped has arrived, too. */
  #sample(exchange: Exchange): void {
    const { loadBalancer, runtime } = this.#parts;
    if (loadBalancer.isWatched) runtime.reports.arrivals.add(loadBalancer.arn, exchange, runtime.random);
  }

  #route(exchange: Exchange): void {
    const { listener } = this.#parts;
    const { head, connection } = exchange;
    if (head === undefined) return;
    const request: RoutedRequest = {
      head,
      hostName: hostNameOf(this.#hostOf(head)),
      source: connection.client,
      isSecure: this.isSecure(exchange),
      port: listener.port,
    };
    if (this.#guards.isAnswer(head)) {
      exchange.outcome.rulePriority = '-1';
      this.#guards.answer(exchange, head).catch((error: unknown) => exchange.fault(error));
      return;
    }
    const rule = this.#rules.find(request);
    exchange.outcome.rulePriority = rule.priority;
    if (!rule.guard) {
      this.#act(exchange, rule, request);
      return;
    }
    rule
      .guard(exchange, head)
      .then((passes) => passes && this.#act(exchange, rule, request))
      .catch((error: unknown) => exchange.fault(error));
  }

  #act(exchange: Exchange, rule: CompiledRule, request: RoutedRequest): void {
    const { action } = rule;
    switch (action.kind) {
      case 'forward':
        this.#forward(exchange, rule, action);
        return;
      case 'redirect': {
        const location = action.location(request);
        exchange.outcome.actions.push('redirect');
        exchange.outcome.redirectUrl = location;
        this.#meter.add('HTTP_Redirect_Count');
        const page = pageOf(action.status);
        exchange.answer(action.status, ['location', location, 'content-type', 'text/html'], page);
        return;
      }
      case 'fixed-response':
        exchange.outcome.actions.push('fixed-response');
        this.#meter.add('HTTP_Fixed_Response_Count');
        exchange.answer(action.status, ['content-type', `${action.contentType}; charset=utf-8`], action.body);
        return;
      case 'not-built':
        exchange.page(501, 'ActionNotBuilt');
    }
  }

  /** HTTP/1.0 need not say whom it asks. */
  #hostOf({ host }: Head): string {
    return host === '' ? this.#parts.loadBalancer.dnsName : host;
  }

  isSecure({ connection }: Exchange): boolean {
    return this.#isSecureBy(connection);
  }

  #isSecureBy({ isSecure }: Connection): boolean {
    return this.#parts.listener.protocol === 'HTTPS' || isSecure;
  }

  #forward(exchange: Exchange, rule: CompiledRule, action: Forward): void {
    const head = exchange.head as NonNullable<Exchange['head']>;
    const { outcome } = exchange;
    outcome.actions.push('forward');
    const group = this.#chooseGroup(exchange, action);
    if (group) outcome.targetGroup = group.settings.arn;
    const target = group && this.#chooseTarget(exchange, group);
    if (!group || !target || target.settings.address === undefined) {
      exchange.page(503, 'NoTargets');
      return;
    }
    const isCall = isGrpc(exchange.incoming);
    const { speaksHttp2 } = group;
    if (isMismatched(head, group.settings.protocolVersion, isCall)) {
      exchange.page(464, 'IncompatibleProtocol');
      return;
    }
    const host = this.#hostOf(head);
    const rewritten = rule.transform ? rule.transform({ host, target: head.target }) : { host, target: head.target };
    if (!rewritten) {
      exchange.page(500, 'TransformFailed');
      return;
    }
    const { listener } = this.#parts;
    const client = {
      address: exchange.connection.client,
      port: exchange.connection.socket.remotePort ?? 0,
      isSecure: this.isSecure(exchange),
      listenerPort: listener.port,
    };
    const headers = upstreamHeaders(head, client, this.#settings.forwarded, exchange.traceId);
    // What a rule wrote stays.
    const isOwn = this.#settings.preservesHost || rewritten.host !== host;
    headers[1] = isOwn ? rewritten.host : hostFor(host, listener.port);
    for (const [name, value] of exchange.insertedHeaders) headers.push(name, value);
    if (speaksHttp2) forHttp2(exchange, headers, isCall);
    this.#tlsHeaders?.(exchange.incoming.socket as unknown as TlsFacts, headers);
    outcome.target = target.place;
    outcome.forwardedAt = performance.now();
    target.outstanding += 1;
    const meter = this.#groupMeters.get(group.settings.arn);
    meter?.add('RequestCount');
    if (isCall) this.#meter.add('GrpcRequestCount');
    const { stickiness } = group;
    new Forwarding(exchange, {
      pool: speaksHttp2 ? this.runtime.pools.sessionsTo(target.origin) : this.runtime.pools.to(target.origin),
      awaitsTrailers: speaksHttp2,
      method: head.method,
      target: rewritten.target,
      headers,
      idleMs: this.idleMs,
      withheld: this.#answers.withheld,
      answerHeaders: this.#answers.headers,
      answered: (status, answer) => {
        const seconds = (outcome.answeredAt - outcome.forwardedAt) / 1000;
        const name = `HTTPCode_Target_${Math.floor(status / 100)}XX_Count`;
        for (const one of [this.#meter, meter]) {
          one?.add('TargetResponseTime', seconds);
          one?.add(name);
        }
        if (stickiness) this.#stick(exchange, stickiness, target, answer);
      },
      ended: (failure) => {
        target.outstanding -= 1;
        if (!failure?.isUnconnected) return;
        for (const one of [this.#meter, meter]) one?.add('TargetConnectionErrorCount');
      },
    }).send();
  }

  #chooseGroup(exchange: Exchange, action: Forward): TargetGroup | undefined {
    const { groups, stickySeconds, totalWeight } = action;
    const [only] = groups;
    if (groups.length === 1 && only) return this.#parts.groups.get(only.arn);
    const { cookieKey } = this.#parts;
    const now = this.runtime.now();
    if (stickySeconds !== undefined) {
      const index = this.#marked(exchange, groupCookie, groupCookie);
      const stuck = index === undefined ? undefined : groups[Number(index)];
      const group = stuck && this.#parts.groups.get(stuck.arn);
      if (group) return group;
    }
    let rest = this.runtime.random() * totalWeight;
    const index = groups.findIndex(({ weight }) => {
      rest -= weight;
      return rest < 0;
    });
    const chosen = groups[index];
    if (!chosen) return undefined;
    if (stickySeconds !== undefined) {
      const expiry = now + stickySeconds * 1000;
      this.#setCookie(exchange, groupCookie, sealCookie(cookieKey, groupCookie, String(index), expiry), expiry);
    }
    return this.#parts.groups.get(chosen.arn);
  }

  #chooseTarget(exchange: Exchange, group: TargetGroup): Target | undefined {
    const { stickiness } = group;
    if (!stickiness) return group.choose();
    const name = stickiness.type === 'lb_cookie' ? targetCookie : applicationCookie;
    return group.choose(this.#marked(exchange, name, `${name} ${group.settings.arn}`));
  }

  /** What one of the cookies of this name says, if it was sealed for this purpose. */
  #marked(exchange: Exchange, name: string, purpose: string): string | undefined {
    const header = exchange.head?.cookie ?? '';
    const names = name === applicationCookie ? [name] : [name, forOthers(name)];
    for (const one of names) {
      const cookie = cookieOf(header, one);
      const mark =
        cookie === undefined ? undefined : openCookie(this.#parts.cookieKey, purpose, cookie, this.runtime.now());
      if (mark !== undefined) return mark;
    }
    return undefined;
  }

  /** With an application's cookie, only once the application has set it. */
  #stick(
    exchange: Exchange,
    stickiness: Stickiness,
    target: Target,
    answer: Readonly<Record<string, string | string[] | undefined>>,
  ): void {
    const name = stickiness.type === 'lb_cookie' ? targetCookie : applicationCookie;
    if (stickiness.type === 'app_cookie') {
      const set = answer['set-cookie'];
      const all = set === undefined ? [] : typeof set === 'string' ? [set] : set;
      if (!all.some((one) => one.startsWith(`${stickiness.cookieName}=`))) return;
    }
    const expiry = this.runtime.now() + stickiness.seconds * 1000;
    const { cookieKey } = this.#parts;
    const value = sealCookie(cookieKey, `${name} ${exchange.outcome.targetGroup}`, target.mark, expiry);
    this.#setCookie(exchange, name, value, expiry);
  }

  /**
   * Twice, as load balancers do: the second is for requests that come from pages of other sites. That of an application
   * has no second one.
   */
  #setCookie(exchange: Exchange, name: string, value: string, expiry: number): void {
    const until = `Expires=${new Date(expiry).toUTCString()}; Path=/`;
    const anywhere = `SameSite=None${this.isSecure(exchange) ? '; Secure' : ''}`;
    if (name === applicationCookie) {
      // Browsers take `SameSite=None` by TLS only.
      const more = this.isSecure(exchange) ? `; ${anywhere}` : '';
      exchange.answerHeaders.push('set-cookie', `${name}=${value}; ${until}${more}`);
      return;
    }
    exchange.answerHeaders.push('set-cookie', `${name}=${value}; ${until}`);
    exchange.answerHeaders.push('set-cookie', `${forOthers(name)}=${value}; ${until}; ${anywhere}`);
  }

  refusedHead(exchange: Exchange, reason: Reason): void {
    exchange.outcome.refusedFor = reason;
    if (classOf(reason) !== 'Compliant') this.#meter.add('DesyncMitigationMode_NonCompliant_Request_Count');
  }

  unreadable(connection: Connection, status: number, reason: Reason | undefined): void {
    this.#access?.writeUnreadable(connection, this.#isSecureBy(connection), status, reason);
    this.#meter.add('RequestCount');
    this.#meter.add(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`);
    if (reason !== undefined) this.#meter.add('DesyncMitigationMode_NonCompliant_Request_Count');
  }

  measure(connections: number): void {
    this.#meter.add('ActiveConnectionCount', connections);
    for (const [arn, group] of this.#parts.groups) {
      const meter = this.#groupMeters.get(arn);
      const { registered, healthy } = group.counts;
      meter?.add('HealthyHostCount', healthy);
      meter?.add('UnHealthyHostCount', registered - healthy);
    }
  }

  opened(): void {
    this.#meter.add('NewConnectionCount');
  }

  /** AWS counts those that reach the load balancer: of others it hears nothing. */
  refusedConnection(why: 'group' | 'room'): void {
    if (why === 'room') this.#meter.add('RejectedConnectionCount');
  }

  finished(exchange: Exchange): void {
    const { outcome, head } = exchange;
    const meter = this.#meter;
    meter.add('RequestCount');
    meter.add('ProcessedBytes', exchange.receivedInAll + exchange.sentInAll);
    if (outcome.isAbandoned && outcome.targetStatus === undefined) outcome.status = 460;
    if (outcome.targetStatus === undefined && outcome.status >= 300) {
      meter.add(`HTTPCode_ELB_${Math.floor(outcome.status / 100)}XX_Count`);
      if (outcome.status >= 500 && outcome.status <= 504) meter.add(`HTTPCode_ELB_${outcome.status}_Count`);
    }
    if (head?.reason !== undefined) meter.add('DesyncMitigationMode_NonCompliant_Request_Count');
    this.#access?.write(exchange, this.isSecure(exchange));
  }
}
