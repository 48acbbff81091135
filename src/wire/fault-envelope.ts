/** Errors to responses: code, text, status and envelope as each protocol has them. */
import { writeCbor } from './cbor/write.ts';
import type { Identified } from './identify.ts';
import { writeJson } from './json/write.ts';
import { bind, type ErrorModel } from './model.ts';
import { hostId, requestIdHeaders } from './request-id.ts';
import { writeHeaders } from './rest/response.ts';
import { type Shape, UNIT } from './shape.ts';
import { statusOfCode } from './status.ts';
import type { HttpResponse, ProtocolName } from './types.ts';
import { escapeXml, writeXmlMembers } from './xml/write.ts';

/** What an error is answered to. `identified` is absent when the request could not be understood. */
export interface FaultContext {
  readonly identified?: Identified | undefined;
  readonly protocol: ProtocolName;
  /** The IAM prefix, where known. */
  readonly serviceName?: string | undefined;
  /** S3 names the resource: the path of the request. */
  readonly resource?: string | undefined;
  /** Of the request: an answer to HEAD has no body. */
  readonly method?: string | undefined;
}

/** An error as a service, the gateway or the wire states it. */
export interface Fault {
  readonly code: string;
  readonly message: string;
  readonly status?: number | undefined;
  /** Further members of the modelled error; in S3 further elements. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
  /** Headers that go with this error (S3's `x-amz-delete-marker`), lower-case names. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export function encodeFault(at: FaultContext, fault: Fault, requestId: string): HttpResponse {
  const model = at.identified?.service.error(fault.code);
  const service = at.serviceName ?? at.identified?.service.source.name;
  const headers = {
    ...fault.headers,
    ...requestIdHeaders(at.protocol === 'restXml' ? (service ?? 's3') : service, requestId),
  };
  const status = statusOf(at.protocol, fault, model);
  switch (at.protocol) {
    case 'awsQuery':
      return {
        status,
        headers: { ...headers, 'content-type': 'text/xml' },
        body: queryBody(at, fault, model, status, requestId),
      };
    case 'ec2Query':
      return {
        status,
        headers: { ...headers, 'content-type': 'text/xml;charset=UTF-8' },
        body: ec2Body(fault, requestId),
      };
    case 'restXml':
      if (service !== undefined && service !== 's3') {
        // CloudFront and Route 53 answer in the envelope of the query services.
        const body = queryBody(at, fault, model, status, requestId);
        return { status, headers: { ...headers, 'content-type': 'text/xml' }, body };
      }
      return s3Response(at, fault, status, headers, requestId);
    case 'awsJson1_0':
    case 'awsJson1_1':
    case 'restJson1':
    case 'rpcv2Cbor':
      return treeResponse(at, fault, model, status, headers);
  }
}

function statusOf(protocol: ProtocolName, fault: Fault, model: ErrorModel | undefined): number {
  if (fault.status !== undefined) return fault.status;
  if (protocol === 'awsJson1_0' || protocol === 'awsJson1_1' || protocol === 'rpcv2Cbor') {
    // These protocols say 400 for every fault of the sender, whatever the model's httpError is.
    const status = model ? (model.sender ? 400 : model.status) : (statusOfCode(fault.code, protocol) ?? 400);
    return status >= 500 ? status : 400;
  }
  return model?.status ?? statusOfCode(fault.code, protocol) ?? 400;
}

/** The members of an error besides its message, with the message under the name that the model gives it. */
function membersOf(model: ErrorModel | undefined, fault: Fault, fallback: string): { shape: Shape; values: object } {
  const values: Record<string, unknown> = { ...fault.members };
  const named = model?.shape.members.find((member) => member.name.toLowerCase() === 'message');
  if (named) values[named.name] ??= fault.message;
  else values[fallback] = fault.message;
  return { shape: model?.shape ?? UNIT, values };
}

function queryBody(
  at: FaultContext,
  fault: Fault,
  model: ErrorModel | undefined,
  status: number,
  requestId: string,
): string {
  const namespace = at.identified?.service.source.xmlNamespace;
  const type = (model ? model.sender : status < 500) ? 'Sender' : 'Receiver';
  const { shape, values } = membersOf(model, fault, 'message');
  const { message, Message, ...rest } = values as Record<string, unknown>;
  const more = writeXmlMembers(shape, rest, { fullTimes: false });
  const text = String(message ?? Message ?? '');
  return `<ErrorResponse${namespace ? ` xmlns="${namespace}"` : ''}>\n  <Error>\n    <Type>${type}</Type>\n    <Code>${escapeXml(model?.queryCode ?? fault.code)}</Code>\n    ${text === '' ? '' : `<Message>${escapeXml(text)}</Message>`}${more}\n  </Error>\n  <RequestId>${requestId}</RequestId>\n</ErrorResponse>\n`;
}

function ec2Body(fault: Fault, requestId: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function s3Response(
  at: FaultContext,
  fault: Fault,
  status: number,
  headers: Record<string, string>,
  requestId: string,
): HttpResponse {
  const method = at.method ?? at.identified?.operation.method;
  if (method === 'HEAD' || status === 304) return { status, headers, body: '' };
  let more = '';
  for (const [name, value] of Object.entries(fault.members ?? {})) {
    if (/^[A-Za-z][A-Za-z0-9]*$/.test(name) && (typeof value === 'string' || typeof value === 'number')) {
      more += `<${name}>${escapeXml(String(value))}</${name}>`;
    }
  }
  if (at.resource !== undefined && fault.members?.Resource === undefined) {
    more += `<Resource>${escapeXml(at.resource)}</Resource>`;
  }
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${escapeXml(fault.code)}</Code><Message>${escapeXml(fault.message)}</Message>${more}<RequestId>${requestId}</RequestId><HostId>${hostId(requestId)}</HostId></Error>`;
  return { status, headers: { ...headers, 'content-type': 'application/xml' }, body };
}

/** Errors that the frameworks below the services raise write their text as `Message`. */
const CAPITAL_MESSAGE: ReadonlySet<string> = new Set(['AccessDeniedException', 'SerializationException']);

function treeResponse(
  at: FaultContext,
  fault: Fault,
  model: ErrorModel | undefined,
  status: number,
  headers: Record<string, string>,
): HttpResponse {
  const name = model?.name ?? fault.code;
  const absolute = `${model?.namespace ?? 'com.amazon.coral.service'}#${name}`;
  const { shape, values } = membersOf(model, fault, CAPITAL_MESSAGE.has(name) ? 'Message' : 'message');
  if (model && at.identified && speaksQuery(at.identified)) {
    headers['x-amzn-query-error'] = `${model.queryCode};${model.sender ? 'Sender' : 'Receiver'}`;
  }
  const loose = shape === UNIT || !shape.members.some((member) => member.name.toLowerCase() === 'message');
  if (at.protocol === 'rpcv2Cbor') {
    headers['smithy-protocol'] = 'rpc-v2-cbor';
    headers['content-type'] = 'application/cbor';
    const extra = loose ? { __type: absolute, message: fault.message } : { __type: absolute };
    return { status, headers, body: writeCbor(shape, values, extra) };
  }
  if (at.protocol === 'restJson1') {
    headers['x-amzn-errortype'] = name;
    headers['content-type'] = 'application/json';
    const binding = model && bind(model.shape);
    if (binding) writeHeaders(binding, values, headers);
    const text = writeJson(binding?.body ?? shape, values, 'jsonName');
    return { status, headers, body: loose ? withMessage(text, values) : text };
  }
  headers['content-type'] = at.protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
  const type = at.protocol === 'awsJson1_0' ? absolute : name;
  const text = writeJson(shape, values, 'name');
  const held = loose ? withMessage(text, values) : text;
  return { status, headers, body: `{"__type":${JSON.stringify(type)}${held === '{}' ? '' : ','}${held.slice(1)}` };
}

/** Adds the message to an error whose model (or the want of one) has no member for it. */
function withMessage(text: string, values: object): string {
  const { message, Message } = values as { message?: string; Message?: string };
  if (!message && !Message) return text;
  const pair = `${Message === undefined ? '"message"' : '"Message"'}:${JSON.stringify(Message ?? message ?? '')}`;
  return text === '{}' ? `{${pair}}` : `${text.slice(0, -1)},${pair}}`;
}

function speaksQuery({ service }: Identified): boolean {
  return service.source.protocols.includes('awsQuery');
}
