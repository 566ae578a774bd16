"""Can I deploy? The matrix, the decision, its reasons, deploy plans and badges."""
