"""The settings: what there is, from where they come, and which texts are refused."""
