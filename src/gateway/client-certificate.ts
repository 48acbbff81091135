/** Certificates that clients show: which were verified, whom they name, and whose calls they let through. */
import type { TLSSocket } from 'node:tls';
import type { Caller, ClientCertificate } from '../services/service.ts';

/** A name of a certificate, as node prints it: what holds a comma or a quote comes as a JSON string. */
const oneName = /(?:^|, )([A-Za-z ]+):("(?:[^"\\]|\\.)*"|[^,"]*)/y;

interface Shown {
  readonly certificate: ClientCertificate | undefined;
  /** Epoch milliseconds. */
  readonly until: number;
}

const none: Shown = { certificate: undefined, until: Number.POSITIVE_INFINITY };
const known = new WeakMap<TLSSocket, Shown>();

/** What the client of a connection showed. @param principalOf the ARN of the principal that a URI stands for */
export function shownOn(socket: TLSSocket, principalOf: (uri: string) => string | undefined): Shown {
  const before = known.get(socket);
  if (before) return before;
  const { subjectaltname = '', valid_to } = socket.authorized ? socket.getPeerCertificate() : { valid_to: undefined };
  const shown =
    valid_to === undefined ? none : { certificate: read(subjectaltname, principalOf), until: Date.parse(valid_to) };
  known.set(socket, shown);
  return shown;
}

/** The first URI alone: a SPIFFE document has exactly one. */
export function read(names: string, principalOf: (uri: string) => string | undefined): ClientCertificate | undefined {
  const uris: string[] = [];
  oneName.lastIndex = 0;
  for (let at = 0; at < names.length; at = oneName.lastIndex) {
    const [, kind, value = ''] = oneName.exec(names) ?? [];
    if (kind === undefined) return undefined;
    if (kind === 'URI') uris.push(value);
  }
  const [uri] = uris;
  if (uris.length !== 1 || uri === undefined || uri.startsWith('"')) return undefined;
  const principalArn = principalOf(uri);
  return { uri, ...(principalArn !== undefined && { principalArn }) };
}

/** Where a certificate is optional, one that nobody vouches for is worse than none: such a connection ends. */
export function refuseForged(socket: TLSSocket): void {
  const isShown = Object.keys(socket.getPeerCertificate()).length > 0;
  if (isShown && !socket.authorized) socket.destroy();
}

/** A certificate of a principal lets this principal's calls through, and nobody else's: stolen keys are of no use on it. */
export function isBorrowed(certificate: ClientCertificate | undefined, { principal }: Caller): boolean {
  if (certificate?.principalArn === undefined || principal.kind === 'anonymous') return false;
  if (principal.kind === 'service') return true;
  const arn = principal.kind === 'assumed-role' ? principal.roleArn : principal.arn;
  return arn !== certificate.principalArn;
}
