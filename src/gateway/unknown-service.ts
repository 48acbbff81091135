/** Requests to services and operations that no model knows: authenticated and authorized before anything is said of them. */
import { AwsError } from '../services/service.ts';
import type { UnidentifiedFault } from '../wire/index.ts';
import { algorithmOf, type SignatureClaim } from '../wire/signing/index.ts';
import type { HttpRequest } from '../wire/types.ts';
import { authenticate } from './authenticate.ts';
import type { GatewayOptions } from './gateway.ts';

/**
 * What to answer. A caller whose signature does not hold gets that error; of the others, only those whom policies allow
 * everything in the service learn that it is not built.
 * @throws AuthenticationFailure
 */
export async function unknownService(
  request: HttpRequest,
  claim: SignatureClaim,
  body: Uint8Array,
  fault: UnidentifiedFault,
  options: GatewayOptions,
): Promise<Error> {
  const { caller, region } = await authenticate(request, claim, {
    service: { name: claim.service, signingName: claim.service },
    protocol: fault.protocol,
    credentials: options.credentials,
    now: options.clock.now(),
    wallClock: options.clock.wall(),
    regions: options.regions,
    regionsNotEnabled: options.regionsNotEnabled,
    region: options.region,
    signatureV2: false,
    body,
    hosts: options.hosts,
    allowsAnonymous: false,
  });
  const known = options.sources.some((source) => source.signingName === claim.service);
  if (known) return fault;
  const operation = operationName(request, body);
  const allowed = await options.performer.mayUnknown(
    {
      caller,
      scope: { account: caller.account, region },
      service: claim.service,
      connection: { sourceIp: '', secure: false, userAgent: '', host: '' },
      now: options.clock.now(),
      signature: { authType: 'REST-HEADER', version: algorithmOf(claim) },
    },
    `${claim.service}:${operation ?? 'UnknownOperation'}`,
  );
  const what = `${claim.service}${operation ? `:${operation}` : ''}`;
  if (!allowed) {
    const who = 'arn' in caller.principal ? caller.principal.arn : 'anonymous';
    return new AwsError('AccessDenied', `User: ${who} is not authorized to perform: ${what}`, { status: 403 });
  }
  return new AwsError('NotImplemented', `${what} is not implemented by Bailey. 'bailey coverage' lists what is.`, {
    status: 501,
  });
}

function operationName(request: HttpRequest, body: Uint8Array): string | undefined {
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return plain(target.slice(target.lastIndexOf('.') + 1));
  const cbor = request.path.lastIndexOf('/operation/');
  if (cbor >= 0) return plain(request.path.slice(cbor + 11));
  const form = request.method === 'POST' ? Buffer.from(body.subarray(0, 4096)).toString('latin1') : request.query;
  for (const pair of form.split('&')) if (pair.startsWith('Action=')) return plain(pair.slice(7));
  return undefined;
}

/** Only a plain name can become part of an action. */
function plain(name: string): string | undefined {
  return name.length > 0 && name.length <= 128 && [...name].every((c) => /[A-Za-z0-9]/.test(c)) ? name : undefined;
}
