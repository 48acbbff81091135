/** S3 operations that browsers use and the API model leaves out, as schema tuples in the SDK's own form. */

const NAMESPACE = 'com.amazonaws.s3';
const LABEL = 1;
const STREAMING_BLOB = 42;
const STRING = 0;
const BOOLEAN = 2;

/**
 * The form upload: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html. The body is the multipart form as
 * it came; its fields are read, and its policy checked, in place of decoding it. The key is one of them: no binding fills
 * it, but records show it.
 */
const PostObject$ = [
  9,
  NAMESPACE,
  'PostObject',
  { http: ['POST', '/', 204] },
  [
    3,
    NAMESPACE,
    'PostObjectRequest',
    0,
    ['Bucket', 'ContentType', 'Body', 'Key'],
    [
      [STRING, LABEL],
      [STRING, { httpHeader: 'Content-Type' }],
      [STREAMING_BLOB, { streaming: 1, httpPayload: 1 }],
      STRING,
    ],
    2,
  ],
  [
    3,
    NAMESPACE,
    'PostObjectOutput',
    { xmlName: 'PostResponse' },
    [
      'StatusCode',
      'ETag',
      'VersionId',
      'Redirect',
      'Location',
      'Bucket',
      'Key',
      'EntityTag',
      'ServerSideEncryption',
      'SSEKMSKeyId',
      'BucketKeyEnabled',
      'SSECustomerAlgorithm',
      'SSECustomerKeyMD5',
      'ChecksumCRC32',
      'ChecksumCRC32C',
      'ChecksumCRC64NVME',
      'ChecksumSHA1',
      'ChecksumSHA256',
      'ChecksumSHA512',
      'ChecksumType',
    ],
    [
      [1, { httpResponseCode: 1 }],
      [STRING, { httpHeader: 'ETag' }],
      [STRING, { httpHeader: 'x-amz-version-id' }],
      [STRING, { httpHeader: 'Location' }],
      STRING,
      STRING,
      STRING,
      [STRING, { xmlName: 'ETag' }],
      [STRING, { httpHeader: 'x-amz-server-side-encryption' }],
      [STRING, { httpHeader: 'x-amz-server-side-encryption-aws-kms-key-id' }],
      [BOOLEAN, { httpHeader: 'x-amz-server-side-encryption-bucket-key-enabled' }],
      [STRING, { httpHeader: 'x-amz-server-side-encryption-customer-algorithm' }],
      [STRING, { httpHeader: 'x-amz-server-side-encryption-customer-key-MD5' }],
      [STRING, { httpHeader: 'x-amz-checksum-crc32' }],
      [STRING, { httpHeader: 'x-amz-checksum-crc32c' }],
      [STRING, { httpHeader: 'x-amz-checksum-crc64nvme' }],
      [STRING, { httpHeader: 'x-amz-checksum-sha1' }],
      [STRING, { httpHeader: 'x-amz-checksum-sha256' }],
      [STRING, { httpHeader: 'x-amz-checksum-sha512' }],
      [STRING, { httpHeader: 'x-amz-checksum-type' }],
    ],
  ],
] as const;

/** A CORS preflight: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTOPTIONSobject.html */
const OptionsObject$ = [
  9,
  NAMESPACE,
  'OptionsObject',
  { http: ['OPTIONS', '/{Key+}', 200] },
  [
    3,
    NAMESPACE,
    'OptionsObjectRequest',
    0,
    ['Bucket', 'Key', 'Origin', 'AccessControlRequestMethod', 'AccessControlRequestHeaders'],
    [
      [STRING, LABEL],
      [STRING, LABEL],
      [STRING, { httpHeader: 'Origin' }],
      [STRING, { httpHeader: 'Access-Control-Request-Method' }],
      [STRING, { httpHeader: 'Access-Control-Request-Headers' }],
    ],
    1,
  ],
  [
    3,
    NAMESPACE,
    'OptionsObjectOutput',
    0,
    ['AllowOrigin', 'AllowMethods', 'AllowHeaders', 'ExposeHeaders', 'MaxAge', 'AllowCredentials', 'Vary'],
    [
      [STRING, { httpHeader: 'Access-Control-Allow-Origin' }],
      [STRING, { httpHeader: 'Access-Control-Allow-Methods' }],
      [STRING, { httpHeader: 'Access-Control-Allow-Headers' }],
      [STRING, { httpHeader: 'Access-Control-Expose-Headers' }],
      [STRING, { httpHeader: 'Access-Control-Max-Age' }],
      [STRING, { httpHeader: 'Access-Control-Allow-Credentials' }],
      [STRING, { httpHeader: 'Vary' }],
    ],
  ],
] as const;

export const SYNTHETIC: Readonly<Record<string, unknown>> = { PostObject$, OptionsObject$ };
