# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The text format of Prometheus.

https://prometheus.io/docs/instrumenting/exposition_formats
"""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, Optional, Tuple, Union

from .families import Family

Number = Union[int, float]
Sample = Tuple[str, Optional[Number]]  # labels as ``labels`` writes them; None = no such series


def labels(values: Mapping[str, object]) -> str:
    """All labels of a series, as they are written; empty ones are the same as none."""
    shown = ",".join(f'{name}="{_escaped(str(one))}"' for name, one in values.items() if one != "")
    return f"{{{shown}}}" if shown else ""


def with_more(series: str, values: Mapping[str, object]) -> str:
    """The same with further labels."""
    more = labels(values)
    return f"{series[:-1]},{more[1:]}" if series and more else series or more


def written(family: Family, samples: Iterable[Sample]) -> Iterator[str]:
    """Yield the lines of one family; none where it has no series."""
    name = family.name
    is_open = False
    for series, value in samples:
        if value is None:
            continue
        if not is_open:
            is_open = True
            yield f"# HELP {name} {family.text}\n# TYPE {name} {family.kind}\n"
        yield f"{name}{series} {value}\n"


def _escaped(value: str) -> str:
    # A lone surrogate is no UTF-8: node_exporter would refuse the whole file.
    text = value.encode("utf-8", "replace").decode("utf-8")
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
