"""Validates what commands printed against docs/schema/: lines of {"schema": NAME, "text": ...} on standard input.

A schema leaves room for new keys; here every key must be one that it names, so that none is forgotten in it.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator, FormatChecker

FOLDER = pathlib.Path(__file__).parents[2] / "docs" / "schema"


def strict(schema):
    """The same schema without room for other keys."""
    if isinstance(schema, dict):
        schema = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema and "type" in schema:
            schema["additionalProperties"] = False
        return schema
    return [strict(one) for one in schema] if isinstance(schema, list) else schema


def validators():
    for path in sorted(FOLDER.glob("*.json")):
        schema = json.loads(path.read_text())
        Draft202012Validator.check_schema(schema)
        yield path.stem, Draft202012Validator(strict(schema), format_checker=FormatChecker())


def main():
    known = dict(validators())
    failures, unused = [], set(known)
    for number, line in enumerate(sys.stdin, 1):
        said = json.loads(line)
        unused.discard(said["schema"])
        value = json.loads(said["text"])
        for error in known[said["schema"]].iter_errors(value):
            failures.append(f"{said['command']}: {said['schema']}: {error.json_path}: {error.message[:300]}")
    failures += [f"no command printed what {name} describes" for name in sorted(unused)]
    print("\n".join(failures))
    sys.exit(bool(failures))


main()
