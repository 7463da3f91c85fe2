"""Running captioners. No Qt; onnxruntime and torch only inside the modules that need them."""
