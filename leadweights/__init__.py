"""Learn lead-scoring weights, ship them as one SQL SELECT, prove the two equal, bit for bit.

Each name is imported when it is first used: the command line answers without scikit-learn.
`__init__.pyi` says where each lives.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
