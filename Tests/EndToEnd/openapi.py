"""The OpenAPI document that the gateway gives, and answers held against it."""

from typing import Any

from jsonschema import Draft202012Validator

from http_client import Response

JSON_TYPES = ("application/json", "application/problem+json")


class Document:
    """Knows no members but those described: what is not in the document may be in no answer."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.tree = document
        schemas = document["components"]["schemas"]
        # A schema that others add to is closed where it is named, not in itself.
        self._schemas = {name: closed(schema, is_part=True) for name, schema in schemas.items()}

    def operations(self) -> list[tuple[str, str, dict[str, Any]]]:
        return [
            (method.upper(), path, operation)
            for path, methods in self.tree["paths"].items()
            for method, operation in methods.items()
        ]

    def check(self, method: str, path: str, answer: Response) -> None:
        """Fails unless `answer` is one of those that the operation of that path has."""
        operation = self.tree["paths"][path][method.lower()]
        where = f"{method} {path}: {answer}"
        assert str(answer.status) in operation["responses"], where
        described = operation["responses"][str(answer.status)]
        for name, header in described.get("headers", {}).items():
            assert answer.header(name) or not header.get("required"), f"{where} has no {name}"
        content = described.get("content")
        if content is None:
            assert answer.body == b"", where
            return
        assert answer.media_type in content, where
        if answer.media_type in JSON_TYPES:
            self.validate(answer.json(), content[answer.media_type]["schema"], where)

    def validate(self, value: Any, schema: dict[str, Any], where: str) -> None:
        """Fails unless an answer is what the schema says, and no more."""
        self._validate(value, closed(schema) | {"components": {"schemas": self._schemas}}, where)

    def validate_wish(self, value: Any, schema: dict[str, Any], where: str) -> None:
        """Fails unless a request is what the schema says; it may say more."""
        self._validate(value, schema | {"components": self.tree["components"]}, where)

    def _validate(self, value: Any, whole: dict[str, Any], where: str) -> None:
        checker = Draft202012Validator.FORMAT_CHECKER
        assert "date-time" in checker.checkers
        errors = list(Draft202012Validator(whole, format_checker=checker).iter_errors(value))
        assert not errors, f"{where}: {errors[0].message} at {errors[0].json_path}"


def closed(schema: Any, *, is_part: bool = False) -> Any:
    """The schema without room for members that it doesn't describe."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    copy: dict[str, Any] = {}
    for name, value in schema.items():
        if name == "allOf":
            copy[name] = [closed(part, is_part=True) for part in value]
        elif name == "properties":
            copy[name] = {key: closed(member) for key, member in value.items()}
        elif name in ("enum", "const", "examples", "default"):
            copy[name] = value
        else:
            copy[name] = closed(value)
    if not is_part and not {"properties", "allOf", "$ref"}.isdisjoint(schema):
        copy["unevaluatedProperties"] = False
    return copy
