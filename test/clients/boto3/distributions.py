"""CloudFront as boto3 scripts use it: made, waited for, found unchanged, changed under its version, taken down."""

from checks import ACCOUNT, NOBODY, check, client, holds, refused, same
from convergence import Convergence, only

cloudfront = client("cloudfront")
waf = client("wafv2")
nobody = client("cloudfront", NOBODY)
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"


def wanted(acl):
    return {
        "CallerReference": "shop",
        "Comment": "shop",
        "Enabled": True,
        "WebACLId": acl,
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "web",
                    "DomainName": "app.example.com",
                    "CustomOriginConfig": {
                        "HTTPPort": 8080,
                        "HTTPSPort": 443,
                        "OriginProtocolPolicy": "http-only",
                    },
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "web",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": OPTIMIZED,
            "Compress": True,
        },
    }


def is_within(wish, found):
    """Whether all that is wished for is there; what was left out may be filled in."""
    if isinstance(wish, dict):
        return isinstance(found, dict) and all(is_within(value, found.get(name)) for name, value in wish.items())
    if isinstance(wish, list):
        return isinstance(found, list) and len(wish) == len(found) and all(map(is_within, wish, found))
    return wish == found


def find_acl():
    listed = waf.list_web_acls(Scope="CLOUDFRONT")["WebACLs"]
    return only([one for one in listed if one["Name"] == "everywhere"])


def make_acl():
    waf.create_web_acl(
        Name="everywhere",
        Scope="CLOUDFRONT",
        DefaultAction={"Allow": {}},
        VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"},
    )


def find():
    pages = cloudfront.get_paginator("list_distributions").paginate()
    found = [one for page in pages for one in page["DistributionList"].get("Items", []) if one["Comment"] == "shop"]
    one = only(found)
    if one is None:
        return None
    config = cloudfront.get_distribution_config(Id=one["Id"])
    return {**one, "ETag": config["ETag"], "config": config["DistributionConfig"]}


def run():
    state = Convergence()
    acl = state.keep("web ACL", find_acl, make_acl)["ARN"]
    wish = wanted(acl)

    def make():
        tags = {"Items": [{"Key": "team", "Value": "bar"}]}
        made = cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={"DistributionConfig": wish, "Tags": tags}
        )
        cloudfront.get_waiter("distribution_deployed").wait(Id=made["Distribution"]["Id"])

    found = state.keep("distribution", find, make)
    if not is_within(wish, found["config"]):
        cloudfront.update_distribution(
            Id=found["Id"], IfMatch=found["ETag"], DistributionConfig={**found["config"], **wish}
        )
        state.changes.append("mended distribution")
    return state.changes


@check("the first run makes a distribution, the second finds nothing to change")
def _():
    same(run(), ["made web ACL", "made distribution"])
    same(run(), [])
    tags = cloudfront.list_tags_for_resource(Resource=find()["ARN"])["Tags"]["Items"]
    same(tags, [{"Key": "team", "Value": "bar"}])


@check("what somebody changed by hand is mended")
def _():
    found = find()
    config = {**found["config"], "Comment": "shop", "WebACLId": ""}
    cloudfront.update_distribution(Id=found["Id"], IfMatch=found["ETag"], DistributionConfig=config)
    same(run(), ["mended distribution"])
    same(run(), [])
    refused(
        "PreconditionFailed",
        cloudfront.update_distribution,
        Id=found["Id"],
        IfMatch=found["ETag"],
        DistributionConfig=config,
    )


@check("invalidations are made and waited for")
def _():
    of = find()["Id"]
    batch = {"CallerReference": "prices", "Paths": {"Quantity": 1, "Items": ["/menu/*"]}}
    made = cloudfront.create_invalidation(DistributionId=of, InvalidationBatch=batch)["Invalidation"]
    cloudfront.get_waiter("invalidation_completed").wait(DistributionId=of, Id=made["Id"])
    same([one["Id"] for one in cloudfront.list_invalidations(DistributionId=of)["InvalidationList"]["Items"]], [made["Id"]])


@check("nobody sees it, and what the edge cannot do is refused by its name")
def _():
    arn = f"arn:aws:cloudfront::{ACCOUNT}:distribution/{find()['Id']}"
    refused("AccessDenied", nobody.get_distribution, Id=find()["Id"], says=f"cloudfront:GetDistribution on resource: {arn}")
    config = {**wanted(""), "CallerReference": "other", "Staging": True}
    refused("InvalidArgument", cloudfront.create_distribution, DistributionConfig=config, says="Staging")


@check("it is disabled, then deleted, and lets go of its web ACL")
def _():
    found = find()
    acl = find_acl()
    gone = {"Name": acl["Name"], "Id": acl["Id"], "Scope": "CLOUDFRONT", "LockToken": acl["LockToken"]}
    refused("WAFAssociatedItemException", waf.delete_web_acl, **gone)
    refused("DistributionNotDisabled", cloudfront.delete_distribution, Id=found["Id"], IfMatch=found["ETag"])
    config = {**found["config"], "Enabled": False}
    after = cloudfront.update_distribution(Id=found["Id"], IfMatch=found["ETag"], DistributionConfig=config)
    cloudfront.get_waiter("distribution_deployed").wait(Id=found["Id"])
    cloudfront.delete_distribution(Id=found["Id"], IfMatch=after["ETag"])
    holds(find() is None, "the distribution is still there")
    waf.delete_web_acl(**gone)
