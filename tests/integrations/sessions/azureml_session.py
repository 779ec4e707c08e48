"""In an environment that has azure-ai-ml: validate exported files offline, as its client does.

Writes one JSON document: of each folder, for each file, what is wrong with it and what was read.
"""

import json
import logging
import sys
from pathlib import Path
from typing import Any

from azure.ai.ml import load_component, load_job
from azure.ai.ml.entities._load_functions import load_schedule

logging.disable(logging.CRITICAL)


def validated(path: Path) -> dict[str, Any]:
    name, text = path.name, path.read_text()
    load = load_component
    if name == "pipeline.yml":
        load = load_job
    elif "create_job" in text or "create_monitor" in text:
        load = load_schedule
    try:
        found = load(source=path)
        if "create_monitor" in text:  # has no such method; this is what would be sent
            assert found._to_rest_object().as_dict()["properties"]["action"]
            wrong = {}
        else:
            wrong = dict(found._validate().error_messages)
    except Exception as problem:
        return {"wrong": {"*": f"{type(problem).__name__}: {problem}"[:2000]}}
    seen: dict[str, Any] = {"wrong": wrong, "kind": type(found).__name__}
    if load is load_component:
        seen["command"] = found.command
        seen["optional"] = sorted(n for n, one in found.inputs.items() if one.optional)
        seen["name"], seen["version"] = found.name, found.version
        seen["conda"] = found.environment.conda_file["dependencies"]
    elif load is load_job:
        seen["jobs"] = sorted(found.jobs)
        seen["inputs"], seen["outputs"] = sorted(found.inputs), sorted(found.outputs)
    else:
        seen["trigger"] = str(found.trigger.frequency)
        if "create_job" in text:
            seen["jobs"] = sorted(found.create_job.jobs)
    return seen


def validate(folder: Path) -> dict[str, dict[str, Any]]:
    files = sorted(path for path in folder.glob("*.yml") if path.stem != "conda")
    return {path.name: validated(path) for path in files}


sys.stdout.write(json.dumps([validate(Path(folder)) for folder in sys.argv[1:]]))
