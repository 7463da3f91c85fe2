"""The embedded model gpt4roi-mini as a captioner: ONNX graphs, without torch."""
