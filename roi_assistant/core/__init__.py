"""Records and pure functions. No Qt, no torch, no onnxruntime, no input or output."""
