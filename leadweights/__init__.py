"""Learn lead-scoring weights, ship them as one SQL SELECT, prove the two equal, bit for bit.

Each name is imported when it is first used: the command line answers without scikit-learn.
`__init__.pyi` says where each lives.
"""

import lazy_loader

from leadweights.model.shown import Shown

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def _show(result: object, as_html: bool) -> str:
    from leadweights.reports.notebook import show

    return show(result, as_html)


Shown.shown_by = staticmethod(_show)
