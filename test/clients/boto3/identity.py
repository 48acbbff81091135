"""IAM, STS, EC2 and CloudTrail as boto3 scripts use them."""

import datetime
import json
import urllib.request

from botocore import UNSIGNED
from checks import ACCOUNT, ENDPOINT, NOBODY, allow, check, client, holds, policy, refused, resource, same

iam = client("iam")
sts = client("sts")
cloudtrail = client("cloudtrail")
nobody = client("iam", NOBODY)
arn = f"arn:aws:iam::{ACCOUNT}:"


def advance(seconds):
    body = json.dumps({"advanceSeconds": seconds}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{ENDPOINT}/_bailey/clock", data=body, method="POST")).read()


@check("sts get_caller_identity, regional and from other regions")
def _():
    for region in ("us-east-1", "eu-central-1"):
        same(client("sts", region=region).get_caller_identity()["Arn"], arn + "user/admin")


@check("iam users: create, waiter, exceptions by name")
def _():
    made = iam.create_user(UserName="rudy", Path="/staff/", Tags=[{"Key": "team", "Value": "till"}])["User"]
    iam.get_waiter("user_exists").wait(UserName="rudy", WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    shown = iam.get_user(UserName="rudy")["User"]
    same(shown["UserId"], made["UserId"])
    same(shown["Tags"], [{"Key": "team", "Value": "till"}])
    holds(abs(shown["CreateDate"] - datetime.datetime.now(datetime.timezone.utc)) < datetime.timedelta(minutes=5))
    try:
        iam.create_user(UserName="rudy")
        raise AssertionError("a second rudy")
    except iam.exceptions.EntityAlreadyExistsException as error:
        same(error.response["Error"]["Message"], "User with name rudy already exists.")
        same(error.response["ResponseMetadata"]["HTTPStatusCode"], 409)
    try:
        iam.get_user(UserName="ghost")
        raise AssertionError("a ghost")
    except iam.exceptions.NoSuchEntityException as error:
        same(error.response["Error"]["Type"], "Sender")


@check("a denied call tells who, what and why, and carries a request id")
def _():
    answer = refused(
        "AccessDenied",
        nobody.get_user,
        UserName="rudy",
        says=f"User: {arn}user/nobody is not authorized to perform: iam:GetUser on resource: ",
    )
    same(answer["ResponseMetadata"]["HTTPStatusCode"], 403)
    holds(len(answer["ResponseMetadata"]["RequestId"]) == 36)


@check("iam groups, managed policies, versions: documents come back as objects")
def _():
    iam.create_group(GroupName="Cashiers")
    iam.add_user_to_group(GroupName="Cashiers", UserName="rudy")
    document = policy(allow("s3:ListAllMyBuckets"))
    made = iam.create_policy(PolicyName="Read", PolicyDocument=document)["Policy"]["Arn"]
    iam.attach_group_policy(GroupName="Cashiers", PolicyArn=made)
    for number in range(2, 6):
        iam.create_policy_version(PolicyArn=made, PolicyDocument=policy(allow("s3:ListAllMyBuckets"), allow(f"ec2:Describe{number}*")))
    refused("LimitExceeded", iam.create_policy_version, PolicyArn=made, PolicyDocument=document)
    same(iam.get_policy_version(PolicyArn=made, VersionId="v1")["PolicyVersion"]["Document"], json.loads(document))
    same(len(iam.list_policy_versions(PolicyArn=made)["Versions"]), 5)
    refused("MalformedPolicyDocument", iam.create_policy, PolicyName="Bad", PolicyDocument='{"Statement": [{"Effect": "Maybe"}]}')


@check("iam paginators: users one by one, all AWS managed policies, authorization details")
def _():
    pages = list(iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 1}))
    same([user["UserName"] for page in pages for user in page["Users"]], ["admin", "nobody", "rudy"])
    count = sum(len(page["Policies"]) for page in iam.get_paginator("list_policies").paginate(Scope="AWS"))
    holds(count > 1000, f"{count} managed policies")
    found = iam.get_paginator("get_account_authorization_details").paginate(PaginationConfig={"PageSize": 2})
    same(sorted(found.search("UserDetailList[].UserName")), ["admin", "nobody", "rudy"])


@check("iam resources: users, groups, attached policies, access keys")
def _():
    it = resource("iam")
    user = it.User("rudy")
    same([group.name for group in user.groups.all()], ["Cashiers"])
    same([found.policy_name for found in it.Group("Cashiers").attached_policies.all()], ["Read"])
    pair = user.create_access_key_pair()
    keys = (pair.id, pair.secret)
    same(client("sts", keys).get_caller_identity()["Arn"], arn + "user/staff/rudy")
    client("s3", keys).list_buckets()
    same(it.CurrentUser().user_name, "admin")
    pair.deactivate()
    refused("InvalidClientTokenId", client("sts", keys).get_caller_identity)
    pair.delete()
    same(list(user.access_keys.all()), [])


@check("iam simulate_principal_policy and simulate_custom_policy")
def _():
    results = iam.simulate_principal_policy(
        PolicySourceArn=arn + "user/staff/rudy", ActionNames=["s3:ListAllMyBuckets", "s3:PutObject"]
    )["EvaluationResults"]
    same([result["EvalDecision"] for result in results], ["allowed", "implicitDeny"])
    when = {"Bool": {"aws:SecureTransport": "true"}}
    custom = iam.simulate_custom_policy(
        PolicyInputList=[policy(allow("s3:GetObject", Condition=when))],
        ActionNames=["s3:GetObject"],
        ContextEntries=[{"ContextKeyName": "aws:SecureTransport", "ContextKeyType": "boolean", "ContextKeyValues": ["true"]}],
    )
    same(custom["EvaluationResults"][0]["EvalDecision"], "allowed")


role = arn + "role/auditor"
trust = {"Effect": "Allow", "Action": ["sts:AssumeRole", "sts:TagSession"], "Principal": {"AWS": arn + "root"}}


def session(**options):
    given = sts.assume_role(RoleArn=role, RoleSessionName="morning", **options)["Credentials"]
    return (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])


@check("sts assume_role: session policy, tags, and what a session is called")
def _():
    iam.create_role(RoleName="auditor", AssumeRolePolicyDocument=policy(trust))
    iam.get_waiter("role_exists").wait(RoleName="auditor", WaiterConfig={"Delay": 1, "MaxAttempts": 3})
    iam.put_role_policy(RoleName="auditor", PolicyName="Look", PolicyDocument=policy(allow(["iam:List*", "iam:Get*"])))
    keys = session()
    same(client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/morning")
    client("iam", keys).list_users()
    narrow = session(Policy=policy(allow("iam:GetRole")), Tags=[{"Key": "shift", "Value": "early"}])
    client("iam", narrow).get_role(RoleName="auditor")
    refused("AccessDenied", client("iam", narrow).list_users, says="because no session policy allows the iam:ListUsers action")
    refused("ValidationError", sts.assume_role, RoleArn=role, RoleSessionName="long", DurationSeconds=7200, says="MaxSessionDuration")


@check("sts get_session_token and get_federation_token")
def _():
    given = sts.get_session_token(DurationSeconds=900)["Credentials"]
    keys = (given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
    same(client("sts", keys).get_caller_identity()["Arn"], arn + "user/admin")
    fed = sts.get_federation_token(Name="visitor", Policy=policy(allow("s3:ListAllMyBuckets")))["Credentials"]
    keys = (fed["AccessKeyId"], fed["SecretAccessKey"], fed["SessionToken"])
    same(client("sts", keys).get_caller_identity()["Arn"], f"arn:aws:sts::{ACCOUNT}:federated-user/visitor")
    client("s3", keys).list_buckets()


@check("an expired session is told from an invalid one")
def _():
    keys = session(DurationSeconds=900)
    client("iam", keys).list_users()
    advance(901)
    refused("ExpiredToken", client("iam", keys).list_users)
    refused("ExpiredToken", client("s3", keys).list_buckets, says="The provided token has expired.")
    bent = (keys[0], keys[1], keys[2][:-8] + "AAAAAAAA")
    refused("InvalidClientTokenId", client("iam", bent).list_users)
    refused("InvalidToken", client("s3", bent).list_buckets)


@check("ec2 run_instances with DryRun, and the encoded message of a denial")
def _():
    launch = dict(ImageId="ami-0123456789abcdef0", MinCount=1, MaxCount=1, InstanceType="t3.micro", DryRun=True)
    refused("DryRunOperation", client("ec2").run_instances, **launch)
    answer = refused("UnauthorizedOperation", client("ec2", NOBODY).run_instances, **launch)
    message = answer["Error"]["Message"].split("Encoded authorization failure message: ")[1]
    decoded = json.loads(sts.decode_authorization_message(EncodedMessage=message)["DecodedMessage"])
    same(decoded["context"]["action"], "ec2:RunInstances")
    same(decoded["explicitDeny"], False)


@check("cloudtrail lookup_events by paginator; the record is JSON that names the denied call")
def _():
    by = [{"AttributeKey": "Username", "AttributeValue": "nobody"}]
    pages = cloudtrail.get_paginator("lookup_events").paginate(LookupAttributes=by, PaginationConfig={"PageSize": 1})
    events = [json.loads(event["CloudTrailEvent"]) for page in pages for event in page["Events"]]
    denied = [event for event in events if event["eventName"] == "GetUser"]
    same(denied[0]["errorCode"], "AccessDenied")
    same(denied[0]["userIdentity"]["userName"], "nobody")
    holds("Boto3" in denied[0]["userAgent"] or "boto3" in denied[0]["userAgent"].lower())


@check("unsigned calls are refused by IAM")
def _():
    refused("MissingAuthenticationToken", client("iam", signature_version=UNSIGNED).list_users)
