/** The one door: identify → authenticate → decode → authorize → handle → commit with the record → encode. */
import { AwsError, type Connection, type Random, type Service, type StreamingBody } from '../services/service.ts';
import { CorruptError, FullError } from '../store/store.ts';
import {
  decode,
  encode,
  encodeFault,
  type Identified,
  type IdentifyHints,
  identify,
  inflate,
  needsBody,
  protocolOf,
  UnidentifiedFault,
  WireFault,
} from '../wire/index.ts';
import {
  type SignatureClaim,
  SignatureRefusal,
  tryReadSignature,
  verifiedBody,
  verifyBufferedBody,
} from '../wire/signing/index.ts';
import type { HttpRequest, HttpResponse, ProtocolName, ServiceModelSource } from '../wire/types.ts';
import { authError } from './auth-errors.ts';
import { type Authenticated, authenticate, CredentialRefusal, isAuthenticationFailure } from './authenticate.ts';
import { BodyMemory, collect, isLarge } from './body.ts';
import { bucketOf, type OpenedForm, openForm, withCrossOrigin } from './browsers.ts';
import type { Performer } from './perform.ts';
import type { Browsers, Credentials, VpcEndpoints } from './ports.ts';
import type { SecurityLog } from './security-log.ts';
import { announcedTrailers, SmallBody, smallBytes } from './small-body.ts';
import { notImplemented } from './unbuilt.ts';
import { unsignedUnbuilt } from './unconditional.ts';
import { unknownService } from './unknown-service.ts';

/** One request as the server hands it over. */
export interface Incoming {
  readonly request: HttpRequest;
  readonly body: AsyncIterable<Uint8Array>;
  readonly connection: Connection;
}

interface Clock {
  /** Epoch milliseconds of the instance: the test API can move it. */
  now(): number;
  /** Epoch milliseconds of the machine: signature times are compared with this. */
  wall(): number;
}

export interface Limits {
  /** Bytes of a request body that is not streamed, as sent. */
  readonly bodyBytes: number;
  /** The same for requests without a signature. */
  readonly unsignedBytes: number;
  /** Bytes of such a body after gzip. */
  readonly inflatedBytes: number;
  /** Bytes of all such bodies that are held at one time. */
  readonly memoryBytes: number;
}

const mebibyte = 1024 * 1024;

export const defaultLimits: Limits = {
  bodyBytes: 8 * mebibyte,
  // The parts of a large multipart upload are the most that anybody sends without one.
  unsignedBytes: 4 * mebibyte,
  inflatedBytes: 16 * mebibyte,
  memoryBytes: 256 * mebibyte,
};

export interface GatewayOptions {
  readonly sources: readonly ServiceModelSource[];
  readonly services: ReadonlyMap<string, Service>;
  readonly credentials: Credentials;
  readonly performer: Performer;
  readonly clock: Clock;
  readonly random: Random;
  readonly security: SecurityLog;
  /** Host names under which this instance is reached: `bucket.HOST` is a virtual-host request. */
  readonly hosts: readonly string[];
  /** Region of callers that sign none (anonymous). */
  readonly region: string;
  /** Regions that a signature may name. */
  readonly regions: ReadonlySet<string>;
  /** Of AWS's, those in which nobody has a key here. */
  readonly regionsNotEnabled: ReadonlySet<string>;
  readonly limits: Limits;
  /** Takes presigned requests of the old S3 form. */
  readonly signatureV2: boolean;
  readonly browsers: Browsers;
  readonly vpcEndpoints: VpcEndpoints;
  /** S3's Content-MD5 and checksum headers over a body that was read whole. Throws the AwsError to answer with. */
  checkDigests(
    operation: string,
    headers: HttpRequest['headers'],
    trailers: ReadonlyMap<string, string>,
    body: Uint8Array,
  ): void;
  /** Told of every answer. */
  answered(service: string, operation: string | undefined, outcome: string, status: number): void;
  /** Told of faults of our own, which callers only see as InternalFailure. */
  failed(requestId: string, error: unknown): void;
}

/** How far a request has come: what its answer can know. */
interface Progress {
  readonly requestId: string;
  /** Bytes of the body that are in memory. */
  held: number;
  claim?: SignatureClaim | undefined;
  /** The service that the signature names. */
  signingName?: string | undefined;
  identified?: Identified;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #memory: BodyMemory;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#memory = new BodyMemory(options.limits.memoryBytes);
  }

  /** Answers a request; every failure becomes an answer in the caller's protocol. */
  async handle(incoming: Incoming): Promise<HttpResponse> {
    const progress: Progress = { requestId: this.#options.random.uuid(), held: 0 };
    try {
      const response = await this.#answer(incoming, progress);
      this.#report(progress, 'ok', response.status);
      const { origin } = incoming.request.headers;
      return origin === undefined ? response : await this.#toBrowsers(incoming, progress, response);
    } catch (error) {
      return this.#toBrowsers(incoming, progress, this.#fault(incoming, progress, error));
    } finally {
      this.#memory.give(progress.held);
    }
  }

  #toBrowsers(
    { request }: Incoming,
    { identified }: Progress,
    response: HttpResponse,
  ): Promise<HttpResponse> | HttpResponse {
    if (request.headers.origin === undefined) return response;
    return withCrossOrigin(request, identified, response, this.#options.browsers);
  }

  async #answer(incoming: Incoming, progress: Progress): Promise<HttpResponse> {
    const { request } = incoming;
    const options = this.#options;
    const claim = tryReadSignature(request);
    if (claim instanceof SignatureRefusal) {
      // What the broken signature names still tells in whose words to refuse it.
      progress.signingName = claim.facts.service;
      throw claim;
    }
    progress.claim = claim;
    progress.signingName = claim?.service;
    const hints: IdentifyHints = { signingName: progress.signingName, hosts: options.hosts };
    let body = needsBody(request, hints) ? await this.#collect(incoming, progress) : undefined;
    const identified = await this.#identify(incoming, progress, hints, body);
    progress.identified = identified;
    const { operation, service } = identified;
    const s3 = service.source.signingName === 's3';
    if (!operation.streamingInput) body ??= await this.#collect(incoming, progress);

    const declared = options.services.get(service.source.name)?.operations[operation.name];
    if (!claim && !declared && unsignedUnbuilt.has(`${service.source.name}:${operation.name}`)) {
      throw notImplemented(service.source.name, operation.name);
    }
    const posted = s3 && operation.name === 'PostObject';
    // A form is signed by its own fields: a second signature would be one that nobody checks.
    if (posted && claim) throw new SignatureRefusal('two-signatures', { accessKeyId: claim.accessKeyId });
    const form = posted ? await this.#form(incoming, identified) : undefined;
    const authenticated =
      form?.authenticated ??
      (await authenticate(request, claim, {
        service: service.source,
        protocol: identified.protocol,
        credentials: options.credentials,
        now: options.clock.now(),
        wallClock: options.clock.wall(),
        regions: options.regions,
        regionsNotEnabled: options.regionsNotEnabled,
        region: options.region,
        signatureV2: options.signatureV2,
        body: s3 ? undefined : body,
        hosts: options.hosts,
        allowsAnonymous: declared?.allowsAnonymous === true,
      }));
    const { caller, region } = authenticated;
    if (claim) options.credentials.used(caller, service.source.name, region, options.clock.now());
    const output = await options.performer.perform({
      requestId: progress.requestId,
      service: service.source.name,
      operation,
      caller,
      scope: { account: caller.account, region },
      connection: await this.#cameBy(incoming.connection, service.source.name, authenticated),
      signature: authenticated.facts,
      referer: request.headers.referer,
      input: () => {
        if (form) return form.input;
        const payload = this.#payload(incoming, authenticated, body, s3 ? operation.name : undefined);
        return payload instanceof Promise
          ? payload.then((bytes) => decode(identified, request, bytes))
          : decode(identified, request, payload);
      },
    });
    return encode(identified, output, progress.requestId);
  }

  /** Endpoints lead to the services of their region. Who signs for none, or not at all, does not get around them. */
  async #cameBy(connection: Connection, service: string, { claim, region }: Authenticated): Promise<Connection> {
    const { place } = connection;
    const namesRegion = claim !== undefined && claim.scheme !== 's3v2-query';
    if (!place || (namesRegion && place.region !== region)) return connection;
    const endpoint = await this.#options.vpcEndpoints.from(place, service);
    return endpoint ? { ...connection, endpoint } : connection;
  }

  /** The whole body. Keys that identify nobody get no memory worth speaking of. */
  async #collect({ request, body }: Incoming, progress: Progress): Promise<Uint8Array> {
    const { limits, credentials, clock } = this.#options;
    const { claim } = progress;
    if (claim && isLarge(request)) {
      const credential = await credentials.find(claim.accessKeyId, claim.token, clock.now());
      if (typeof credential === 'string') throw new CredentialRefusal(credential, claim.accessKeyId);
    }
    return collect(request, body, claim ? limits.bodyBytes : limits.unsignedBytes, (bytes) => {
      this.#memory.take(bytes);
      progress.held += bytes;
    });
  }

  #form({ request, body }: Incoming, identified: Identified): Promise<OpenedForm> {
    const { credentials, clock, regions, regionsNotEnabled, region, signatureV2, browsers } = this.#options;
    return openForm(request, body, bucketOf(identified) ?? '', browsers, {
      credentials,
      now: clock.now(),
      wallClock: clock.wall(),
      regions,
      regionsNotEnabled,
      region,
      signatureV2,
    });
  }

  async #identify(
    incoming: Incoming,
    progress: Progress,
    hints: IdentifyHints,
    body: Uint8Array | undefined,
  ): Promise<Identified> {
    const { request } = incoming;
    try {
      return await identify(request, this.#options.sources, hints, body);
    } catch (error) {
      // Who asks comes before what they ask for: nothing is told of services and operations to strangers.
      if (error instanceof UnidentifiedFault && !progress.claim && error.protocol !== 'restXml') {
        throw new SignatureRefusal('anonymous');
      }
      if (error instanceof UnidentifiedFault && progress.claim && !isS3(progress.claim)) {
        const whole = body ?? (await this.#collect(incoming, progress));
        throw await unknownService(request, progress.claim, whole, error, this.#options);
      }
      throw error;
    }
  }

  /**
   * The bytes that decoding sees: verified against the signature, without framing and gzip.
   * @param s3Operation its name, if the call is one to S3
   */
  #payload(
    incoming: Incoming,
    authenticated: Authenticated,
    body: Uint8Array | undefined,
    s3Operation: string | undefined,
  ): Uint8Array | StreamingBody | Promise<Uint8Array> {
    const { request } = incoming;
    const { claim, credential } = authenticated;
    if (body === undefined) {
      if (Number(request.headers['content-length']) <= smallBytes) {
        return new SmallBody(claim, credential, request, incoming.body);
      }
      const stream = verifiedBody(claim, credential, request, incoming.body);
      return {
        announcedTrailers: announcedTrailers(request),
        trailers: () => Object.fromEntries(stream.trailers),
        [Symbol.asyncIterator]: () => stream[Symbol.asyncIterator](),
      };
    }
    if (s3Operation !== undefined) {
      const verified = verifyBufferedBody(claim, credential, request, body);
      this.#options.checkDigests(s3Operation, request.headers, verified.trailers, verified.body);
      return verified.body;
    }
    const gzipped = request.headers['content-encoding']?.trim().toLowerCase() === 'gzip';
    return gzipped ? inflate(body, this.#options.limits.inflatedBytes) : body;
  }

  #fault(incoming: Incoming, progress: Progress, error: unknown): HttpResponse {
    const { request, connection } = incoming;
    const options = this.#options;
    const { identified, claim, signingName, requestId } = progress;
    const unidentified = error instanceof UnidentifiedFault ? error : undefined;
    const protocol: ProtocolName =
      identified?.protocol ??
      unidentified?.protocol ??
      protocolOf(request, { signingName, hosts: options.hosts }, options.sources);
    const serviceName =
      identified?.service.source.signingName ??
      unidentified?.serviceName ??
      signingName ??
      (protocol === 'restXml' ? 's3' : '');
    let fault = error;
    if (isAuthenticationFailure(error)) {
      fault = authError(error, protocol, serviceName, request.headers.authorization);
      options.security.refused({
        time: options.clock.now(),
        reason: error.reason,
        sourceIp: connection.sourceIp,
        service: serviceName.slice(0, 128),
        accessKeyId: claim?.accessKeyId.slice(0, 128),
        requestId,
      });
    }
    const answer = toAnswer(fault, protocol);
    if (answer.status === 500) options.failed(requestId, error);
    const at = {
      ...(identified ? { identified } : {}),
      protocol,
      serviceName,
      ...(protocol === 'restXml' ? { resource: request.path } : {}),
    };
    const response = encodeFault(at, answer, requestId);
    this.#report(progress, answer.code, response.status);
    return response;
  }

  #report({ identified }: Progress, outcome: string, status: number): void {
    const service = identified?.service.source.name ?? 'unknown';
    this.#options.answered(service, identified?.operation.name, outcome, status);
  }
}

const isS3 = (claim: SignatureClaim): boolean => claim.service === 's3' || claim.scheme === 's3v2-query';

interface Answer {
  readonly code: string;
  readonly message: string;
  readonly status?: number;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** The client went away in the middle of its body: no fault of ours, and nobody is left to be told. */
function isBrokenOff(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

/** JSON services and REST-JSON services name a denial by its exception. */
const exceptions: ReadonlySet<ProtocolName> = new Set(['awsJson1_0', 'awsJson1_1', 'restJson1', 'rpcv2Cbor']);

function toAnswer(error: unknown, protocol: ProtocolName): Answer {
  if (error instanceof AwsError || error instanceof WireFault) {
    const { code, message, status, members } = error;
    const denied = code === 'AccessDenied' && exceptions.has(protocol);
    const jsonDenied = denied && protocol !== 'restJson1';
    return {
      code: denied ? 'AccessDeniedException' : code,
      message,
      ...(status === undefined ? {} : { status: jsonDenied ? 400 : status }),
      ...(members ? { members } : {}),
      ...(error instanceof AwsError && error.headers ? { headers: error.headers } : {}),
    };
  }
  if (error instanceof FullError) {
    return {
      code: 'ServiceUnavailable',
      message: 'The disk of this instance is full: nothing new can be stored.',
      status: 503,
    };
  }
  if (error instanceof CorruptError) {
    return {
      code: 'InternalFailure',
      message: 'What is stored does not verify; nothing of it is given out.',
      status: 500,
    };
  }
  if (isBrokenOff(error))
    return { code: 'IncompleteBody', message: 'The request ended before its body did.', status: 400 };
  if (error instanceof SignatureRefusal) return { code: 'AccessDenied', message: 'Access Denied', status: 403 };
  return { code: 'InternalFailure', message: 'An internal error occurred.', status: 500 };
}
