"""Families of Prometheus whose values are read when it asks."""

from collections.abc import Mapping
from typing import Any


def gauge(name: str, text: str, values: float | Mapping[str, float] | None, label: str = "") -> Any:
    """Return a gauge: one value, none or, with a *label*, one for each value of it."""
    from prometheus_client.core import GaugeMetricFamily  # noqa: PLC0415 - see measurements.FOLDER

    if not isinstance(values, Mapping):
        return GaugeMetricFamily(name, text, value=values)
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, number in values.items():
        family.add_metric([value], number)
    return family
