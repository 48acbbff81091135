/** Writes the CloudTrail record of a call: AWS's format on the outside, and Bailey's reasons in a wrapper of its own. */
import { dataStream, managementStream, recordPartition, type TouchedResource } from '../events/api-call.ts';
import type { Caller, Connection, RecordedResource, Scope } from '../services/service.ts';
import type { Entry } from '../store/store.ts';
import type { SignatureFacts } from './context.ts';
import { eventName } from './event-names.ts';
import { globalServices } from './global-services.ts';
import { quote } from './json-text.ts';
import { identityJson } from './record-identity.ts';
import { requestParametersJson, responseElementsJson } from './record-parameters.ts';
import { resourcesJson, touchedResources } from './record-resources.ts';

/** Everything that is known of a call once it has been answered. */
export interface RecordFacts {
  readonly caller: Caller;
  readonly scope: Scope;
  readonly connection: Connection;
  /** The IAM prefix of the service: `iam`. */
  readonly service: string;
  readonly operation: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Letters, digits and hyphens, as the gateway makes them. */
  readonly requestId: string;
  /** A UUID, fresh for each record. */
  readonly eventId: string;
  /** As the operation declares it; by default the verb of its name tells. */
  readonly readOnly?: boolean | undefined;
  /** A data event. */
  readonly data?: boolean | undefined;
  /** Input and output after masking (wire.mask); no secrets. Absent when there is none. */
  readonly input?: object | undefined;
  readonly output?: object | undefined;
  /** Members (dotted paths, in the names of the API model) that the record leaves out. */
  readonly hide?: readonly string[] | undefined;
  /** The error that the caller was answered. `server`: a fault of this side (5xx). */
  readonly error?: { readonly code: string; readonly message: string; readonly server?: boolean } | undefined;
  /** What the handler added with `call.note`, and what the gateway knows. */
  readonly additionalEventData?: object | undefined;
  readonly resources?: readonly RecordedResource[] | undefined;
  readonly signature?: SignatureFacts | undefined;
  /** Services that acted on the way, first to last. */
  readonly calledVia?: readonly string[] | undefined;
  /** The account whose record this is: the caller's by default. Another account sees the caller as an outsider. */
  readonly recipient?: string | undefined;
  /** Joins the copies of one call in several accounts. */
  readonly sharedEventId?: string | undefined;
  /** The account that owns the resource, where it is known. */
  readonly owner?: string | undefined;
  /** The decision in short, as JSON, for `bailey explain`; stays beside the record, never in it. */
  readonly why?: string | undefined;
}

/** Longest values that a record keeps (CloudTrail User Guide, "CloudTrail record contents"), in characters. */
const longestText = 1_024;
/** More than AWS keeps: a denial of EC2 carries an encoded message, which is of no use when it is cut. */
const longestMessage = 4_096;

const readVerb = /^(?:Get|List|Describe|Head|Lookup|Simulate|Decode|BatchGet|Query|Scan|Search|Verify|Test)(?![a-z])/;
/** Calls that only read although their name does not say so, and the reverse. */
const readOnlyByName = new Map<string, boolean>([
  ['AssumeRole', true],
  ['AssumeRoleWithSAML', true],
  ['AssumeRoleWithWebIdentity', true],
  ['AssumeRoot', true],
  ['GenerateCredentialReport', false],
  ['GenerateServiceLastAccessedDetails', false],
]);
const readOnlyKnown = new Map<string, boolean>();

/** Whether an operation only reads, judged by its name. Names come from API models, so the memory is bounded. */
export function readsOnly(operation: string): boolean {
  let known = readOnlyKnown.get(operation);
  if (known === undefined) {
    known = readOnlyByName.get(operation) ?? readVerb.test(operation);
    readOnlyKnown.set(operation, known);
  }
  return known;
}

/** Reads whose records show the answer all the same: to whom temporary credentials were given. */
const credentialCalls: ReadonlySet<string> = new Set([
  'AssumeRole',
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'GetFederationToken',
  'GetSessionToken',
]);

/** Whether a record has `responseElements`: masking the output of other calls would be in vain. */
export function showsAnswer(operation: string, readOnly: boolean): boolean {
  return !readOnly || credentialCalls.has(operation);
}

/** The record of a call as JSON text, in AWS's order of members. */
export function buildRecord(facts: RecordFacts): string {
  const { caller, connection, error } = facts;
  const recipient = recipientOf(facts);
  const data = facts.data === true;
  const readOnly = facts.readOnly ?? readsOnly(facts.operation);
  const via = actingService(facts);
  const resources = resourcesJson(facts);
  let json = `{"eventVersion":"1.11","userIdentity":${identityJson(caller, recipient, via)},"eventTime":"${eventTime(facts.now)}","eventSource":"${eventSource(facts.service)}","eventName":${quote(eventName(facts.service, facts.operation))},"awsRegion":${quote(regionOf(facts))},"sourceIPAddress":${quote(via ?? connection.sourceIp)},"userAgent":${quote(via ?? clip(connection.userAgent))}`;
  if (error)
    json += `,"errorCode":${quote(errorCode(facts.service, error))},"errorMessage":${quote(clip(error.message, longestMessage))}`;
  json += `,"requestParameters":${requestParametersJson(facts)},"responseElements":${
    error || !showsAnswer(facts.operation, readOnly) ? 'null' : responseElementsJson(facts)
  }`;
  const additional = additionalData(facts);
  if (additional) json += `,"additionalEventData":${additional}`;
  json += `,"requestID":"${facts.requestId}","eventID":"${facts.eventId}","readOnly":${readOnly}`;
  if (resources !== '') json += `,"resources":${resources}`;
  json += `,"eventType":"AwsApiCall","managementEvent":${!data},"recipientAccountId":${quote(recipient)}`;
  if (facts.sharedEventId) json += `,"sharedEventID":${quote(facts.sharedEventId)}`;
  const endpoint = via === undefined ? connection.endpoint : undefined;
  if (endpoint) json += `,"vpcEndpointId":${quote(endpoint.id)},"vpcEndpointAccountId":${quote(endpoint.account)}`;
  json += `,"eventCategory":"${data ? 'Data' : 'Management'}"`;
  const { tls } = connection;
  if (tls) {
    json += `,"tlsDetails":{"tlsVersion":${quote(tls.version)},"cipherSuite":${quote(tls.cipherSuite)},"clientProvidedHostHeader":${quote(clip(connection.host))}}`;
  }
  return `${json}}`;
}

/** What LookupEvents can ask for. */
function recordTags(facts: RecordFacts, touched: readonly TouchedResource[]): Entry['tags'] {
  const tags: Record<string, string | readonly string[]> = {
    EventId: facts.eventId,
    EventName: eventName(facts.service, facts.operation),
    ReadOnly: String(facts.readOnly ?? readsOnly(facts.operation)),
    EventSource: eventSource(facts.service),
  };
  const name = lookupName(facts.caller);
  if (name && recipientOf(facts) === facts.caller.account) tags.Username = name;
  if (facts.caller.accessKeyId && recipientOf(facts) === facts.caller.account) {
    tags.AccessKeyId = facts.caller.accessKeyId;
  }
  const [first] = touched;
  if (first && touched.length === 1) {
    tags.ResourceType = first.type;
    tags.ResourceName = first.name;
  } else if (first) {
    tags.ResourceType = [...new Set(touched.map((resource) => resource.type))];
    tags.ResourceName = [...new Set(touched.map((resource) => resource.name))];
  }
  return tags;
}

/**
 * The entry to append with the change of the call. The caller's own copy is filed under the request id, so that a
 * request id finds it; a copy for another account is filed under its event id.
 */
export function recordEntry(facts: RecordFacts): Entry {
  const recipient = recipientOf(facts);
  const touched = touchedResources(facts);
  let json = `{"record":${buildRecord(facts)}`;
  if (touched.length > 0) json += `,"touched":[${touched.map(touchedJson).join(',')}]`;
  if (facts.why !== undefined) json += `,"why":${facts.why}`;
  const copy = facts.recipient !== undefined && facts.recipient !== facts.caller.account && facts.sharedEventId;
  return {
    stream: facts.data === true ? dataStream : managementStream,
    partition: recordPartition(recipient, regionOf(facts)),
    id: copy ? facts.eventId : facts.requestId,
    time: facts.now,
    tags: recordTags(facts, touched),
    body: `${json}}`,
  };
}

/** The region that the record lies in: us-east-1 for services without regions. */
function regionOf(facts: Pick<RecordFacts, 'service' | 'scope'>): string {
  return globalServices.has(facts.service) ? 'us-east-1' : facts.scope.region;
}

function recipientOf(facts: RecordFacts): string {
  return facts.recipient ?? (facts.caller.account || facts.owner || facts.scope.account);
}

/** The service that made the call, by itself or on behalf of its caller. */
function actingService(facts: RecordFacts): string | undefined {
  const { principal } = facts.caller;
  return principal.kind === 'service' ? principal.name : (facts.calledVia?.at(-1) ?? facts.connection.service);
}

function lookupName(caller: Caller): string | undefined {
  const { principal } = caller;
  switch (principal.kind) {
    case 'root':
      return 'root';
    case 'user':
    case 'federated-user':
      return principal.name;
    case 'assumed-role':
      return principal.sessionName;
    default:
      return undefined;
  }
}

/** S3 tells how a request was signed; other services add only what their handlers note. */
function additionalData(facts: RecordFacts): string | undefined {
  const given = facts.additionalEventData;
  const noted = given && Object.keys(given).length > 0 ? given : undefined;
  if (facts.service !== 's3' || !facts.signature) return noted ? JSON.stringify(noted) : undefined;
  const { authType, version } = facts.signature;
  const signed = `"SignatureVersion":"${version === 'AWS' ? 'SigV2' : version === 'AWS4-ECDSA-P256-SHA256' ? 'SigV4A' : 'SigV4'}","AuthenticationMethod":"${authType === 'REST-HEADER' ? 'AuthHeader' : authType === 'POST' ? 'HtmlForm' : 'QueryString'}"`;
  const more = noted ? JSON.stringify(noted).slice(1, -1) : '';
  return more === '' ? `{${signed}}` : `{${signed},${more}}`;
}

function touchedJson(resource: TouchedResource): string {
  return `{"type":${quote(resource.type)},"name":${quote(resource.name)}}`;
}

/** Records name errors by their class for IAM, and with the side at fault for EC2. */
function errorCode(service: string, error: NonNullable<RecordFacts['error']>): string {
  const code = clip(error.code);
  if (service === 'ec2') return `${error.server ? 'Server' : 'Client'}.${code}`;
  if (code === 'AccessDeniedException') return 'AccessDenied';
  if (service !== 'iam' || code === 'AccessDenied' || code.endsWith('Exception')) return code;
  return code === 'ValidationError' ? 'ValidationException' : `${code}Exception`;
}

/** The same text for the same service, which the store then knows again without reading it. */
const eventSources = new Map<string, string>();

function eventSource(service: string): string {
  let source = eventSources.get(service);
  if (source === undefined) {
    source = `${service}.amazonaws.com`;
    // Names come from API models, so the memory is bounded.
    eventSources.set(service, source);
  }
  return source;
}

let lastSecond = -1;
let lastText = '';

function eventTime(now: number): string {
  const second = Math.floor(now / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

function clip(text: string, longest = longestText): string {
  return text.length > longest ? text.slice(0, longest) : text;
}
