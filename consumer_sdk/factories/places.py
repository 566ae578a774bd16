"""Where in a model an example is made, and with which chance."""

from dataclasses import dataclass, replace
from random import Random

DEEPEST = 2
"""How often a model may be inside of itself."""


@dataclass(frozen=True)
class Place:
    """Where an example is made: the *path* of names to it, and the models on the way, or their names."""

    seed: str
    path: tuple[str, ...]
    models: tuple[object, ...] = ()

    def at(self, name: str) -> "Place":
        """Return the place of a part."""
        return replace(self, path=(*self.path, name))

    @property
    def name(self) -> str:
        """The name of the nearest field, for texts."""
        return next((step for step in reversed(self.path) if not step.startswith("[")), "text")

    @property
    def random(self) -> Random:
        """Chance that depends on the seed and the place alone, so that other fields change nothing."""
        return Random(f"{self.seed}/{'/'.join(self.path)}")  # noqa: S311 - examples, not secrets

    def __str__(self) -> str:
        return ".".join(self.path).replace(".[", "[")
