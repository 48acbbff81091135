/** A service's operations and errors as the wire needs them, made from its SDK package on first use. */
import { type ConstraintFile, ConstraintTable } from './constraint.ts';
import { SYNTHETIC } from './s3/synthetic.ts';
import { type Member, partOf, type Shape, ShapeReader, UNIT } from './shape.ts';
import type { ServiceModelSource } from './types.ts';

/** An error that the API model names. */
export interface ErrorModel {
  /** The shape's name: `NoSuchEntityException`. */
  readonly name: string;
  readonly namespace: string;
  /** What query protocols print: `NoSuchEntity`. */
  readonly queryCode: string;
  readonly status: number;
  readonly sender: boolean;
  readonly shape: Shape;
}

/** A member that travels as a header; its name is in lower case. */
export interface HeaderMember {
  readonly name: string;
  readonly member: Member;
}

/** Where a structure's members travel in REST protocols. */
export interface HttpBinding {
  readonly labels: readonly Member[];
  readonly query: readonly Member[];
  readonly queryParams: Member | undefined;
  readonly headers: readonly HeaderMember[];
  readonly prefixHeaders: Member | undefined;
  readonly statusCode: Member | undefined;
  readonly payload: Member | undefined;
  /** The members without any other place, as a structure of its own. */
  readonly body: Shape;
}

/** One API call as the model has it. */
export interface OperationModel {
  readonly name: string;
  readonly service: ServiceModel;
  readonly input: Shape;
  readonly output: Shape;
  /** Of the model; POST `/` where there is none. */
  readonly method: string;
  /** URI template with its fixed query: `/{Key+}?tagging`. */
  readonly uri: string;
  readonly status: number;
  /** The body of the request is a stream that the handler reads. */
  readonly streamingInput: boolean;
  readonly streamingOutput: boolean;
  /** Its answers are events on a stream, which the wire does not speak. */
  readonly eventStream: boolean;
  readonly inputBinding: HttpBinding;
  readonly outputBinding: HttpBinding;
}

/** All of an API. */
export interface ServiceModel {
  readonly source: ServiceModelSource;
  readonly operations: ReadonlyMap<string, OperationModel>;
  /** @param code a query code or a shape's name */
  error(code: string): ErrorModel | undefined;
}

const OPERATION = 9;
const ERROR = -3;
const loading = new WeakMap<ServiceModelSource, Promise<ServiceModel>>();
const loaded = new WeakMap<ServiceModelSource, ServiceModel>();

/** Loads a service's schemas once; later calls give the same model. */
export function loadService(source: ServiceModelSource): Promise<ServiceModel> {
  let model = loading.get(source);
  if (!model) {
    model = read(source);
    loading.set(source, model);
    model.then(
      (whole) => loaded.set(source, whole),
      // A failure is not kept: the next call tries again.
      () => loading.delete(source),
    );
  }
  return model;
}

/** The model of a service whose schemas have been loaded. */
export function loadedService(source: ServiceModelSource): ServiceModel | undefined {
  return loaded.get(source);
}

async function read(source: ServiceModelSource): Promise<ServiceModel> {
  const [exports, file] = await Promise.all([source.load(), source.constraints?.()]);
  const table = file === undefined ? undefined : new ConstraintTable(tableOf(file));
  const synthetic = source.protocols.includes('restXml') && source.signingName === 's3' ? SYNTHETIC : {};
  return new SchemaModel(source, { ...exports, ...synthetic }, new ShapeReader(table));
}

/** JSON modules arrive with their content under `default`. */
function tableOf(file: unknown): ConstraintFile {
  const held = file as { default?: ConstraintFile } & ConstraintFile;
  return held.default ?? held;
}

class SchemaModel implements ServiceModel {
  readonly source: ServiceModelSource;
  readonly operations: ReadonlyMap<string, OperationModel>;
  readonly #exports: Readonly<Record<string, unknown>>;
  readonly #reader: ShapeReader;
  #errors: Map<string, ErrorModel> | undefined;

  constructor(source: ServiceModelSource, exports: Readonly<Record<string, unknown>>, reader: ShapeReader) {
    this.source = source;
    this.#exports = exports;
    this.#reader = reader;
    const operations = new Map<string, OperationModel>();
    for (const schema of schemas(exports, OPERATION)) {
      operations.set(schema[2], new SchemaOperation(this, schema, reader));
    }
    this.operations = operations;
  }

  error(code: string): ErrorModel | undefined {
    this.#errors ??= this.#readErrors();
    return this.#errors.get(code);
  }

  #readErrors(): Map<string, ErrorModel> {
    const errors = new Map<string, ErrorModel>();
    for (const schema of schemas(this.#exports, ERROR)) {
      const shape = this.#reader.shape(schema);
      const { awsQueryError, httpError, error } = shape.traits;
      const model: ErrorModel = {
        name: shape.name,
        namespace: shape.namespace,
        queryCode: awsQueryError?.[0] ?? shape.name,
        status: awsQueryError?.[1] ?? httpError ?? (error === 'server' ? 500 : 400),
        sender: error !== 'server',
        shape,
      };
      errors.set(model.name, model);
      if (!errors.has(model.queryCode)) errors.set(model.queryCode, model);
    }
    return errors;
  }
}

type Tuple = readonly [kind: number, namespace: string, name: string, traits: unknown, ...rest: unknown[]];

function* schemas(exports: Readonly<Record<string, unknown>>, kind: number): Generator<Tuple> {
  for (const [name, value] of Object.entries(exports)) {
    if (name.endsWith('$') && Array.isArray(value) && value[0] === kind) yield value as unknown as Tuple;
  }
}

class SchemaOperation implements OperationModel {
  readonly name: string;
  readonly service: ServiceModel;
  readonly method: string;
  readonly uri: string;
  readonly status: number;
  readonly #schema: Tuple;
  readonly #reader: ShapeReader;
  #input: Shape | undefined;
  #output: Shape | undefined;
  #inputBinding: HttpBinding | undefined;
  #outputBinding: HttpBinding | undefined;

  constructor(service: ServiceModel, schema: Tuple, reader: ShapeReader) {
    this.name = schema[2];
    this.service = service;
    this.#schema = schema;
    this.#reader = reader;
    const traits = schema[3] as { http?: readonly [string, string, number] } | number;
    const http = typeof traits === 'object' ? traits.http : undefined;
    [this.method, this.uri, this.status] = http ?? ['POST', '/', 200];
  }

  get input(): Shape {
    this.#input ??= this.#structure(this.#schema[4]);
    return this.#input;
  }
  get output(): Shape {
    this.#output ??= this.#structure(this.#schema[5]);
    return this.#output;
  }
  get inputBinding(): HttpBinding {
    this.#inputBinding ??= bind(this.input);
    return this.#inputBinding;
  }
  get outputBinding(): HttpBinding {
    this.#outputBinding ??= bind(this.output);
    return this.#outputBinding;
  }
  get streamingInput(): boolean {
    return isStream(this.inputBinding.payload, 'blob');
  }
  get streamingOutput(): boolean {
    return isStream(this.outputBinding.payload, 'blob');
  }
  get eventStream(): boolean {
    const streams = (shape: Shape) => shape.members.some((member) => isStream(member, 'union'));
    return streams(this.input) || streams(this.output);
  }

  #structure(reference: unknown): Shape {
    const shape = this.#reader.shape(reference);
    return shape.type === 'structure' ? shape : UNIT;
  }
}

function isStream(member: Member | undefined, type: 'blob' | 'union'): boolean {
  if (!member || member.shape.type !== type) return false;
  const own = member.traits as { streaming?: 1 };
  const target = member.shape.traits as { streaming?: 1 };
  return member.shape.streaming || own.streaming === 1 || target.streaming === 1;
}

/** Sorts a structure's members by where they travel. */
export function bind(shape: Shape): HttpBinding {
  const labels: Member[] = [];
  const query: Member[] = [];
  const headers: HeaderMember[] = [];
  const body: Member[] = [];
  let queryParams: Member | undefined;
  let prefixHeaders: Member | undefined;
  let statusCode: Member | undefined;
  let payload: Member | undefined;
  for (const member of shape.members) {
    const { traits } = member;
    if (traits.httpLabel) labels.push(member);
    else if (traits.httpQuery !== undefined) query.push(member);
    else if (traits.httpQueryParams) queryParams = member;
    else if (traits.httpHeader !== undefined) headers.push({ name: traits.httpHeader.toLowerCase(), member });
    else if (traits.httpPrefixHeaders !== undefined) prefixHeaders = member;
    else if (traits.httpResponseCode) statusCode = member;
    else if (traits.httpPayload) payload = member;
    else body.push(member);
  }
  return {
    labels,
    query,
    queryParams,
    headers,
    prefixHeaders,
    statusCode,
    payload,
    body: body.length === shape.members.length ? shape : partOf(shape, body),
  };
}
