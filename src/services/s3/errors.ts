/** S3's errors with the texts, statuses and extra members of the S3 API reference, "Error responses". */
import { AwsError } from '../service.ts';

type Members = Record<string, unknown>;

const error = (code: string, status: number, message: string, members?: Members): AwsError =>
  new AwsError(code, message, members ? { status, members } : { status });

export const accessDenied = (): AwsError => error('AccessDenied', 403, 'Access Denied');

export const noSuchBucket = (bucket: string): AwsError =>
  error('NoSuchBucket', 404, 'The specified bucket does not exist', { BucketName: bucket });

export const noSuchKey = (key: string): AwsError =>
  error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key });

export const noSuchVersion = (key: string, versionId: string): AwsError =>
  error('NoSuchVersion', 404, 'The specified version does not exist.', { Key: key, VersionId: versionId });

export const noSuchUpload = (uploadId: string): AwsError =>
  error(
    'NoSuchUpload',
    404,
    'The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: uploadId },
  );

/** The current version of the key is a delete marker. */
export const deletedKey = (key: string, versionId: string): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', {
    status: 404,
    members: { Key: key },
    headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': versionId },
  });

/** A delete marker was asked for by its version id. */
export const markerNotAllowed = (method: string, versionId: string, lastModified: string): AwsError =>
  new AwsError('MethodNotAllowed', 'The specified method is not allowed against this resource.', {
    status: 405,
    members: { Method: method, ResourceType: 'DeleteMarker' },
    headers: {
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': versionId,
      'last-modified': lastModified,
      allow: 'DELETE',
    },
  });

export const invalidBucketName = (bucket: string): AwsError =>
  error('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: bucket });

export const bucketAlreadyExists = (bucket: string): AwsError =>
  error(
    'BucketAlreadyExists',
    409,
    'The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again.',
    { BucketName: bucket },
  );

export const bucketAlreadyOwnedByYou = (bucket: string): AwsError =>
  error(
    'BucketAlreadyOwnedByYou',
    409,
    'Your previous request to create the named bucket succeeded and you already own it.',
    { BucketName: bucket },
  );

export const bucketNotEmpty = (bucket: string): AwsError =>
  error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', { BucketName: bucket });

export const versionedBucketNotEmpty = (bucket: string): AwsError =>
  error(
    'BucketNotEmpty',
    409,
    'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    { BucketName: bucket },
  );

/** The bucket lies in another region than the one the request was signed for. */
export const permanentRedirect = (bucket: string, region: string): AwsError =>
  new AwsError(
    'PermanentRedirect',
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.',
    {
      status: 301,
      members: { Endpoint: `${bucket}.s3.${region}.amazonaws.com`, Bucket: bucket },
      headers: { 'x-amz-bucket-region': region },
    },
  );

export const preconditionFailed = (condition: string): AwsError =>
  error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
    Condition: condition,
  });

export const notModified = (headers: Record<string, string>): AwsError =>
  new AwsError('NotModified', 'Not Modified', { status: 304, headers });

export const invalidRange = (requested: string, size: number): AwsError =>
  new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    members: { RangeRequested: requested, ActualObjectSize: size },
    headers: { 'content-range': `bytes */${size}` },
  });

export const invalidPartNumber = (requested: number, actual: number): AwsError =>
  error('InvalidPartNumber', 416, 'The requested partnumber is not satisfiable', {
    PartNumberRequested: requested,
    ActualPartCount: actual,
  });

export const keyTooLong = (size: number, limit: number): AwsError =>
  error('KeyTooLongError', 400, 'Your key is too long', { Size: size, MaxSizeAllowed: limit });

export const metadataTooLarge = (size: number, limit: number): AwsError =>
  error('MetadataTooLarge', 400, 'Your metadata headers exceed the maximum allowed metadata size', {
    Size: size,
    MaxSizeAllowed: limit,
  });

export const entityTooLarge = (size: number, limit: number): AwsError =>
  error('EntityTooLarge', 400, 'Your proposed upload exceeds the maximum allowed size', {
    ProposedSize: size,
    MaxSizeAllowed: limit,
  });

export const incompleteBody = (): AwsError =>
  error('IncompleteBody', 400, 'You did not provide the number of bytes specified by the Content-Length HTTP header');

export const entityTooSmall = (partNumber: number, etag: string, size: number, limit: number): AwsError =>
  error('EntityTooSmall', 400, 'Your proposed upload is smaller than the minimum allowed size', {
    ProposedSize: size,
    MinSizeAllowed: limit,
    PartNumber: partNumber,
    ETag: etag,
  });

export const invalidPart = (uploadId: string, partNumber: number, etag: string): AwsError =>
  error(
    'InvalidPart',
    400,
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    { UploadId: uploadId, PartNumber: partNumber, ETag: etag },
  );

export const invalidPartOrder = (uploadId: string): AwsError =>
  error(
    'InvalidPartOrder',
    400,
    'The list of parts was not in ascending order. Parts must be ordered by part number.',
    { UploadId: uploadId },
  );

export const malformedXml = (): AwsError =>
  error(
    'MalformedXML',
    400,
    'The XML you provided was not well-formed or did not validate against our published schema',
  );

export const invalidArgument = (message: string, name?: string, value?: unknown): AwsError =>
  error(
    'InvalidArgument',
    400,
    message,
    name === undefined ? undefined : { ArgumentName: name, ArgumentValue: String(value ?? '') },
  );

export const invalidRequest = (message: string): AwsError => error('InvalidRequest', 400, message);

export const invalidUri = (uri: string): AwsError =>
  error('InvalidURI', 400, "Couldn't parse the specified URI.", { URI: uri });

export const invalidStorageClass = (requested: string): AwsError =>
  error('InvalidStorageClass', 400, 'The storage class you specified is not valid', {
    StorageClassRequested: requested,
  });

export const invalidObjectState = (storageClass: string): AwsError =>
  error('InvalidObjectState', 403, "The operation is not valid for the object's storage class", {
    StorageClass: storageClass,
  });

export const invalidTag = (message: string, members?: Members): AwsError => error('InvalidTag', 400, message, members);

export const badRequest = (message: string): AwsError => error('BadRequest', 400, message);

export const aclNotSupported = (): AwsError =>
  error('AccessControlListNotSupported', 400, 'The bucket does not allow ACLs');

export const malformedPolicy = (message: string, detail?: string): AwsError =>
  error('MalformedPolicy', 400, message, detail === undefined ? undefined : { Detail: detail });

/** AWS has this, Bailey does not: said clearly, never ignored. */
export const notBuilt = (what: string): AwsError =>
  error('NotImplemented', 501, `${what} is not implemented by Bailey. 'bailey coverage s3' lists what is.`);

/** A header that S3 itself does not implement in this place. */
export const headerNotImplemented = (header: string): AwsError =>
  error('NotImplemented', 501, 'A header you provided implies functionality that is not implemented', {
    Header: header,
  });
