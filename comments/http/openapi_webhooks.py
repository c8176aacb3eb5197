"""The `webhooks` of the OpenAPI document: the messages that receivers are sent (OpenAPI 3.1, “webhooks”)."""

from typing import Any

from comments.core.webhooks import TYPES
from comments.http import schemas_webhooks as schemas

KINDS = tuple(schemas.DATA.values())
HEADERS = {
    "webhook-id": "The same at every attempt: who has seen it has seen the message.",
    "webhook-timestamp": "When this attempt was made, in seconds since 1970: refuse what is older than five minutes.",
    "webhook-signature": "v1,… for each secret that is valid, as https://www.standardwebhooks.com has it.",
}


def webhooks() -> dict[str, Any]:
    """One path item for each type."""
    return {type_: {"post": _message(type_, about)} for type_, about in TYPES.items()}


def _message(type_: str, about: str) -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_},
            "timestamp": {"type": "string", "format": "date-time", "description": "When it happened"},
            "data": {"$ref": f"#/components/schemas/{schemas.data_of(type_).__name__}"},
        },
    }
    return {
        "operationId": "told_" + type_.replace(".", "_"),
        "summary": about,
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": text, "schema": {"type": "string"}}
            for name, text in HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "2XX": {"description": "Taken: it is not sent again."},
            "410": {"description": "The receiver is gone: nothing is sent to it any more."},
            "default": {"description": "It is sent again later."},
        },
    }
