"""What the boto3 scripts share: one line of JSON a check, and clients of the instance under test."""

import json
import os
import traceback

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["BAILEY_ENDPOINT"]
ACCOUNT = os.environ["BAILEY_ACCOUNT"]
ADMIN = tuple(os.environ["BAILEY_ADMIN"].split(" "))
NOBODY = tuple(os.environ["BAILEY_NOBODY"].split(" "))


def say(**line):
    print(json.dumps(line), flush=True)


def skip(name, why):
    say(skipped=name, why=why)


def check(name):
    """Runs the decorated function at once and reports it; later checks go on after a failure."""

    def run(function):
        try:
            function()
            say(passed=name)
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            say(failed=name, why=f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})")
        return function

    return run


def client(service, keys=ADMIN, region="us-east-1", **config):
    token = {"aws_session_token": keys[2]} if len(keys) > 2 else {}
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(retries={"max_attempts": 1}, **config),
        **token,
    )


def resource(service):
    return boto3.resource(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id=ADMIN[0],
        aws_secret_access_key=ADMIN[1],
    )


def same(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual!r} is not {expected!r}")


def holds(truth, what="it does not hold"):
    if not truth:
        raise AssertionError(what)


def refused(code, call, *args, says="", **kwargs):
    """The call must be refused with this code and text; returns the error's answer."""
    try:
        call(*args, **kwargs)
    except ClientError as error:
        same(error.response["Error"]["Code"], code)
        message = error.response["Error"].get("Message", "")
        holds(says in message, f"{says!r} is not in {message!r}")
        return error.response
    raise AssertionError(f"{code} was expected, and the call succeeded")


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}
