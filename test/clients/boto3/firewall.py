"""AWS WAF as boto3 scripts use it: sets, web ACLs with lock tokens, lists in pages, errors with their members."""

from checks import NOBODY, check, client, holds, refused, same, skip

waf = client("wafv2")
nobody = client("wafv2", NOBODY)
SEEN = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "m"}
SCOPE = {"Scope": "REGIONAL"}


def ip_set(name, addresses=("192.0.2.0/24",)):
    return waf.create_ip_set(Name=name, IPAddressVersion="IPV4", Addresses=list(addresses), **SCOPE)["Summary"]


def rule(arn):
    return {
        "Name": "block",
        "Priority": 0,
        "Statement": {"IPSetReferenceStatement": {"ARN": arn}},
        "Action": {"Block": {}},
        "VisibilityConfig": SEEN,
    }


def named(summary):
    return {"Name": summary["Name"], "Id": summary["Id"], **SCOPE}


@check("create, get, update, delete under lock tokens")
def _():
    made = ip_set("till")
    got = waf.get_ip_set(**named(made))
    same(got["IPSet"]["Addresses"], ["192.0.2.0/24"])
    same(got["LockToken"], made["LockToken"])
    after = waf.update_ip_set(Addresses=[], LockToken=got["LockToken"], **named(made))
    try:
        waf.update_ip_set(Addresses=[], LockToken=got["LockToken"], **named(made))
        raise AssertionError("an old token was taken")
    except waf.exceptions.WAFOptimisticLockException:
        pass
    waf.delete_ip_set(LockToken=after["NextLockToken"], **named(made))
    refused("WAFNonexistentItemException", waf.get_ip_set, **named(made))


@check("a web ACL comes back as it was put, bytes and all, and holds on to what it uses")
def _():
    made = ip_set("pranksters")
    search = b"/admin\x00\xff"
    second = {
        **rule(made["ARN"]),
        "Name": "bytes",
        "Priority": 1,
        "Statement": {
            "ByteMatchStatement": {
                "SearchString": search,
                "FieldToMatch": {"UriPath": {}},
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
                "PositionalConstraint": "CONTAINS",
            }
        },
    }
    acl = waf.create_web_acl(
        Name="shop",
        DefaultAction={"Allow": {}},
        VisibilityConfig=SEEN,
        Rules=[rule(made["ARN"]), second],
        Tags=[{"Key": "team", "Value": "bar"}],
        **SCOPE,
    )["Summary"]
    shown = waf.get_web_acl(**named(acl))["WebACL"]
    same(shown["Rules"], [rule(made["ARN"]), second])
    same(shown["Capacity"], 11)
    refused("WAFAssociatedItemException", waf.delete_ip_set, LockToken=made["LockToken"], **named(made))
    tags = waf.list_tags_for_resource(ResourceARN=acl["ARN"])["TagInfoForResource"]["TagList"]
    same(tags, [{"Key": "team", "Value": "bar"}])
    same(waf.check_capacity(Rules=[second], **SCOPE)["Capacity"], 10)


@check("what is wrong with a parameter is in the error's members")
def _():
    said = refused("WAFInvalidParameterException", ip_set, "wrong", ["192.0.2.1"])
    same((said["Field"], said["Parameter"]), ("IP_ADDRESS", "192.0.2.1"))
    holds(said["Reason"] in said["Error"]["Message"])
    refused("WAFDuplicateItemException", ip_set, "pranksters")
    said = refused(
        "WAFInvalidParameterException",
        client("wafv2", region="eu-west-1").list_web_acls,
        says="The scope is not valid.",
        Scope="CLOUDFRONT",
    )
    same(said["Field"], "SCOPE_VALUE")


@check("lists go on where the marker says")
def _():
    for number in range(3):
        ip_set(f"page-{number}")
    names, marker = [], {}
    while True:
        page = waf.list_ip_sets(Limit=2, **SCOPE, **marker)
        names += [one["Name"] for one in page["IPSets"]]
        if "NextMarker" not in page:
            break
        marker = {"NextMarker": page["NextMarker"]}
    same(names, sorted(names))
    holds({"page-0", "page-1", "page-2", "pranksters"} <= set(names))


@check("nobody sees or changes anything without permission")
def _():
    refused("AccessDeniedException", nobody.list_web_acls, says="wafv2:ListWebACLs", **SCOPE)
    refused(
        "AccessDeniedException",
        nobody.create_ip_set,
        Name="x",
        IPAddressVersion="IPV4",
        Addresses=[],
        **SCOPE,
    )


@check("managed groups are described")
def _():
    groups = waf.list_available_managed_rule_groups(**SCOPE)["ManagedRuleGroups"]
    holds("AWSManagedRulesCommonRuleSet" in [one["Name"] for one in groups])
    common = waf.describe_managed_rule_group(VendorName="AWS", Name="AWSManagedRulesCommonRuleSet", **SCOPE)
    same(common["Capacity"], 700)


if not hasattr(waf, "get_top_path_statistics_by_traffic"):
    skip("statistics of paths", "needs a newer boto3")
