#!/usr/bin/env python3
"""Checks recorded answers against openapi.yaml.

    validate.py openapi/openapi.yaml exchanges.jsonl [--require-coverage]

Each line of the recording is one exchange: {"method", "path", "status", "contentType", "body"}; `path` is the request
target with its query, `body` the answer's text (or null). An answer fails when its route, status or media type is not
described, or when its body does not satisfy the schema. Answer schemas are closed, so a member too many fails too.
What no route has must be a 404 problem, a method that a route lacks a 405 problem (or the 204 of OPTIONS).
"""

import json
import re
import sys
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = "application/problem+json"


class Contract:
    def __init__(self, document):
        self.document = document
        self.routes = []
        for template, item in document["paths"].items():
            pattern = "/".join(
                "[^/]+" if part.startswith("{") else re.escape(part) for part in template.split("/")
            )
            # A literal wins over a parameter, as in the router.
            self.routes.append((template.count("{"), re.compile(pattern + r"\Z"), template, item))
        self.routes.sort(key=lambda route: route[0])
        self.validators = {}

    def find(self, path):
        for _, pattern, template, item in self.routes:
            if pattern.match(path):
                return template, item
        return None, None

    def resolve(self, node):
        while isinstance(node, dict) and "$ref" in node:
            target = self.document
            for token in node["$ref"].removeprefix("#/").split("/"):
                target = target[token.replace("~1", "/").replace("~0", "~")]
            node = target
        return node

    def validator(self, schema):
        """Of one schema, with the document's components beside it, so that its references resolve."""
        key = json.dumps(schema, sort_keys=True)
        if key not in self.validators:
            whole = {"allOf": [schema], "components": self.document["components"]}
            self.validators[key] = Draft202012Validator(whole)
        return self.validators[key]

    def check_body(self, schema, body, media="application/json"):
        value = body
        if media.endswith("json"):
            try:
                value = json.loads(body)
            except (TypeError, ValueError) as error:
                return [f"is no JSON: {error}"]
        errors = sorted(self.validator(schema).iter_errors(value), key=lambda error: list(error.absolute_path))
        return [f"{error.json_path}: {error.message[:300]}" for error in errors]

    def check(self, exchange):
        """The faults of one exchange, and the (operationId, status) that it covers."""
        method = exchange["method"].lower()
        status = exchange["status"]
        media = (exchange.get("contentType") or "").split(";")[0].strip().lower()
        body = exchange.get("body") or ""
        template, item = self.find(urlsplit(exchange["path"]).path)
        if item is None:
            return self.check_problem({404}, status, media, body), None
        if method == "options":
            return ([] if status == 204 else [f"OPTIONS answered {status}"]), None
        described = "get" if method == "head" else method
        if described not in METHODS or described not in item:
            return self.check_problem({405}, status, media, body), None
        operation = item[described]
        covered = (operation["operationId"], status)
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"status {status} is not described ({body[:200]})"], covered
        content = self.resolve(response).get("content") or {}
        if method == "head" or not content:
            return ([f"has a body, none is described ({body[:100]})"] if body else []), covered
        if media not in content and "*/*" not in content:
            return [f"media type {media or 'none'} is not described"], covered
        schema = content.get(media, content.get("*/*", {})).get("schema")
        faults = self.check_body(schema, body, media) if schema is not None else []
        if media == PROBLEM:
            faults += self.check_status(status, body)
        return faults, covered

    def check_problem(self, statuses, status, media, body):
        if status not in statuses:
            return [f"answered {status}, not {' or '.join(map(str, statuses))}"]
        if media != PROBLEM:
            return [f"media type {media or 'none'} is no problem document"]
        problem = {"$ref": "#/components/schemas/Problem"}
        return self.check_body(problem, body) + self.check_status(status, body)

    @staticmethod
    def check_status(status, body):
        try:
            inside = json.loads(body).get("status")
        except ValueError:
            return []
        return [] if inside == status else [f"the problem says status {inside}"]

    def operations(self):
        for _, _, _, item in self.routes:
            for method in METHODS:
                if method in item:
                    yield item[method]


def main(arguments):
    flags = {argument for argument in arguments if argument.startswith("--")}
    names = [argument for argument in arguments if not argument.startswith("--")]
    if len(names) != 2 or flags - {"--require-coverage"}:
        sys.exit(__doc__)
    with open(names[0], encoding="utf-8") as file:
        contract = Contract(yaml.safe_load(file))
    for name, schema in contract.document["components"]["schemas"].items():
        Draft202012Validator.check_schema(schema)
    failed = count = 0
    covered = set()
    with open(names[1], encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            exchange = json.loads(line)
            count += 1
            faults, cover = contract.check(exchange)
            if cover and cover[1] < 400:
                covered.add(cover[0])
            for fault in faults:
                print(f"{names[1]}:{number}: {exchange['method']} {exchange['path']} {exchange['status']}: {fault}")
            failed += bool(faults)
    missing = sorted({operation["operationId"] for operation in contract.operations()} - covered)
    print(f"contract: {count} answers, {failed} wrong; {len(covered)} operations answered well")
    if missing:
        print("contract: no good answer recorded of " + ", ".join(missing))
    if count == 0 or failed or (missing and "--require-coverage" in flags):
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
