/** The old presigned form of S3, against strings to sign as boto makes them. */
import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../types.ts';
import { credentials, httpRequest, outcome, time, withHeaders } from './requests.fixture.ts';

const end = time / 1000 + 60;

/** @param text the string to sign, written out by hand */
function link(text: string, parts: Parameters<typeof httpRequest>[0]): HttpRequest {
  const signature = encodeURIComponent(createHmac('sha1', credentials.secret).update(text).digest('base64'));
  const own = `AWSAccessKeyId=${credentials.accessKeyId}&Signature=${signature}&Expires=${end}`;
  return httpRequest({ ...parts, query: parts.query ? `${parts.query}&${own}` : own });
}

const get = link(`GET\n\n\n${end}\n/b/a%20k`, { path: '/b/a%20k' });

describe('wire trap 3: the old presigned form', () => {
  it('verifies GET, HEAD and PUT, each for itself', () => {
    expect(outcome(get)).toBe('verified');
    expect(outcome({ ...get, method: 'HEAD' })).toBe('mismatch');
    expect(outcome(link(`HEAD\n\n\n${end}\n/b/k`, { method: 'HEAD', path: '/b/k' }))).toBe('verified');
    const put = link(`PUT\n\ntext/plain\n${end}\nx-amz-meta-a:1\n/b/k`, {
      method: 'PUT',
      path: '/b/k',
      headers: { 'content-type': 'text/plain', 'x-amz-meta-a': '1' },
    });
    expect(outcome(put)).toBe('verified');
    expect(outcome(withHeaders(put, { 'content-type': 'text/html' }))).toBe('mismatch');
    expect(outcome(withHeaders(put, { 'x-amz-meta-a': '2' }))).toBe('mismatch');
    expect(outcome(withHeaders(put, { 'x-amz-acl': 'public-read' }))).toBe('mismatch');
  });

  it('takes no other method', () => {
    for (const method of ['DELETE', 'POST', 'OPTIONS']) {
      expect(outcome(link(`${method}\n\n\n${end}\n/b/k`, { method, path: '/b/k' }))).toBe('unsupported');
    }
  });

  it('ends', () => {
    expect(outcome(get, { now: time + 60_000 })).toBe('verified');
    expect(outcome(get, { now: time + 60_001 })).toBe('presigned-expired');
    expect(outcome({ ...get, query: get.query.replace(String(end), String(end + 9)) })).toBe('mismatch');
  });

  it('covers sub-resources, decoded, and takes no parameter that it does not cover', () => {
    const query = 'versionId=v1&response-content-type=text%2Fplain&uploads';
    const text = `GET\n\n\n${end}\n/b/k?response-content-type=text/plain&uploads&versionId=v1`;
    const request = link(text, { path: '/b/k', query });
    expect(outcome(request)).toBe('verified');
    expect(outcome({ ...request, query: request.query.replace('v1', 'v2') })).toBe('mismatch');
    for (const extra of ['acl', 'prefix=secret', 'list-type=2', 'encryption', 'X-Amz-Expires=9']) {
      expect(outcome({ ...get, query: `${get.query}&${extra}` })).toBe('mismatch');
    }
  });

  it('signs a token that travels in the query', () => {
    const request = link(`GET\n\n\n${end}\nx-amz-security-token:to/ken=\n/b/k`, {
      path: '/b/k',
      query: 'x-amz-security-token=to%2Fken%3D',
    });
    expect(outcome(request)).toBe('verified');
    expect(outcome({ ...request, query: request.query.replace('ken', 'kem') })).toBe('mismatch');
    expect(outcome({ ...request, query: request.query.replace('x-amz-security-token=to%2Fken%3D&', '') })).toBe(
      'mismatch',
    );
  });

  it('signs a bucket by itself as it stands, or as boto does with a slash behind it', () => {
    const text = `GET\n\n\n${end}\n/b/?location`;
    expect(outcome(link(text, { path: '/b', query: 'location' }))).toBe('verified');
    expect(outcome(link(text, { path: '/b/', query: 'location' }))).toBe('verified');
    const bare = `GET\n\n\n${end}\n/b?location`;
    expect(outcome(link(bare, { path: '/b', query: 'location' }))).toBe('verified');
    expect(outcome(link(bare, { path: '/b/', query: 'location' }))).toBe('mismatch');
    expect(outcome(link(`${text}/`, { path: '/b', query: 'location' }))).toBe('mismatch');
    expect(outcome(link(`GET\n\n\n${end}\n/`, { path: '/' }))).toBe('verified');
  });

  it('signs the bucket that the host names', () => {
    const request = link(`GET\n\n\n${end}\n/b/k`, { path: '/k' });
    expect(outcome(request, { hostBucket: () => 'b' })).toBe('verified');
    expect(outcome(request)).toBe('mismatch');
    expect(outcome(request, { hostBucket: () => 'c' })).toBe('mismatch');
  });

  it('belongs to S3 alone, and is refused truncated, extended or with another secret', () => {
    expect(outcome(get, { service: 'iam' })).toBe('scope-service');
    expect(outcome(get, { secret: 'x' })).toBe('mismatch');
    expect(outcome({ ...get, query: get.query.replace(/%3D&Expires/, '&Expires') })).toBe('mismatch');
    expect(outcome({ ...get, query: get.query.replace('&Expires', '%00&Expires') })).toBe('mismatch');
  });
});
