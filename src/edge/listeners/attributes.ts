/** What load balancers and listeners are told by attributes, read once. */
import type { DesyncMode } from '../intake/classification.ts';
import { type HeadRules, plainName } from '../intake/head.ts';
import type { AttributeMap } from '../snapshot.ts';
import type { ForwardedRules } from '../upstream/headers.ts';

export interface LoadBalancerRules {
  readonly idleMs: number;
  readonly keepAliveMs: number;
  readonly head: HeadRules;
  readonly forwarded: ForwardedRules;
  readonly tellsTls: boolean;
  /** Targets see the host as it came. */
  readonly preservesHost: boolean;
  readonly allowsHttp2: boolean;
  /** What happens to requests that cannot be inspected. */
  readonly failsOpen: boolean;
  readonly logsAccess: boolean;
}

/** Longest request line and longest header, as AWS documents for load balancers. */
const lineBytes = 16 * 1024;

export function loadBalancerRules(attributes: AttributeMap): LoadBalancerRules {
  const is = (name: string, fallback: boolean): boolean => (attributes[name] ?? String(fallback)) === 'true';
  return {
    idleMs: Number(attributes['idle_timeout.timeout_seconds'] ?? 60) * 1000,
    keepAliveMs: Number(attributes['client_keep_alive.seconds'] ?? 3600) * 1000,
    head: {
      desync: (attributes['routing.http.desync_mitigation_mode'] ?? 'defensive') as DesyncMode,
      dropsInvalidNames: is('routing.http.drop_invalid_header_fields.enabled', false),
      lineBytes,
    },
    forwarded: {
      mode: (attributes['routing.http.xff_header_processing.mode'] ?? 'append') as ForwardedRules['mode'],
      withPort: is('routing.http.xff_client_port.enabled', false),
    },
    preservesHost: is('routing.http.preserve_host_header.enabled', false),
    tellsTls: is('routing.http.x_amzn_tls_version_and_cipher_suite.enabled', false),
    allowsHttp2: is('routing.http2.enabled', true),
    failsOpen: is('waf.fail_open.enabled', false),
    logsAccess: is('access_logs.s3.enabled', false),
  };
}

/** Listener attribute `routing.http.response.NAME.header_value` → the header that answers then have. */
const answerHeaders: Readonly<Record<string, string>> = {
  strict_transport_security: 'strict-transport-security',
  access_control_allow_origin: 'access-control-allow-origin',
  access_control_allow_methods: 'access-control-allow-methods',
  access_control_allow_headers: 'access-control-allow-headers',
  access_control_allow_credentials: 'access-control-allow-credentials',
  access_control_expose_headers: 'access-control-expose-headers',
  access_control_max_age: 'access-control-max-age',
  content_security_policy: 'content-security-policy',
  x_content_type_options: 'x-content-type-options',
  x_frame_options: 'x-frame-options',
};

export interface AnswerRules {
  /** Names and values in turn, in place of what a target says. */
  readonly headers: readonly string[];
  /** Names, lower case, that do not come from targets. */
  readonly withheld: ReadonlySet<string> | undefined;
  readonly namesServer: boolean;
}

export function answerRules(attributes: AttributeMap): AnswerRules {
  const headers: string[] = [];
  const withheld = new Set<string>();
  for (const [key, name] of Object.entries(answerHeaders)) {
    const value = attributes[`routing.http.response.${key}.header_value`];
    if (value === undefined || value === '') continue;
    headers.push(name, value);
    withheld.add(name);
  }
  const namesServer = (attributes['routing.http.response.server.enabled'] ?? 'true') === 'true';
  if (!namesServer) withheld.add('server');
  return { headers, withheld: withheld.size > 0 ? withheld : undefined, namesServer };
}

const mtlsNames = {
  serial: ['x_amzn_mtls_clientcert_serial_number', 'X-Amzn-Mtls-Clientcert-Serial-Number'],
  issuer: ['x_amzn_mtls_clientcert_issuer', 'X-Amzn-Mtls-Clientcert-Issuer'],
  subject: ['x_amzn_mtls_clientcert_subject', 'X-Amzn-Mtls-Clientcert-Subject'],
  validity: ['x_amzn_mtls_clientcert_validity', 'X-Amzn-Mtls-Clientcert-Validity'],
  leaf: ['x_amzn_mtls_clientcert_leaf', 'X-Amzn-Mtls-Clientcert-Leaf'],
  chain: ['x_amzn_mtls_clientcert', 'X-Amzn-Mtls-Clientcert'],
  version: ['x_amzn_tls_version', 'X-Amzn-Tls-Version'],
  cipher: ['x_amzn_tls_cipher_suite', 'X-Amzn-Tls-Cipher-Suite'],
} as const;

export type TlsHeaderNames = Readonly<Record<keyof typeof mtlsNames, string>>;

/** Names that a listener has given to such headers, as heads compare them; undefined where they have their own. */
export function reservedNames(attributes: AttributeMap): ReadonlySet<string> | undefined {
  const given = Object.values(mtlsNames).flatMap(
    ([attribute]) => attributes[`routing.http.request.${attribute}.header_name`] || [],
  );
  return given.length === 0 ? undefined : new Set(given.map((name) => plainName(name.toLowerCase())));
}

/** Listeners may give the headers that tell of TLS other names. */
export function tlsHeaderNames(attributes: AttributeMap): TlsHeaderNames {
  return Object.fromEntries(
    Object.entries(mtlsNames).map(([key, [attribute, name]]) => [
      key,
      attributes[`routing.http.request.${attribute}.header_name`] || name,
    ]),
  ) as TlsHeaderNames;
}
