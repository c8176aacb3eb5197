"""The sample dashboard and alerts: each query asks for figures and labels that a real scrape has, and each alert has
its page in the manual.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from comments.seen.meters import METERS
from tests.gazette import Gazette
from tests.seen.test_metrics import OPERATOR, TOKEN

FOLDER = Path(__file__).parent.parent.parent / "deploy" / "observing"
MANUAL = FOLDER.parent.parent / "docs" / "operating.md"
NAME = re.compile(r"\b(comments_[a-z0-9_]+)(?:\{([^}]*)\})?")
LABEL = re.compile(r'([a-z_]+)\s*(?:=~|!~|!=|=)\s*"')
GROUPED = re.compile(r"\bby \(([a-z_, ]+)\)")
OF_PROMETHEUS = {"le", "instance", "job"}


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return found


def queries() -> dict[str, str]:
    asked = {f"alert {rule['alert']}": rule["expr"] for rule in alerts()}
    return asked | {
        f"panel {panel['title']} {target['refId']}": target["expr"] for panel in panels() for target in panel["targets"]
    }


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.environ(COMMENTS_METRICS_TOKEN=TOKEN)
def test_every_query_asks_for_what_there_is(paper: Gazette) -> None:
    """A figure that nothing was counted of yet has its name in the scrape, and its samples' endings by its kind."""
    text = paper.app.test_client().get("/metrics", headers=OPERATOR).text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    there = {f"{name}{end}": METERS[name] for name in families for end in endings[families[name].type]}
    assert len(there) > 40
    for where, query in queries().items():
        named = NAME.findall(query)
        assert named or "up{" in query, f"{where} asks for nothing of ours"
        for name, selector in named:
            assert name in there, f"{where} asks for {name}, which no scrape has"
            wanted = set(LABEL.findall(selector))
            assert wanted <= {*there[name].labels, "le"}, f"{where}: {name} has no label of {wanted}"
        grouped = {label.strip() for group in GROUPED.findall(query) for label in group.split(",")} - OF_PROMETHEUS
        assert all(grouped <= set(there[name].labels) for name, _ in named), f"{where} groups by {grouped}"
        assert query.count("(") == query.count(")") and query.count("{") == query.count("}")


def test_every_alert_is_whole_and_has_its_page() -> None:
    manual = MANUAL.read_text()
    assert len(alerts()) >= 12
    for rule in alerts():
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"} and re.fullmatch(r"[0-9]+m", rule["for"])
        assert rule["labels"]["severity"] in ("page", "ticket", "desk")
        assert f"**{rule['alert']}**" in manual, f"the manual does not say what to do about {rule['alert']}"


def test_the_dashboard_can_be_loaded() -> None:
    """What Grafana requires of a dashboard's model: panels with unique ids that lie in the grid of 24 columns."""
    board = json.loads((FOLDER / "dashboard.json").read_text())
    assert board["title"] and board["schemaVersion"] >= 36 and board["templating"]["list"][0]["type"] == "datasource"
    ids = [panel["id"] for panel in panels()]
    assert len(ids) == len(set(ids)) >= 15
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, f"{panel['title']} lies upon another"
        taken |= cells
        assert panel["type"] == "timeseries" and panel["datasource"]["uid"] == "${source}"
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) > 0
