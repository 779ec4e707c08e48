"""The files of what the monitor found: a page, JSON and text."""

from leadweights.errors import UnsupportedError
from leadweights.lifecycle.monitoring.monitor import Monitor
from leadweights.reports.layout import document
from leadweights.reports.monitor import monitor_document, monitor_text


def monitor_files(found: Monitor) -> dict[str, str]:
    """Write what the monitor found as a page, as JSON and as text, by the names of their files.

    Raises UnsupportedError without the libraries of `leadweights[report]`.
    """
    try:
        from leadweights.reports.html.monitor import monitor_page
    except ModuleNotFoundError as problem:
        if (problem.name or "").split(".")[0] not in ("jinja2", "markupsafe", "matplotlib"):
            raise
        raise UnsupportedError(
            f'the page needs {problem.name}: pip install "leadweights[report]"'
        ) from None
    return {
        "monitor.html": monitor_page(found),
        "monitor.json": document(monitor_document(found)),
        "monitor.txt": monitor_text(found),
    }
