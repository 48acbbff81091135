/**
 * S3's routes: the bucket is the first segment of the path or a label of the host, and what the query names decides the rest
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html).
 */
import { WireFault } from '../fault.ts';
import type { ServiceModel } from '../model.ts';
import type { Query } from '../rest/query-string.ts';
import { compileRoute, fixedHold, type Match, type Route, suits, weight } from '../rest/route.ts';
import type { HttpRequest } from '../types.ts';

type Level = 'service' | 'bucket' | 'object';

interface Table {
  /** By method, level and fixed query keys; the most demanding first. */
  readonly routes: ReadonlyMap<string, readonly Route[]>;
  /** Every query key that names a sub-resource: one that no route of this method takes is refused, never ignored. */
  readonly subresources: ReadonlySet<string>;
}

/** Served by other endpoints than S3's own. */
const ELSEWHERE: ReadonlySet<string> = new Set(['ListDirectoryBuckets', 'WriteGetObjectResponse']);
/** Keys that mean a multipart upload: without the route for it, a write would go to the object itself. */
const MULTIPART = ['uploadId', 'partNumber'] as const;

const tables = new WeakMap<ServiceModel, Table>();

function tableOf(model: ServiceModel): Table {
  let table = tables.get(model);
  if (!table) {
    table = compile(model);
    tables.set(model, table);
  }
  return table;
}

function compile(model: ServiceModel): Table {
  const routes = new Map<string, Route[]>();
  const subresources = new Set<string>();
  for (const operation of model.operations.values()) {
    if (ELSEWHERE.has(operation.name)) continue;
    const route = compileRoute(operation);
    const level: Level = !operation.inputBinding.labels.some((member) => member.name === 'Bucket')
      ? 'service'
      : route.segments.length > 0
        ? 'object'
        : 'bucket';
    // A key with a fixed value (`list-type=2`) is an ordinary parameter with any other value.
    for (const { key, value } of route.fixed) if (value === undefined) subresources.add(key);
    const place = placeOf(
      route.method,
      level,
      route.fixed.map(({ key }) => key),
    );
    const same = routes.get(place);
    if (same) same.push(route);
    else routes.set(place, [route]);
  }
  for (const same of routes.values()) same.sort((a, b) => weight(b) - weight(a));
  return { routes, subresources };
}

function placeOf(method: string, level: Level, keys: readonly string[]): string {
  return `${method} ${level} ${[...keys].sort().join('&')}`;
}

/** Host labels that end a bucket's name: `bucket.s3.us-east-1.amazonaws.com`, `bucket.s3-us-west-2.amazonaws.com`. */
const S3_LABEL = /^s3(?:$|-(?!control)[a-z0-9-]+$)/;
const ADDRESS = /^(?:\d{1,3}\.){3}\d{1,3}$|^\[/;

/** Clients come back with the same few hosts, which cost more to read than to remember. */
const knownBuckets = new WeakMap<readonly string[], Map<string, string>>();
const mostKnown = 1_000;

/** The bucket that a host names, or '' for path-style requests. */
function bucketOfHost(host: string, hosts: readonly string[]): string {
  let known = knownBuckets.get(hosts);
  if (!known || known.size >= mostKnown) {
    known = new Map();
    knownBuckets.set(hosts, known);
  }
  let bucket = known.get(host);
  if (bucket === undefined) {
    bucket = readHost(host, hosts);
    if (host.length <= 320) known.set(host, bucket);
  }
  return bucket;
}

function readHost(host: string, hosts: readonly string[]): string {
  const name = host.toLowerCase().replace(/:\d*$/, '');
  if (name === '' || ADDRESS.test(name)) return '';
  const labels = name.split('.');
  const mark = labels.findLastIndex((label) => S3_LABEL.test(label));
  if (mark !== -1) return labels.slice(0, mark).join('.');
  for (const own of hosts) {
    if (name.length > own.length + 1 && name.endsWith(`.${own.toLowerCase()}`)) return name.slice(0, -own.length - 1);
  }
  return '';
}

/** @throws WireFault MethodNotAllowed, InvalidBucketName, InvalidRequest */
export function matchS3(model: ServiceModel, request: HttpRequest, query: Query, hosts: readonly string[]): Match {
  if (request.path.startsWith('/v20180820/') && request.headers['x-amz-account-id'] !== undefined) {
    // S3 Control signs as S3 too: its paths must not be taken for a bucket's.
    throw new WireFault('NotImplemented', 'S3 Control is not implemented by Bailey.', { status: 501 });
  }
  const { bucket, key } = address(request, hosts);
  const level: Level = bucket === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const labels = new Map<string, string>();
  if (bucket !== '') labels.set('Bucket', bucket);
  if (key !== '') labels.set('Key', key);
  const found = (name: string): Match => ({ operation: model.operations.get(name)!, labels });
  if (request.method === 'OPTIONS' && level !== 'service') return found('OptionsObject');
  if (request.method === 'POST' && level === 'bucket' && query.size === 0 && isMultipart(request))
    return found('PostObject');
  const { routes, subresources } = tableOf(model);
  if (query.size === 0) {
    // Most calls: nothing but method and place tells them apart.
    for (const route of routes.get(`${request.method} ${level} `) ?? []) {
      if (route.operation.name !== 'PostObject' && fixedHold(route, query) && suits(route, request, query)) {
        return { operation: route.operation, labels };
      }
    }
    throw notAllowed();
  }
  const named: string[] = [];
  for (const name of query.keys()) if (subresources.has(name)) named.push(name);
  // Fixed keys with values take part when they hold: try with them first.
  const valued = [...query.keys()].filter((name) => name === 'list-type' || name === 'select-type');
  for (const keys of valued.length > 0 ? [[...named, ...valued], named] : [named]) {
    for (const route of routes.get(placeOf(request.method, level, keys)) ?? []) {
      if (route.operation.name === 'PostObject' || !fixedHold(route, query) || !suits(route, request, query)) continue;
      for (const part of MULTIPART) {
        if (!query.has(part) || request.method === 'GET' || request.method === 'HEAD') continue;
        const takes = route.operation.inputBinding.query.some((member) => member.traits.httpQuery === part);
        if (!takes) {
          throw new WireFault('InvalidRequest', `This operation does not take the query parameter ${part}.`, {
            status: 400,
          });
        }
      }
      return { operation: route.operation, labels };
    }
  }
  // A route whose required parts are missing says so itself, rather than being taken for another.
  const lone = routes.get(placeOf(request.method, level, named));
  if (lone?.[0] && lone[0].operation.name !== 'PostObject' && named.length > 0) {
    return { operation: lone[0].operation, labels };
  }
  throw notAllowed();
}

function notAllowed(): WireFault {
  return new WireFault('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
  });
}

function isMultipart(request: HttpRequest): boolean {
  return (request.headers['content-type'] ?? '').toLowerCase().startsWith('multipart/form-data');
}

/** Bucket and key, still percent-encoded. Keys keep every byte: `//`, `..` and `%2F` belong to them. */
function address(request: HttpRequest, hosts: readonly string[]): { bucket: string; key: string } {
  const path = request.path.slice(1);
  const host = bucketOfHost(request.headers.host ?? '', hosts);
  if (host !== '') return { bucket: host, key: path };
  const slash = path.indexOf('/');
  const bucket = slash === -1 ? path : path.slice(0, slash);
  if (bucket === '' && path !== '') {
    throw new WireFault('InvalidBucketName', 'The specified bucket is not valid.', { status: 400 });
  }
  return { bucket, key: slash === -1 ? '' : path.slice(slash + 1) };
}
