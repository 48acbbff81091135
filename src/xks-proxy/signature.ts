/** Whether a request to the proxy was signed with a credential of its key store ("Appendix A", XKS Proxy API). */
import { SignatureRefusal, tryReadSignature, verify } from '../wire/signing/index.ts';
import type { HttpRequest } from '../wire/types.ts';
import { ProxyRefusal, type ProxyStore } from './ports.ts';

/** "Any requests more than 5 minutes in the past (or future, due to clock drift) SHOULD fail authentication." */
const skewMs = 5 * 60_000;

/** One answer for every reason: which it was is nobody's business who cannot sign. @throws ProxyRefusal */
export function requireSignature(request: HttpRequest, body: Uint8Array, store: ProxyStore, now: number): void {
  const claim = tryReadSignature(request);
  if (!claim || claim instanceof SignatureRefusal || claim.scheme !== 'sigv4-header') throw failed();
  const credential = store.credentials.find((one) => one.accessKeyId === claim.accessKeyId);
  if (!credential || claim.token !== undefined || !claim.signedHeaders.includes('host')) throw failed();
  try {
    verify(claim, request, credential, { service: 'kms-xks-proxy', now, skewMs, body });
  } catch (error) {
    if (error instanceof SignatureRefusal) throw failed();
    throw error;
  }
}

const failed = (): ProxyRefusal =>
  new ProxyRefusal('AuthenticationFailedException', 'The request was rejected due to an invalid SigV4 signature.');
