/**
 * How far a request keeps to RFC 9112, in the words of the load balancer's access log.
 * @see Elastic Load Balancing User Guide, "Desync mitigation mode" and "Classification reasons"
 */

export type Classification = 'Compliant' | 'Acceptable' | 'Ambiguous' | 'Severe';

export type Reason =
  | 'AmbiguousUri'
  | 'BadContentLength'
  | 'BadHeader'
  | 'BadMethod'
  | 'BadTransferEncoding'
  | 'BadUri'
  | 'BadVersion'
  | 'BothTeClPresent'
  | 'DuplicateContentLength'
  | 'EmptyHeader'
  | 'GetHeadZeroContentLength'
  | 'NonCompliantHeader'
  | 'NonCompliantVersion'
  | 'SpaceInUri'
  | 'SuspiciousHeader'
  | 'UndefinedContentLengthSemantics'
  | 'UndefinedTransferEncodingSemantics';

const classes: Readonly<Record<Reason, Classification>> = {
  AmbiguousUri: 'Ambiguous',
  BadContentLength: 'Severe',
  BadHeader: 'Severe',
  BadMethod: 'Severe',
  BadTransferEncoding: 'Severe',
  BadUri: 'Severe',
  BadVersion: 'Severe',
  BothTeClPresent: 'Ambiguous',
  DuplicateContentLength: 'Ambiguous',
  EmptyHeader: 'Ambiguous',
  GetHeadZeroContentLength: 'Acceptable',
  NonCompliantHeader: 'Acceptable',
  NonCompliantVersion: 'Acceptable',
  SpaceInUri: 'Acceptable',
  SuspiciousHeader: 'Ambiguous',
  UndefinedContentLengthSemantics: 'Ambiguous',
  UndefinedTransferEncodingSemantics: 'Ambiguous',
};

const order: readonly Classification[] = ['Compliant', 'Acceptable', 'Ambiguous', 'Severe'];

export function classOf(reason: Reason | undefined): Classification {
  return reason === undefined ? 'Compliant' : classes[reason];
}

/** The graver of two findings. */
export function graver(known: Reason | undefined, found: Reason): Reason {
  return known !== undefined && order.indexOf(classOf(known)) >= order.indexOf(classOf(found)) ? known : found;
}

export type DesyncMode = 'monitor' | 'defensive' | 'strictest';

/**
 * What is done with it. What goes on is written anew from what was inspected, so that no reading but one is possible.
 * Severe requests are refused in every mode: here the parser cannot say where such a request ends.
 */
export function treatment(mode: DesyncMode, reason: Reason | undefined): 'forward' | 'forward-and-close' | 'refuse' {
  const found = classOf(reason);
  if (found === 'Compliant') return 'forward';
  if (found === 'Severe' || mode === 'strictest') return 'refuse';
  return found === 'Ambiguous' && mode === 'defensive' ? 'forward-and-close' : 'forward';
}

/** What the parser refused, by the code of its error. */
export function reasonOfParseError(code: string, message: string): Reason {
  if (message.includes('present with Content-Length') || message.includes('present with Transfer-Encoding')) {
    return 'BothTeClPresent';
  }
  switch (code) {
    case 'HPE_UNEXPECTED_CONTENT_LENGTH':
      return 'DuplicateContentLength';
    case 'HPE_INVALID_CONTENT_LENGTH':
      return 'BadContentLength';
    case 'HPE_INVALID_TRANSFER_ENCODING':
    case 'HPE_INVALID_CHUNK_SIZE':
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return 'BadTransferEncoding';
    case 'HPE_INVALID_METHOD':
      return 'BadMethod';
    case 'HPE_INVALID_URL':
      return 'BadUri';
    case 'HPE_INVALID_CONSTANT':
      return 'SpaceInUri';
    case 'HPE_INVALID_VERSION':
      return 'BadVersion';
    default:
      return 'BadHeader';
  }
}
