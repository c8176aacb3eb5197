"""The figures in the text format of Prometheus, or in OpenMetrics where the scraper asks for that."""

from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector, CollectorRegistry

from comments.seen.meters import METERS, Meter, Series
from comments.seen.sharing import Numbers

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


def expose(numbers: Numbers, accept: str) -> tuple[bytes, str]:
    """(document, its content type) for this Accept header."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Read(numbers))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Read(Collector):
    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def collect(self) -> Iterator[Family]:
        for name, meter in METERS.items():
            yield _family(meter, self._numbers.get(name, {}))


def _family(meter: Meter, series: Series) -> Family:
    names = list(meter.labels)
    if meter.kind == "histogram":
        histogram = HistogramMetricFamily(meter.name, meter.what, labels=names)
        for labels, numbers in series.items():
            *inside, total = numbers
            bounds = [*map(str, meter.buckets), "+Inf"]
            cumulated = [sum(inside[: place + 1]) for place in range(len(inside))]
            histogram.add_metric(labels, list(zip(bounds, cumulated, strict=True)), sum_value=total)
        return histogram
    kind = CounterMetricFamily if meter.kind == "counter" else GaugeMetricFamily
    family = kind(meter.name, meter.what, labels=names)
    for labels, numbers in series.items():
        family.add_metric(labels, numbers[0])
    return family
