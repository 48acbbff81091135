"""Runs an installed aws CLI many times without paying for its imports each time.

Every command runs the CLI's own `main` in a process of its own, forked from this one, with its own arguments,
environment, folder and files; only the imports are shared. Reads one JSON request a line, answers one exit code a line.
"""

import json
import os
import sys
import traceback

import awscli.clidriver

# What commands import late is imported once here.
awscli.clidriver.create_clidriver()
import awscli.customizations.s3.subcommands  # noqa: E402, F401


def run(request):
    # Importing the CLI tells botocore there where the CLI's own data lies.
    data = os.environ["AWS_DATA_PATH"]
    os.environ.clear()
    os.environ.update(request["env"], AWS_DATA_PATH=data)
    os.chdir(request["cwd"])
    for number, name, flags in (
        (0, request["input"], os.O_RDONLY),
        (1, request["out"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
        (2, request["err"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC),
    ):
        opened = os.open(name, flags, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["aws", *request["args"]]
    try:
        code = awscli.clidriver.main()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 255
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else 0 if code is None else 1


while line := sys.stdin.buffer.readline():
    child = os.fork()
    if child == 0:
        os._exit(run(json.loads(line)))
    _, status = os.waitpid(child, 0)
    print(os.waitstatus_to_exitcode(status), flush=True)
