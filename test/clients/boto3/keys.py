"""KMS as boto3 scripts use it: envelopes, signatures, grants and their tokens, aliases, rotation, pages."""

import hashlib
import hmac
import json

from checks import ACCOUNT, NOBODY, check, client, holds, policy, refused, same, skip

kms = client("kms")
nobody = client("kms", NOBODY)
NOBODY_ARN = f"arn:aws:iam::{ACCOUNT}:user/nobody"
key = kms.create_key(Description="till", Tags=[{"TagKey": "team", "TagValue": "till"}])["KeyMetadata"]
ID, ARN = key["KeyId"], key["Arn"]


@check("an envelope: a data key for the text, and the key's ciphertext beside it")
def _():
    context = {"order": "17"}
    made = kms.generate_data_key(KeyId=ID, KeySpec="AES_256", EncryptionContext=context)
    same(len(made["Plaintext"]), 32)
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    same(opened["Plaintext"], made["Plaintext"])
    same(opened["KeyId"], ARN)
    refused("InvalidCiphertextException", kms.decrypt, CiphertextBlob=made["CiphertextBlob"])
    broken = made["CiphertextBlob"][:-1] + bytes([made["CiphertextBlob"][-1] ^ 1])
    try:
        kms.decrypt(CiphertextBlob=broken, EncryptionContext=context)
        raise AssertionError("a broken ciphertext was opened")
    except kms.exceptions.InvalidCiphertextException:
        pass


@check("message codes verify, and others do not")
def _():
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    made = kms.generate_mac(KeyId=mac, Message=b"x", MacAlgorithm="HMAC_SHA_256")["Mac"]
    same(len(made), hmac.new(b"", b"", hashlib.sha256).digest_size)
    holds(kms.verify_mac(KeyId=mac, Message=b"x", MacAlgorithm="HMAC_SHA_256", Mac=made)["MacValid"])
    refused("KMSInvalidMacException", kms.verify_mac, KeyId=mac, Message=b"y", MacAlgorithm="HMAC_SHA_256", Mac=made)


@check("a grant lets somebody in, for its context only, until it is revoked")
def _():
    sealed = kms.encrypt(KeyId=ID, Plaintext=b"x", EncryptionContext={"shop": "one"})["CiphertextBlob"]
    other = kms.encrypt(KeyId=ID, Plaintext=b"x", EncryptionContext={"shop": "two"})["CiphertextBlob"]
    said = refused("AccessDeniedException", nobody.decrypt, CiphertextBlob=sealed, EncryptionContext={"shop": "one"})
    holds("kms:Decrypt" in said["Error"]["Message"])
    grant = kms.create_grant(
        KeyId=ID,
        GranteePrincipal=NOBODY_ARN,
        Operations=["Decrypt", "RetireGrant"],
        Constraints={"EncryptionContextSubset": {"shop": "one"}},
    )
    opened = nobody.decrypt(
        CiphertextBlob=sealed, EncryptionContext={"shop": "one"}, GrantTokens=[grant["GrantToken"]]
    )
    same(opened["Plaintext"], b"x")
    refused("AccessDeniedException", nobody.decrypt, CiphertextBlob=other, EncryptionContext={"shop": "two"})
    same([one["GrantId"] for one in kms.list_grants(KeyId=ID)["Grants"]], [grant["GrantId"]])
    kms.revoke_grant(KeyId=ID, GrantId=grant["GrantId"])
    refused("AccessDeniedException", nobody.decrypt, CiphertextBlob=sealed, EncryptionContext={"shop": "one"})


@check("a key policy is enforced: whom it denies may not, administrator or not")
def _():
    mine = kms.create_key()["KeyMetadata"]["KeyId"]
    everything = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    never = {"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"}
    kms.put_key_policy(KeyId=mine, PolicyName="default", Policy=policy(everything, never))
    refused("AccessDeniedException", kms.encrypt, says="explicit deny", KeyId=mine, Plaintext=b"x")
    same(json.loads(kms.get_key_policy(KeyId=mine, PolicyName="default")["Policy"])["Statement"][1], never)


if not hasattr(kms, "rotate_key_on_demand"):
    skip("rotation on demand", "needs a boto3 of 1.34")


@check("rotation keeps old ciphertexts readable")
def _():
    sealed = kms.encrypt(KeyId=ID, Plaintext=b"before")["CiphertextBlob"]
    if hasattr(kms, "rotate_key_on_demand"):
        kms.rotate_key_on_demand(KeyId=ID)
    same(kms.decrypt(CiphertextBlob=sealed)["Plaintext"], b"before")
    kms.enable_key_rotation(KeyId=ID)
    holds(kms.get_key_rotation_status(KeyId=ID)["KeyRotationEnabled"])


@check("paginators: list_aliases, list_keys")
def _():
    for number in range(5):
        kms.create_alias(AliasName=f"alias/page-{number}", TargetKeyId=ID)
    pages = kms.get_paginator("list_aliases").paginate(KeyId=ID, PaginationConfig={"PageSize": 2})
    names = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
    same(sorted(names), [f"alias/page-{number}" for number in range(5)])
    keys = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})
    holds(ID in [one["KeyId"] for page in keys for one in page["Keys"]])
