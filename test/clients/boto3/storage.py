"""S3 as boto3 scripts use it: transfers, presigned forms, checksums, versions, conditions."""

import base64
import hashlib
import io
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import uuid

import botocore
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from checks import ACCOUNT, ENDPOINT, NOBODY, allow, check, client, holds, policy, refused, resource, same, skip

s3 = client("s3")
nobody = client("s3", NOBODY)
B = "coffee-shop"
MB = 1024 * 1024


def fetch(url, data=None, headers={}, method=None):
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=headers, method=method)) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@check("buckets: create, waiter, head, exceptions by name")
def _():
    s3.create_bucket(Bucket=B)
    s3.get_waiter("bucket_exists").wait(Bucket=B, WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    same(s3.head_bucket(Bucket=B)["ResponseMetadata"]["HTTPHeaders"]["x-amz-bucket-region"], "us-east-1")
    refused("404", s3.head_bucket, Bucket="nobody-has-this-bucket")
    west = client("s3", region="eu-west-1")
    place = {"LocationConstraint": "eu-west-1"}
    west.create_bucket(Bucket="coffee-west", CreateBucketConfiguration=place)
    try:
        west.create_bucket(Bucket="coffee-west", CreateBucketConfiguration=place)
        raise AssertionError("a second bucket")
    except west.exceptions.BucketAlreadyOwnedByYou as error:
        same(error.response["Error"]["BucketName"], "coffee-west")


@check("a call signed for another region finds the bucket by itself")
def _():
    here = client("s3", region="us-east-1")
    here.put_object(Bucket="coffee-west", Key="k", Body=b"x")
    same(here.get_object(Bucket="coffee-west", Key="k")["Body"].read(), b"x")
    there = client("s3", region="ap-south-1")
    there.delete_object(Bucket="coffee-west", Key="k")
    there.delete_bucket(Bucket="coffee-west")
    s3.get_waiter("bucket_not_exists").wait(Bucket="coffee-west", WaiterConfig={"Delay": 1, "MaxAttempts": 3})


@check("upload_fileobj of 30 MB in parts, download_fileobj, copy in parts")
def _():
    data = os.urandom(30 * MB)
    parts = TransferConfig(multipart_threshold=8 * MB, multipart_chunksize=8 * MB, max_concurrency=4)
    s3.upload_fileobj(io.BytesIO(data), B, "big", ExtraArgs={"Metadata": {"from": "boto3"}, "ContentType": "x/beans"}, Config=parts)
    head = s3.head_object(Bucket=B, Key="big")
    holds(head["ETag"].endswith('-4"'), head["ETag"])
    same((head["ContentLength"], head["Metadata"], head["ContentType"]), (len(data), {"from": "boto3"}, "x/beans"))
    md5s = b"".join(hashlib.md5(data[at : at + 8 * MB]).digest() for at in range(0, len(data), 8 * MB))
    same(head["ETag"], f'"{hashlib.md5(md5s).hexdigest()}-4"')
    back = io.BytesIO()
    s3.download_fileobj(B, "big", back, Config=parts)
    holds(back.getvalue() == data, "other bytes came back")
    s3.copy({"Bucket": B, "Key": "big"}, B, "copy", Config=parts)
    same(s3.head_object(Bucket=B, Key="copy")["ContentLength"], len(data))
    same(s3.get_object(Bucket=B, Key="big", PartNumber=4)["ContentLength"], 6 * MB)


@check("multipart by hand: parts out of order, list_parts, abort, errors")
def _():
    upload = s3.create_multipart_upload(Bucket=B, Key="hand")["UploadId"]
    here = dict(Bucket=B, Key="hand", UploadId=upload)
    tags = {n: s3.upload_part(PartNumber=n, Body=bytes([n]) * 5 * MB, **here)["ETag"] for n in (2, 1)}
    same([p["PartNumber"] for p in s3.get_paginator("list_parts").paginate(PaginationConfig={"PageSize": 1}, **here).build_full_result()["Parts"]], [1, 2])
    wrong = [{"PartNumber": 2, "ETag": tags[2]}, {"PartNumber": 1, "ETag": tags[1]}]
    refused("InvalidPartOrder", s3.complete_multipart_upload, MultipartUpload={"Parts": wrong}, **here)
    refused("InvalidPart", s3.complete_multipart_upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": tags[2]}]}, **here)
    s3.complete_multipart_upload(MultipartUpload={"Parts": wrong[::-1]}, **here)
    other = s3.create_multipart_upload(Bucket=B, Key="left")["UploadId"]
    same([u["Key"] for u in s3.list_multipart_uploads(Bucket=B)["Uploads"]], ["left"])
    s3.abort_multipart_upload(Bucket=B, Key="left", UploadId=other)
    refused("NoSuchUpload", s3.list_parts, Bucket=B, Key="left", UploadId=other)


@check("streaming bodies: ranges, iter_chunks, iter_lines, empty objects")
def _():
    text = "\n".join(f"line {n}" for n in range(10_000)).encode()
    s3.put_object(Bucket=B, Key="lines", Body=io.BytesIO(text))
    same(sum(1 for _ in s3.get_object(Bucket=B, Key="lines")["Body"].iter_lines()), 10_000)
    same(b"".join(s3.get_object(Bucket=B, Key="lines")["Body"].iter_chunks(1000)), text)
    part = s3.get_object(Bucket=B, Key="lines", Range="bytes=5-9")
    same((part["Body"].read(), part["ContentRange"]), (text[5:10], f"bytes 5-9/{len(text)}"))
    refused("InvalidRange", s3.get_object, Bucket=B, Key="lines", Range="bytes=999999999-")
    s3.put_object(Bucket=B, Key="empty")
    same(s3.get_object(Bucket=B, Key="empty")["Body"].read(), b"")


KEYS = ["a//b", "../up", "./dot", "/slash", "%2F%25", "sp ace", "a+b", "ünï ☕", "a&b=c?d#e", "q'u\"o<t>e", "tail/", "..", "back\\slash", "ctl\x07", "x" * 1024]


@check("keys that paths, forms and XML would spoil")
def _():
    for key in KEYS:
        s3.put_object(Bucket=B, Key="odd/"[: 1024 - len(key.encode())] + key, Body=key.encode())
    names = ["odd/"[: 1024 - len(key.encode())] + key for key in KEYS]
    listed = [o["Key"] for p in s3.get_paginator("list_objects_v2").paginate(Bucket=B, PaginationConfig={"PageSize": 4}) for o in p["Contents"]]
    for name, key in zip(names, KEYS):
        holds(name in listed, f"{name!r} is not listed")
        same(s3.get_object(Bucket=B, Key=name)["Body"].read(), key.encode())
        s3.copy_object(Bucket=B, Key="odd-copy", CopySource={"Bucket": B, "Key": name})
        same(fetch(s3.generate_presigned_url("get_object", Params={"Bucket": B, "Key": name}))[1], key.encode())
    same(listed, sorted(listed, key=lambda name: name.encode()))
    # XML has no place for control characters: S3 refuses the list, and takes such a key by itself.
    control = [name for name in names if "\x07" in name]
    s3.delete_object(Bucket=B, Key=control[0])
    plain = [name for name in names if name not in control]
    gone = s3.delete_objects(Bucket=B, Delete={"Objects": [{"Key": name} for name in plain]})
    same(sorted(d["Key"] for d in gone["Deleted"]), sorted(plain))


@check("list_objects_v2: delimiter, common prefixes, start_after; v1 by paginator")
def _():
    for key in ("d/1", "d/2", "e/1", "f"):
        s3.put_object(Bucket=B, Key=f"tree/{key}", Body=b"")
    answer = s3.list_objects_v2(Bucket=B, Prefix="tree/", Delimiter="/")
    same([p["Prefix"] for p in answer["CommonPrefixes"]], ["tree/d/", "tree/e/"])
    same([o["Key"] for o in answer["Contents"]], ["tree/f"])
    same(answer["KeyCount"], 3)
    after = s3.list_objects_v2(Bucket=B, Prefix="tree/", StartAfter="tree/d/2")
    same([o["Key"] for o in after["Contents"]], ["tree/e/1", "tree/f"])
    pages = s3.get_paginator("list_objects").paginate(Bucket=B, Prefix="tree/", PaginationConfig={"PageSize": 1})
    same([o["Key"] for p in pages for o in p["Contents"]], ["tree/d/1", "tree/d/2", "tree/e/1", "tree/f"])


@check("presigned URLs of version 4: get, put with its type, expiry, tampering")
def _():
    four = client("s3", signature_version="s3v4")
    url = four.generate_presigned_url("put_object", Params={"Bucket": B, "Key": "signed", "ContentType": "text/x"})
    same(fetch(url, b"signed", {"Content-Type": "text/x"}, "PUT")[0], 200)
    same(fetch(url, b"signed", {"Content-Type": "text/y"}, "PUT")[0], 403)
    url = four.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "signed", "ResponseContentType": "x/y"}, ExpiresIn=30)
    same(fetch(url), (200, b"signed"))
    status, body = fetch(url.replace("/signed", "/lines"))
    same((status, b"<Code>SignatureDoesNotMatch</Code>" in body), (403, True))
    status, body = fetch(client("s3", NOBODY, signature_version="s3v4").generate_presigned_url("get_object", Params={"Bucket": B, "Key": "signed"}))
    same((status, b"<Code>AccessDenied</Code>" in body), (403, True))


@check("presigned URLs of version 2: get, put, expiry")
def _():
    two = client("s3", signature_version="s3")
    same(fetch(two.generate_presigned_url("put_object", Params={"Bucket": B, "Key": "two"}), b"two", {"Content-Type": ""}, "PUT")[0], 200)
    url = two.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "two"})
    holds("&Signature=" in url or "?Signature=" in url, url)
    same(fetch(url), (200, b"two"))
    late = fetch(two.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "two"}, ExpiresIn=-10))
    same((late[0], b"<Code>AccessDenied</Code>" in late[1], b"Request has expired" in late[1]), (403, True, True))


def post(form, body, filename="beans.txt"):
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in form["fields"].items()]
    parts.append(f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n')
    data = "".join(parts).encode() + body + f"\r\n--{edge}--\r\n".encode()
    return fetch(form["url"], data, {"Content-Type": f"multipart/form-data; boundary={edge}"})


@check("presigned POST: file name in the key, conditions, length range, tampering")
def _():
    form = s3.generate_presigned_post(
        B, "forms/${filename}", Fields={"acl": "bucket-owner-full-control", "success_action_status": "201"}, Conditions=[{"acl": "bucket-owner-full-control"}, {"success_action_status": "201"}, ["content-length-range", 1, 100]]
    )
    status, body = post(form, b"posted")
    holds((status, b"<Key>forms/beans.txt</Key>" in body) == (201, True), f"{status} {body}")
    same(s3.get_object(Bucket=B, Key="forms/beans.txt")["Body"].read(), b"posted")
    status, body = post(form, b"x" * 101)
    same((status, b"<Code>EntityTooLarge</Code>" in body), (400, True))
    form["fields"]["key"] = "elsewhere/x"
    status, body = post(form, b"posted")
    same((status, b"<Code>AccessDenied</Code>" in body), (403, True))


@check("checksums: each algorithm, a wrong one, and checksums switched off")
def _():
    data = b"checked"
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        put = s3.put_object(Bucket=B, Key="sum", Body=data, ChecksumAlgorithm=algorithm)
        got = s3.get_object(Bucket=B, Key="sum", ChecksumMode="ENABLED")
        same(got[f"Checksum{algorithm}"], put[f"Checksum{algorithm}"])
        same(got["Body"].read(), data)
    good = base64.b64encode(hashlib.sha256(data).digest()).decode()
    s3.put_object(Bucket=B, Key="sum", Body=data, ChecksumSHA256=good)
    same(s3.head_object(Bucket=B, Key="sum", ChecksumMode="ENABLED")["ChecksumSHA256"], good)
    refused("BadDigest", s3.put_object, Bucket=B, Key="sum", Body=b"other", ChecksumSHA256=good)
    refused("BadDigest", s3.put_object, Bucket=B, Key="sum", Body=b"other", ContentMD5=base64.b64encode(hashlib.md5(data).digest()).decode())
    try:
        quiet = client("s3", request_checksum_calculation="when_required", response_checksum_validation="when_required")
    except TypeError:
        quiet = s3
    quiet.put_object(Bucket=B, Key="sum", Body=data)
    same(quiet.get_object(Bucket=B, Key="sum")["Body"].read(), data)
    same(s3.get_object_attributes(Bucket=B, Key="sum", ObjectAttributes=["ObjectSize"])["ObjectSize"], len(data))


@check("conditional reads and writes")
def _():
    tag = s3.put_object(Bucket=B, Key="once", Body=b"1")["ETag"]
    refused("304", s3.get_object, Bucket=B, Key="once", IfNoneMatch=tag)
    refused("PreconditionFailed", s3.get_object, Bucket=B, Key="once", IfMatch='"other"')
    if "IfNoneMatch" not in s3.meta.service_model.operation_model("PutObject").input_shape.members:
        return skip("put_object with IfNoneMatch", f"needs a botocore that knows it, not {botocore.__version__}")
    s3.put_object(Bucket=B, Key="fresh", Body=b"1", IfNoneMatch="*")
    refused("PreconditionFailed", s3.put_object, Bucket=B, Key="fresh", Body=b"2", IfNoneMatch="*")
    same(s3.get_object(Bucket=B, Key="fresh")["Body"].read(), b"1")


@check("versions by resource: list, read, delete marker, delete all")
def _():
    bucket = resource("s3").Bucket("beans-versions")
    bucket.create()
    bucket.Versioning().enable()
    same(bucket.Versioning().status, "Enabled")
    thing = bucket.Object("v")
    one = thing.put(Body=b"one")["VersionId"]
    thing.put(Body=b"two")
    same(thing.get(VersionId=one)["Body"].read(), b"one")
    thing.delete()
    refused("NoSuchKey", thing.get)
    same(len(list(bucket.object_versions.filter(Prefix="v"))), 3)
    bucket.object_versions.delete()
    bucket.delete()


@check("resource API: objects.filter, limit, upload_file, metadata, delete")
def _():
    bucket = resource("s3").Bucket(B)
    same([o.key for o in bucket.objects.filter(Prefix="tree/").limit(2)], ["tree/d/1", "tree/d/2"])
    path = os.path.join(os.environ["HOME"], "upload")
    with open(path, "wb") as file:
        file.write(b"beans")
    bucket.upload_file(path, "uploaded", ExtraArgs={"Metadata": {"k": "v"}})
    same((bucket.Object("uploaded").metadata, bucket.Object("uploaded").content_length), ({"k": "v"}, 5))
    bucket.objects.filter(Prefix="tree/").delete()
    same(list(bucket.objects.filter(Prefix="tree/")), [])


@check("bucket policy, public access, anonymous reads")
def _():
    anonymous = client("s3", signature_version=UNSIGNED)
    s3.put_object(Bucket=B, Key="public/menu", Body=b"menu")
    refused("AccessDenied", anonymous.get_object, Bucket=B, Key="public/menu")
    everybody = policy(allow("s3:GetObject", f"arn:aws:s3:::{B}/public/*", Principal="*"))
    refused("AccessDenied", s3.put_bucket_policy, Bucket=B, Policy=everybody)
    s3.delete_public_access_block(Bucket=B)
    s3.put_bucket_policy(Bucket=B, Policy=everybody)
    same(anonymous.get_object(Bucket=B, Key="public/menu")["Body"].read(), b"menu")
    same(s3.get_bucket_policy_status(Bucket=B)["PolicyStatus"]["IsPublic"], True)
    refused("AccessDenied", anonymous.get_object, Bucket=B, Key="lines")
    refused("AccessDenied", nobody.get_object, Bucket=B, Key="lines", says=f"User: arn:aws:iam::{ACCOUNT}:user/nobody is not authorized to perform: s3:GetObject")
    same(json.loads(s3.get_bucket_policy(Bucket=B)["Policy"]), json.loads(everybody))
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=B, Policy='{"Version": "2012-10-17", "Statement": [{}]}')


@check("tagging, bucket tagging, ownership, encryption and their absence")
def _():
    s3.put_object(Bucket=B, Key="tagged", Body=b"", Tagging=urllib.parse.urlencode({"kind": "a b", "ü": "é"}))
    tags = s3.get_object_tagging(Bucket=B, Key="tagged")["TagSet"]
    same(sorted((t["Key"], t["Value"]) for t in tags), [("kind", "a b"), ("ü", "é")])
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=B)
    s3.put_bucket_tagging(Bucket=B, Tagging={"TagSet": [{"Key": "shop", "Value": "one"}]})
    same(s3.get_bucket_tagging(Bucket=B)["TagSet"], [{"Key": "shop", "Value": "one"}])


@check("virtual-hosted style under localhost")
def _():
    port = urllib.parse.urlparse(ENDPOINT).port
    host = f"{B}.localhost:{port}"
    url = client("s3", signature_version="s3v4", s3={"addressing_style": "path"}).generate_presigned_url("get_object", Params={"Bucket": B, "Key": "public/menu"})
    holds(url.startswith(ENDPOINT))
    same(fetch(f"{ENDPOINT}/public/menu", headers={"Host": host}), (200, b"menu"))


try:
    import awscrt  # noqa: F401

    @check("signature version 4A")
    def _():
        four = client("s3", signature_version="s3v4a")
        four.put_object(Bucket=B, Key="asymmetric", Body=b"4a")
        same(four.get_object(Bucket=B, Key="asymmetric")["Body"].read(), b"4a")
        url = four.generate_presigned_url("get_object", Params={"Bucket": B, "Key": "asymmetric"})
        same(fetch(url), (200, b"4a"))
        refused("AccessDenied", client("s3", NOBODY, signature_version="s3v4a").get_object, Bucket=B, Key="asymmetric")
        bent = client("s3", (NOBODY[0], "x" * 40), signature_version="s3v4a")
        refused("SignatureDoesNotMatch", bent.list_buckets)

    @check("CRC32C and CRC64NVME")
    def _():
        known = s3.meta.service_model.operation_model("PutObject").output_shape.members
        for algorithm in [name for name in ("CRC32C", "CRC64NVME") if f"Checksum{name}" in known]:
            s3.put_object(Bucket=B, Key="sum", Body=b"checked", ChecksumAlgorithm=algorithm)
            got = s3.get_object(Bucket=B, Key="sum", ChecksumMode="ENABLED")
            holds(got[f"Checksum{algorithm}"])
            same(got["Body"].read(), b"checked")

except ImportError:
    skip("signature version 4A, CRC32C and CRC64NVME", "need `pip install 'botocore[crt]'`")
