# SPDX-License-Identifier: Apache-2.0
"""Results as a table of ratios, and the targets with what was reached."""

from __future__ import annotations

TITLES = {"current": "`current`", "history": "`history`", "upgrade": "`upgrade head` with nothing to do"}
MISSING = "not measured"


def time_of(seconds: float) -> str:
    if seconds >= 10:
        return f"{seconds:.0f} s"
    if seconds >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1000:.0f} ms" if seconds >= 0.1 else f"{seconds * 1000:.1f} ms"


def ratio_of(seconds: float, base: float | None) -> str:
    if not base:
        return "-"
    ratio = seconds / base
    return f"{ratio:.0f}" if ratio >= 20 else f"{ratio:.1f}" if ratio >= 3 else f"{ratio:.2f}"


def median(results: dict, verb: str, size: int, tool: str) -> float | None:
    cell = results["verbs"].get(verb, {}).get(str(size), {}).get(tool)
    return cell["median_s"] if cell else None


def cell(results: dict, verb: str, size: int, tool: str) -> str:
    seconds = median(results, verb, size, tool)
    if seconds is None:
        return MISSING if tool in results["missing"] else "has none"
    floor = ratio_of(seconds, median(results, verb, size, "floor"))
    ours = ratio_of(seconds, median(results, verb, size, "treering"))
    return f"{time_of(seconds)} ({floor} / {ours})"


def rows(table: list[list[str]]) -> list[str]:
    """A Markdown table with aligned columns."""
    widths = [max(len(row[i]) for row in table) for i in range(len(table[0]))]
    lines = ["| " + " | ".join(word.ljust(width) for word, width in zip(row, widths)) + " |" for row in table]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return lines


def verb_table(results: dict, verb: str) -> list[str]:
    sizes = results["sizes"]
    table = [[f"{TITLES[verb]}, revisions:", *(f"{size:,}" for size in sizes)]]
    for tool in results["tools"]:
        table.append([tool, *(cell(results, verb, size, tool) for size in sizes)])
    return rows(table)


def apply_table(results: dict) -> list[str]:
    applied = results["apply"]
    base, ours = applied["series"].get("bare pymongo"), applied["series"].get("treering")
    table = [[f"applying {applied['count']:,} revisions", "time", "times bare pymongo", "times treering"]]
    for tool, series in applied["series"].items():
        seconds = series["median_s"]
        table.append([
            tool, time_of(seconds), ratio_of(seconds, base and base["median_s"]), ratio_of(seconds, ours and ours["median_s"]),
        ])  # fmt: skip
    table += [[tool, MISSING, "", ""] for tool in results["missing"]]
    return rows(table)


class Targets:
    def __init__(self) -> None:
        self.all: list[dict] = []

    def add(self, what: str, value: float | None, limit: float, unit: str = "x") -> None:
        if value is not None:
            self.all.append({"target": what, "value": value, "limit": limit, "unit": unit, "reached": value <= limit})


def over(a: float | None, b: float | None) -> float | None:
    return a / b if a and b else None


def targets(results: dict) -> list[dict]:
    found = Targets()
    script_peers = [peer for peer in results["peers"] if peer in results["script_peers"]]
    for size in results["sizes"]:
        ours = median(results, "current", size, "treering")
        found.add(f"current at {size:,}: times the floor", over(ours, median(results, "current", size, "floor")), 1.5)
        golang = median(results, "current", size, "golang-migrate")
        found.add(f"current at {size:,}: times golang-migrate", over(ours, golang), 1.0)
        for peer in script_peers:
            found.add(f"current at {size:,}: times {peer}", over(ours, median(results, "current", size, peer)), 1 / 20)
    largest = results["sizes"][-1]
    ours, floor = (median(results, "upgrade", largest, tool) for tool in ("treering", "floor"))
    found.add(f"upgrade head with nothing to do at {largest:,}: times the floor", over(ours, floor), 3.0)
    peak = results["verbs"].get("current", {}).get(str(largest), {}).get("treering", {}).get("peak_kib")
    found.add(f"current at {largest:,}: resident memory", peak and peak / 1024, 20.0, " MiB")
    if "apply" in results:
        series = {tool: cell["median_s"] for tool, cell in results["apply"]["series"].items()}
        applied = f"applying {results['apply']['count']:,}: times"
        found.add(f"{applied} bare pymongo", over(series.get("treering"), series.get("bare pymongo")), 1.3)
        for peer in results["peers"]:
            found.add(f"{applied} {peer}", over(series.get("treering"), series.get(peer)), 1.0)
    return found.all


def verdict(target: dict) -> str:
    value, limit = target["value"], target["limit"]
    digits = 3 if limit < 0.1 else 2 if limit < 10 else 1
    said = f"{target['target']}: {value:.{digits}f}{target['unit']} of {limit:.{digits}f}{target['unit']}"
    return f"reached  {said}" if target["reached"] else f"MISSED   {said}, by {100 * (value / limit - 1):.0f} %"


def processor_times(results: dict) -> list[str]:
    """Free of the server's own pace, which all waiting times contain."""
    largest = str(results["sizes"][-1])
    lines = []
    for verb, sizes in results["verbs"].items():
        said = [f"{tool} {time_of(cell['median_processor_s'])}" for tool, cell in sizes[largest].items()]
        lines.append(f"processor time of {verb} at {int(largest):,}: {', '.join(said)}")
    if "apply" in results:
        said = [f"{tool} {time_of(cell['median_processor_s'])}" for tool, cell in results["apply"]["series"].items()]
        lines.append(f"processor time of applying: {', '.join(said)}")
    return lines


def render(results: dict) -> str:
    lines = ["Median times; in brackets: times the floor / times Treering.", ""]
    for verb in results["verbs"]:
        lines += [*verb_table(results, verb), ""]
    if "apply" in results:
        lines += [*apply_table(results), ""]
    lines += [verdict(target) for target in results["targets"]]
    lines += ["", *processor_times(results), ""]
    for name, why in results["missing"].items():
        lines.append(f"NOT MEASURED: {name}: {why}")
    for name, why in results["left_out"].items():
        lines.append(f"{name}: {why}")
    lines += [f"note: {note}" for note in results["notes"]]
    return "\n".join(lines) + "\n"
