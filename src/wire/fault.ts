/** What the wire answers when a request cannot be understood, before any service has seen it. */
import type { ProtocolName } from './types.ts';

/** A refusal with AWS's code and text; `status` where the protocol's default for the code is not right. */
export class WireFault extends Error {
  override readonly name = 'WireFault';
  readonly code: string;
  readonly status: number | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(code: string, message: string, options?: { status?: number; members?: Record<string, unknown> }) {
    super(message);
    this.code = code;
    this.status = options?.status;
    this.members = options?.members;
  }
}

/** The code for bytes or values that cannot be read as the API's shapes. */
const UNREADABLE: Readonly<Record<ProtocolName, string>> = {
  awsJson1_0: 'SerializationException',
  awsJson1_1: 'SerializationException',
  restJson1: 'SerializationException',
  rpcv2Cbor: 'SerializationException',
  awsQuery: 'MalformedInput',
  ec2Query: 'InvalidParameterValue',
  restXml: 'MalformedXML',
};

/** A value of the wrong type, malformed bytes, or a body beyond the reader's limits. */
export function unreadable(protocol: ProtocolName, message: string): WireFault {
  return new WireFault(UNREADABLE[protocol], message, { status: 400 });
}

/** Nesting that no API model needs: deeper input is refused, not walked. */
export const MAX_DEPTH = 64;
/** Elements of all lists and maps, and members, in one request. */
export const MAX_VALUES = 100_000;
