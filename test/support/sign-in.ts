/** Signs in to a running instance as anybody on the network could: no SDK, no signature. */
import type { Keys } from './instance.ts';

export interface SignInAnswer {
  readonly status: number;
  /** The error's code; undefined for a success. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  /** As it came. */
  readonly text: string;
  /** Of a success; otherwise empty. */
  readonly keys: Keys;
  readonly expiration: number;
  readonly requestId: string;
}

export async function signIn(
  endpoint: string,
  operation: 'SignInRootUser' | 'SignInUser',
  input: object,
): Promise<SignInAnswer> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Bailey.${operation}` },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  const answer = JSON.parse(text) as Record<string, string>;
  return {
    status: response.status,
    code: answer.__type,
    message: answer.message ?? answer.Message,
    text,
    keys: {
      accessKeyId: answer.AccessKeyId ?? '',
      secretAccessKey: answer.SecretAccessKey ?? '',
      sessionToken: answer.SessionToken ?? '',
    },
    expiration: Number(answer.Expiration),
    requestId: response.headers.get('x-amzn-requestid') ?? '',
  };
}

/** A configured account whose root user and users have passwords. */
export const rootForm = { Email: 'owner@coffee.example', Password: 'correct horse battery staple' };
