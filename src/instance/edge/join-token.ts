/** What an operator carries from the control plane to another machine, so that an edge node there may join. */

export interface JoinToken {
  readonly host: string;
  readonly port: number;
  /** PEM: the only authority that may vouch for the control plane. */
  readonly root: string;
  /** Good for one node. */
  readonly secret: string;
}

const longest = 8 * 1024;

export function printJoinToken(token: JoinToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** Throws an Error that says what to do. */
export function parseJoinToken(text: string): JoinToken {
  const wrong = new Error('This is no join token: make one with `bailey edge token` on the machine of the instance.');
  if (text.length > longest || !/^[\w-]+$/.test(text)) throw wrong;
  try {
    const { host, port, root, secret } = JSON.parse(Buffer.from(text, 'base64url').toString()) as JoinToken;
    if ([host, root, secret].every((one) => typeof one === 'string') && Number.isInteger(port)) {
      return { host, port, root, secret };
    }
  } catch {
    // Said below.
  }
  throw wrong;
}

/** In the certificate of the control plane's door, whatever address it is reached by. */
export const doorName = 'edge.bailey.internal';
/** In the certificates of nodes: no principal of anybody's. */
export const nodeNames = 'spiffe://bailey/edge/';
