/** Typed output to responses, in the protocol of the request. */
import { writeCbor } from './cbor/write.ts';
import type { Identified } from './identify.ts';
import { writeJson } from './json/write.ts';
import { requestIdHeaders } from './request-id.ts';
import { writeHeaders, writeRestJson, writeRestXml } from './rest/response.ts';
import type { HttpResponse } from './types.ts';
import { writeXmlMembers, type XmlStyle } from './xml/write.ts';

const SHORT_TIMES: XmlStyle = { fullTimes: false };
const FULL_TIMES: XmlStyle = { fullTimes: true };

/**
 * @param output the operation's output shape; members it does not name are left out
 * @throws TypeError when a value is not of its member's type, which is an error of the handler
 */
export function encode(identified: Identified, output: object, requestId: string): HttpResponse {
  const { operation, protocol, service } = identified;
  const headers = requestIdHeaders(service.source.name, requestId);
  switch (protocol) {
    case 'awsJson1_0':
    case 'awsJson1_1': {
      headers['content-type'] = protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
      // An operation without output answers with an empty body, as AWS's do.
      const body = operation.output.name === 'Unit' ? '' : writeJson(operation.output, output, 'name');
      return { status: 200, headers, body };
    }
    case 'rpcv2Cbor':
      headers['smithy-protocol'] = 'rpc-v2-cbor';
      if (operation.output.name === 'Unit') return { status: 200, headers, body: '' };
      headers['content-type'] = 'application/cbor';
      return { status: 200, headers, body: writeCbor(operation.output, output) };
    case 'awsQuery': {
      headers['content-type'] = 'text/xml';
      const xmlns = service.source.xmlNamespace ? ` xmlns="${service.source.xmlNamespace}"` : '';
      const held = operation.output.members.length > 0 || operation.output.name !== 'Unit';
      const result = held
        ? `  <${operation.name}Result>${writeXmlMembers(operation.output, output, SHORT_TIMES)}</${operation.name}Result>\n`
        : '';
      const body = `<${operation.name}Response${xmlns}>\n${result}  <ResponseMetadata>\n    <RequestId>${requestId}</RequestId>\n  </ResponseMetadata>\n</${operation.name}Response>\n`;
      return { status: 200, headers, body };
    }
    case 'ec2Query': {
      headers['content-type'] = 'text/xml;charset=UTF-8';
      const xmlns = service.source.xmlNamespace ? ` xmlns="${service.source.xmlNamespace}"` : '';
      const body = `<?xml version="1.0" encoding="UTF-8"?>\n<${operation.name}Response${xmlns}>\n    <requestId>${requestId}</requestId>\n    ${writeXmlMembers(operation.output, output, FULL_TIMES)}\n</${operation.name}Response>\n`;
      return { status: 200, headers, body };
    }
    case 'restJson1':
    case 'restXml':
      return encodeRest(identified, output, headers);
  }
}

function encodeRest(
  { operation, protocol, service }: Identified,
  output: object,
  headers: Record<string, string>,
): HttpResponse {
  const { outputBinding } = operation;
  writeHeaders(outputBinding, output, headers);
  const chosen = outputBinding.statusCode && (output as Record<string, unknown>)[outputBinding.statusCode.name];
  const status = typeof chosen === 'number' ? chosen : statusOf(operation, output);
  if (operation.method === 'HEAD' || status === 204 || status === 304) return { status, headers, body: '' };
  const { body, type } =
    protocol === 'restJson1'
      ? writeRestJson(outputBinding, output)
      : writeRestXml(operation, output, service.source.xmlNamespace, FULL_TIMES);
  if (body !== '') headers['content-type'] ??= type;
  return { status, headers, body };
}

/** A range of an object is partial content; the model has only the status of the whole. */
function statusOf(operation: Identified['operation'], output: object): number {
  const isRead = operation.streamingOutput || operation.name === 'HeadObject';
  if (isRead && (output as { ContentRange?: unknown }).ContentRange !== undefined) return 206;
  return operation.status;
}
