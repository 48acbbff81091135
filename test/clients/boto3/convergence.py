"""How scripts of operators keep things as wanted: look, make what is missing, mend what differs, and say what was done."""


class Convergence:
    def __init__(self):
        self.changes = []

    def keep(self, name, find, make, wanted=None, mend=None):
        """`find` returns what is there, or None; `wanted` says how it should look, by the names that `find` uses."""
        found = find()
        if found is None:
            make()
            self.changes.append(f"made {name}")
            found = find()
            if found is None:
                raise AssertionError(f"{name} was made and is not found")
        different = differences(found, wanted or {})
        if different:
            if mend is None:
                raise AssertionError(f"{name} differs: {different}")
            mend(found)
            self.changes.append(f"mended {name}")
            found = find()
            different = differences(found, wanted)
            if different:
                raise AssertionError(f"{name} differs after it was mended: {different}")
        return found


def differences(found, wanted):
    return {name: (found.get(name), value) for name, value in wanted.items() if found.get(name) != value}


def only(found):
    """The one element of a list, or None where there is none."""
    if len(found) > 1:
        raise AssertionError(f"found {len(found)} where one was expected")
    return found[0] if found else None


def absent(error, call, *args, **kwargs):
    """What the call answers, or None where it says by this exception that there is nothing."""
    try:
        return call(*args, **kwargs)
    except error:
        return None


def named(name):
    return [{"Key": "Name", "Value": name}]


def where(**filters):
    """Filters of EC2: `a_b` stands for `a-b`, `a__b` for `a.b`."""
    names = {name: name.replace("__", ".").replace("_", "-") for name in filters}
    return [{"Name": names[name], "Values": [value]} for name, value in filters.items()]
