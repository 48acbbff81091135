/** What only browsers do to S3: uploads by forms, and requests from other origins. */
import type { Identified } from '../wire/index.ts';
import type { HttpRequest, HttpResponse } from '../wire/types.ts';
import { type AuthenticatedForm, authenticateForm, type FormOptions } from './authenticate-form.ts';
import type { Browsers } from './ports.ts';

export interface OpenedForm {
  readonly authenticated: AuthenticatedForm;
  /** The input of PostObject, its file still unread. */
  readonly input: object;
}

/** The bucket that a request names, if it names one. */
export function bucketOf(identified: Identified | undefined): string | undefined {
  const label = identified?.labels.get('Bucket');
  try {
    return label === undefined ? undefined : decodeURIComponent(label);
  } catch {
    return undefined;
  }
}

/**
 * Reads a form up to its file and finds out from its signed policy who sends it.
 * @throws what forms and their policies are refused with
 */
export async function openForm(
  request: HttpRequest,
  body: AsyncIterable<Uint8Array>,
  bucket: string,
  browsers: Browsers,
  options: Omit<FormOptions, 'bucket' | 'key'>,
): Promise<OpenedForm> {
  const form = await browsers.readForm(request.headers['content-type'], body);
  const authenticated = await authenticateForm(form.fields, { ...options, bucket, key: form.key });
  return { authenticated, input: form.input(bucket, authenticated.limits) };
}

/** Lets scripts of other origins see the answer where the bucket's rules say so. */
export async function withCrossOrigin(
  request: HttpRequest,
  identified: Identified | undefined,
  response: HttpResponse,
  browsers: Browsers,
): Promise<HttpResponse> {
  const { origin } = request.headers;
  const bucket = origin === undefined || request.method === 'OPTIONS' ? undefined : bucketOf(identified);
  if (origin === undefined || bucket === undefined || identified?.service.source.name !== 's3') return response;
  const headers = await browsers.crossOrigin(bucket, origin, request.method);
  return headers ? { ...response, headers: { ...response.headers, ...headers } } : response;
}
