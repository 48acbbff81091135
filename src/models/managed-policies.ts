/** AWS's own managed policies (generated table): an index that is read on first use, and documents opened block by block. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';

/** The latest version of a policy that AWS manages; earlier versions are not kept. */
export interface AwsManagedPolicy {
  /** `arn:aws:iam::aws:policy/job-function/ViewOnlyAccess` */
  readonly arn: string;
  readonly name: string;
  /** Begins and ends with `/`. */
  readonly path: string;
  /** `ANPA…`; the real ids are not published, so this one is derived from the ARN and stays the same everywhere. */
  readonly id: string;
  /** `v12` */
  readonly versionId: string;
  /** Epoch milliseconds. */
  readonly createdAt: number;
  /** When the latest version was made, epoch milliseconds. */
  readonly updatedAt: number;
}

type Line = readonly [resource: string, version: string, created: number, updated: number, block: number, slot: number];

interface Index {
  readonly byArn: ReadonlyMap<
    string,
    { readonly policy: AwsManagedPolicy; readonly block: number; readonly slot: number }
  >;
  readonly all: readonly AwsManagedPolicy[];
  /** Where each block begins and ends in the file. */
  readonly bounds: readonly (readonly [start: number, end: number])[];
}

const prefix = 'arn:aws:iam::aws:policy/';
const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
let index: Index | undefined;
let file: Buffer | undefined;
/** Opened blocks, least recently used first. */
const opened = new Map<number, readonly string[]>();
const openedLimit = 4;

/** All policies that AWS manages, in the order of their ARNs. */
export function awsManagedPolicies(): readonly AwsManagedPolicy[] {
  return loaded().all;
}

/** @returns undefined when AWS has no such policy */
export function awsManagedPolicy(arn: string): AwsManagedPolicy | undefined {
  return arn.startsWith(prefix) ? loaded().byArn.get(arn)?.policy : undefined;
}

/** @returns the document of the latest version, indented by two; undefined when AWS has no such policy */
export function awsManagedPolicyDocument(arn: string): string | undefined {
  if (!arn.startsWith(prefix)) return undefined;
  const entry = loaded().byArn.get(arn);
  return entry && block(entry.block)[entry.slot];
}

function loaded(): Index {
  if (index) return index;
  const text = readFileSync(new URL('./managed-policies.json', import.meta.url), 'utf8');
  const { blocks, policies } = JSON.parse(text) as { blocks: number[]; policies: Line[] };
  let end = 0;
  const bounds = blocks.map((size) => {
    end += size;
    return [end - size, end] as const;
  });
  const entries = policies.map(([resource, versionId, created, updated, block, slot]) => ({
    policy: described(resource, versionId, created * 1000, updated * 1000),
    block,
    slot,
  }));
  index = {
    bounds,
    byArn: new Map(entries.map((entry) => [entry.policy.arn, entry])),
    all: entries.map((entry) => entry.policy),
  };
  return index;
}

function described(resource: string, versionId: string, createdAt: number, updatedAt: number): AwsManagedPolicy {
  const slash = resource.lastIndexOf('/') + 1;
  const arn = prefix + resource;
  return {
    arn,
    name: resource.slice(slash),
    path: `/${resource.slice(0, slash)}`,
    get id() {
      return derivedId(arn);
    },
    versionId,
    createdAt,
    updatedAt,
  };
}

function derivedId(arn: string): string {
  let id = 'ANPA';
  for (const byte of createHash('sha256').update(arn).digest().subarray(0, 17)) id += base32[byte & 31];
  return id;
}

function block(number: number): readonly string[] {
  let documents = opened.get(number);
  if (documents) {
    opened.delete(number);
  } else {
    const [start, end] = loaded().bounds[number] ?? [0, 0];
    file ??= readFileSync(new URL('./managed-policies.br', import.meta.url));
    documents = JSON.parse(brotliDecompressSync(file.subarray(start, end)).toString()) as string[];
    const oldest = opened.keys().next().value;
    if (opened.size >= openedLimit && oldest !== undefined) opened.delete(oldest);
  }
  opened.set(number, documents);
  return documents;
}
