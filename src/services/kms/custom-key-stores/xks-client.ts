/** Speaks to external key store proxies: the four calls of the XKS Proxy API, version 1. */
import type { CheckCall, Principal } from '../../service.ts';
import { keyArn } from '../arns.ts';
import { callContext } from '../checks.ts';
import { type XksAnswer, type XksTransport, XksUnanswered } from '../ports.ts';
import type { KeyRow } from '../state.ts';
import { readAnswer, readDecrypted, readEncrypted, readHealth, readMetadata } from './answers.ts';
import { XksFailure } from './failures.ts';
import { hasIntegrity, type OuterCiphertext } from './integrity.ts';

/** A proxy, and as whom it is asked. */
export interface XksPlace {
  readonly endpoint: string;
  readonly path: string;
  readonly credential: { readonly accessKeyId: string; readonly secret: string };
}

/** A key there: at the proxy, and here. */
export interface XksKey {
  readonly id: string;
  readonly key: KeyRow;
}

type Asking = Pick<CheckCall, 'requestId' | 'operation' | 'caller' | 'scope' | 'calledVia'>;

const base64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
const algorithm = { encryptionAlgorithm: 'AES_GCM' };

export class XksClient {
  readonly #transport: XksTransport;
  readonly #place: XksPlace;
  readonly #call: Asking;

  constructor(transport: XksTransport, place: XksPlace, call: Asking) {
    this.#transport = transport;
    this.#place = place;
    this.#call = call;
  }

  /** Every method rejects with an XksFailure. */
  async checkHealth(): Promise<void> {
    const { requestId: kmsRequestId, operation: kmsOperation } = this.#call;
    readHealth(await this.#ask('/health', { requestMetadata: { kmsRequestId, kmsOperation } }));
  }

  /** @param id of a key that is to serve for a new KMS key, which has no ARN yet */
  async checkKey(id: string): Promise<void> {
    readMetadata(await this.#ask(`/keys/${id}/metadata`, { requestMetadata: this.#metadata() }));
  }

  async encrypt({ id, key }: XksKey, plaintext: Uint8Array, aad: Uint8Array): Promise<OuterCiphertext> {
    const answer = await this.#ask(`/keys/${id}/encrypt`, {
      requestMetadata: this.#metadata(key),
      additionalAuthenticatedData: base64(aad),
      plaintext: base64(plaintext),
      ...algorithm,
      ciphertextDataIntegrityValueAlgorithm: 'SHA_256',
    });
    const { made, integrity } = readEncrypted(answer, plaintext.byteLength);
    if (!hasIntegrity(aad, made, integrity)) throw new XksFailure('malformed');
    return made;
  }

  async decrypt({ id, key }: XksKey, made: OuterCiphertext, aad: Uint8Array): Promise<Buffer> {
    const answer = await this.#ask(`/keys/${id}/decrypt`, {
      requestMetadata: this.#metadata(key),
      additionalAuthenticatedData: base64(aad),
      ciphertext: base64(made.body),
      ...(made.metadata.byteLength > 0 && { ciphertextMetadata: base64(made.metadata) }),
      initializationVector: base64(made.iv),
      authenticationTag: base64(made.tag),
      ...algorithm,
    });
    return readDecrypted(answer, made.body.byteLength);
  }

  #metadata(key?: KeyRow): object {
    const { requestId, operation, caller } = this.#call;
    const via = callContext(this.#call)['kms:ViaService'];
    return {
      awsPrincipalArn: principalArn(caller.principal),
      ...(key && { kmsKeyArn: keyArn(key) }),
      kmsOperation: operation,
      kmsRequestId: requestId,
      ...(via !== undefined && { kmsViaService: via }),
    };
  }

  async #ask(path: string, body: object): Promise<Record<string, unknown>> {
    const { endpoint, path: prefix, credential } = this.#place;
    let answer: XksAnswer;
    try {
      answer = await this.#transport.send({
        endpoint,
        path: `${prefix}${path}`,
        region: this.#call.scope.region,
        credential,
        body: JSON.stringify(body),
      });
    } catch (error) {
      if (error instanceof XksUnanswered) throw new XksFailure(error.reason);
      throw error;
    }
    return readAnswer(answer.status, answer.body);
  }
}

/** As in `aws:PrincipalArn`; of a service its name. */
function principalArn(principal: Principal): string {
  switch (principal.kind) {
    case 'assumed-role':
      return principal.roleArn;
    case 'service':
      return principal.name;
    case 'anonymous':
      return 'anonymous';
    default:
      return principal.arn;
  }
}
