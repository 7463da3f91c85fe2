"""RoI Assistant: region captions and attributes from a local model."""

import os

__version__ = "0.1.0"

# onnxruntime 1.31 for Linux writes a device id and a database of events below ~/.cache as soon as it is imported, for
# an address of its maker. Nothing leaves this computer: said here, since everything that imports it comes by here.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
