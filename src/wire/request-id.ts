/** The headers by which an answer names its request. */

/** S3 has names of its own, and a second id that only its operators could read; ours is derived from the first. */
export function requestIdHeaders(service: string | undefined, requestId: string): Record<string, string> {
  if (service !== 's3') return { 'x-amzn-requestid': requestId };
  return { 'x-amz-request-id': requestId, 'x-amz-id-2': hostId(requestId) };
}

/** S3's `HostId`. */
export function hostId(requestId: string): string {
  return btoa(requestId.padEnd(57, requestId).slice(0, 57));
}
