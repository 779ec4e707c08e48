"""The API in the words of OpenAPI, with the fields of the model in force and examples of it."""

from __future__ import annotations

from copy import deepcopy
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from leadweights.serve.in_force import InForce
from leadweights.serve.problems import MEDIA_TYPE
from leadweights.serve.service import Service
from leadweights.sql.dialects import DIALECTS

Document = dict[str, Any]

_ABOUT = (
    "Lead scores by one model, with the bits of its SELECT. Every answer names the model's version "
    "and the SHA-256 of what it computes; everything that is wrong is a problem (RFC 9457)."
)
_STAMP = {
    "type": "object",
    "description": "Which model an answer is of; a model of a file has no version.",
    "properties": {
        "version": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
        "sha256": {"type": "string"},
    },
    "required": ["version", "sha256"],
}
_PROBLEM = {
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "Each field that is wrong, by its JSON pointer.",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
                "required": ["pointer", "detail"],
            },
        },
    },
    "required": ["type", "title", "status", "detail"],
}
_SCORES = {
    "type": "object",
    "properties": {
        "model": {"$ref": "#/components/schemas/Model"},
        "results": {"type": "array", "items": {"$ref": "#/components/schemas/Result"}},
    },
    "required": ["model", "results"],
}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_WHOLE = ("score_100", "decision")
_TEXT = ("band", "action", "trend")


def describe_api(app: FastAPI, service: Service) -> None:
    """Let an app describe itself by the model in force at that moment."""
    # Routes do not change any more, and the model may.
    plain: Document = {}

    def openapi() -> Document:
        if not plain:
            plain.update(
                get_openapi(
                    title="leadweights",
                    version=version("leadweights"),
                    description=_ABOUT,
                    routes=app.routes,
                )
            )
        document = deepcopy(plain)
        _add(document, service.in_force)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def _add(document: Document, own: InForce | None) -> None:
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"Model": _STAMP, "Problem": _PROBLEM, "Scores": _SCORES}
    schemas["Lead"] = own.form.schema() if own else {"type": "object"}
    schemas["Result"] = _result(own) if own else {"type": "object"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            told = _OPERATIONS.get(f"{method} {path}", {})
            operation |= deepcopy(told)
            operation.setdefault("responses", {})["default"] = {
                "description": "What is wrong.",
                "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            }
            operation["responses"].pop("422", None)
    if own is not None:
        _add_examples(document["paths"], own)


def _result(own: InForce) -> Document:
    """Describe what a lead is given."""
    properties: Document = {
        "status": {"enum": ["ok", "no_consent"], "description": "no_consent: there is no score."}
    }
    properties |= {key: {"description": "The key that was sent."} for key in own.model.keys}
    for name in own.plain:
        kind = "integer" if name in _WHOLE else "string" if name in _TEXT else "number"
        properties[name] = {"anyOf": [{"type": kind}, {"type": "null"}]}
    reason = {"reason": {"type": "string"}, "effect": {"type": "number"}}
    properties["reasons"] = {
        "type": "array",
        "description": "What moves the score most, and by how much of log-odds.",
        "items": {"type": "object", "properties": reason},
    }
    properties["contributions"] = {
        "type": "object",
        "description": "What each column adds to the lead score, if they were asked for.",
        "additionalProperties": {"type": "number"},
    }
    judged = {"factor": {"type": "number"}, "why": {"type": "string"}, "source": {"type": "string"}}
    properties["adjustment"] = {
        "type": "object",
        "description": "A judgement from outside, if one was asked for; 1 where none came.",
        "properties": judged,
    }
    properties["filled"] = {
        "type": "array",
        "description": "Columns without a value, for which the model has its own.",
        "items": {"type": "string"},
    }
    properties["out_of_range"] = {
        "type": "array",
        "description": "Columns with a number out of the range of the training rows, or a level "
        "that the model does not know; they are scored all the same. Only where baseline.json is "
        "beside the model.",
        "items": {"type": "string"},
    }
    return {"type": "object", "properties": properties, "required": ["status", "filled"]}


def _add_examples(paths: Document, own: InForce) -> None:
    lead = own.form.example()
    (read,) = own.form.read([lead], [()])
    score = paths["/v1/score"]["post"]
    score["requestBody"]["content"]["application/json"]["examples"] = {
        "a lead": {"value": lead},
        "a list": {"value": {"leads": [lead, {}]}},
    }
    answered = {"model": own.stamp, "results": [own.score_lead(read)]}
    score["responses"]["200"]["content"]["application/json"]["example"] = answered


def _json(schema: Document, said: str = "The answer.") -> Document:
    return {"description": said, "content": {"application/json": {"schema": schema}}}


def _query(name: str, said: str, schema: Document) -> Document:
    return {"name": name, "in": "query", "required": False, "description": said, "schema": schema}


_ANY = {"type": "object"}
_LEAD = {"$ref": "#/components/schemas/Lead"}
_LIST = {
    "type": "object",
    "properties": {"leads": {"type": "array", "items": _LEAD}},
    "required": ["leads"],
}
_OPERATIONS: dict[str, Document] = {
    "post /v1/score": {
        "parameters": [
            _query(
                "contributions",
                "Tell what each column adds to the lead score.",
                {"type": "boolean", "default": False},
            ),
            _query(
                "adjust",
                "Ask for a judgement from outside on each lead, where the service has whom to ask.",
                {"type": "boolean", "default": False},
            ),
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"anyOf": [_LEAD, _LIST]}}},
        },
        "responses": {"200": _json({"$ref": "#/components/schemas/Scores"})},
    },
    "post /v1/predict": {
        "parameters": [
            _query(
                "format",
                "How the answer is written; else as Accept says.",
                {"enum": ["json", "csv", "parquet"]},
            ),
            _query("columns", "Result columns, between commas.", {"type": "string"}),
        ],
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {
                    "schema": {
                        "type": "object",
                        "properties": {"file": _FILE},
                        "required": ["file"],
                    }
                },
                "text/csv": {"schema": {"type": "string"}},
                "text/tab-separated-values": {"schema": {"type": "string"}},
                "application/vnd.apache.parquet": {"schema": _FILE},
                "application/x-ndjson": {"schema": {"type": "string"}},
            },
        },
        "responses": {
            "200": {
                "description": "A row for each lead: its keys and the columns asked for.",
                "content": {
                    "application/json": {"schema": _ANY},
                    "text/csv": {"schema": {"type": "string"}},
                    "application/vnd.apache.parquet": {"schema": _FILE},
                },
            }
        },
    },
    "get /v1/model": {"responses": {"200": _json(_ANY)}},
    "get /v1/model/weights": {"responses": {"200": _json(_ANY)}},
    "get /v1/model/sql": {
        "parameters": [
            _query("dialect", "The SQL to write.", {"enum": list(DIALECTS), "default": "duckdb"}),
            _query("table", "The table to select from.", {"type": "string", "default": "leads"}),
        ],
        "responses": {
            "200": {
                "description": "The SELECT.",
                "content": {"application/sql": {"schema": {"type": "string"}}},
            }
        },
    },
    "get /v1/thresholds": {"responses": {"200": _json(_ANY)}},
    "get /healthz": {"responses": {"200": _json(_ANY)}},
    "get /readyz": {
        "responses": {"200": _json(_ANY), "503": _json(_ANY, "There is no model to answer by.")}
    },
    "get /metrics": {
        "responses": {
            "200": {
                "description": "What is counted.",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            }
        }
    },
}
