"""How the evidence model is made: data, augmentation, training, measuring and export.

Nothing of the running product imports this sub-package; it needs torch, and onnx for the export.
"""
