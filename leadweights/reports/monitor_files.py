"""The files of what the monitor found: a page, JSON and text."""

from leadweights.lifecycle.monitoring.monitor import Monitor
from leadweights.reports.html.libraries import explain_absent
from leadweights.reports.layout import document
from leadweights.reports.monitor import monitor_document, monitor_text

# Who asks for files is told at once, not after the work, that a library is not there.
with explain_absent("page"):
    from leadweights.reports.html.monitor import monitor_page


def monitor_files(found: Monitor) -> dict[str, str]:
    """Write what the monitor found as a page, as JSON and as text, by the names of their files."""
    return {
        "monitor.html": monitor_page(found),
        "monitor.json": document(monitor_document(found)),
        "monitor.txt": monitor_text(found),
    }
