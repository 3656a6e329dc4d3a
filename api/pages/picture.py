"""Where the boxes of a picture go: a layered drawing of a graph, left to right. Pure: sizes in, places out.

The usual four steps (Sugiyama, Tagawa, Toda 1981), each as simple as a few hundred boxes allow:
1. layers by the longest way from a source; edges that would close a circle are turned a blind eye to;
2. stand-ins where an edge passes a layer, so that lines run between boxes and not through them;
3. order within a layer by the mean place of the neighbours, swept both ways; of all sweeps the one in which fewest
   lines cross;
4. heights by pulling each box to its neighbours' middle, as far as the boxes beside it allow.
"""

import bisect
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

_SWEEPS = 9
"""Odd: the last sweep goes to the right, so that what came from one stays together."""
_GAP = 12
"""Least distance between boxes of a layer, in px."""
_WIDEST_CHANNEL, _CLIMB = 44, 14
"""A channel is a fourteenth of its lines' climb, up to so many px."""
_STAND_IN = 10
"""Height left free for a passing line, in px."""

Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Box:
    """Something to be placed: its size in px; `is_last` where it belongs in a layer behind all others."""

    key: str
    width: int
    height: int
    is_last: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a box lies: its upper left corner and size in px, and the number of its layer."""

    key: str
    layer: int
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """A finished layout: places by key, each edge as the points that its line passes, and the size of the whole."""

    places: Mapping[str, Placed]
    lines: Mapping[Edge, tuple[tuple[int, int], ...]]
    width: int
    height: int


def lay_out(boxes: Sequence[Box], edges: Iterable[Edge], channel: int = 18, margin: int = 12) -> Picture:
    """Place boxes so that every edge, but for those that close a circle, points to the right.

    `channel` is the least room between layers, `margin` that around the whole, both in px.
    """
    sizes = {box.key: box for box in boxes}
    wanted = [edge for edge in dict.fromkeys(edges) if edge[0] in sizes and edge[1] in sizes and edge[0] != edge[1]]
    layers = _layer(boxes, wanted)
    ways = {edge: _way(edge, layers) for edge in wanted}
    links = list(dict.fromkeys(link for way in ways.values() for link in itertools.pairwise(way)))
    rows = _order(_rows(layers), links)
    middles = _heights(rows, links, sizes)
    places = _places(rows, middles, sizes, _channels(rows, links, middles, channel), margin)
    lines = {edge: _line(way, places) for edge, way in ways.items()}
    real = {key: places[key] for key in sizes}
    width = max((place.x + place.width for place in real.values()), default=0) + margin
    height = max((place.y + place.height for place in places.values()), default=0) + margin
    return Picture(real, lines, width, height)


def _layer(boxes: Sequence[Box], edges: Sequence[Edge]) -> dict[str, int]:
    """Step 1. Edges that close a circle are left out of the reckoning."""
    before: dict[str, list[str]] = {box.key: [] for box in boxes}
    after: dict[str, list[str]] = {box.key: [] for box in boxes}
    for left, right in _without_circles(list(before), edges):
        before[right].append(left)
        after[left].append(right)
    waiting = {key: len(lefts) for key, lefts in before.items()}
    ready = [key for key, count in waiting.items() if not count]
    layers: dict[str, int] = {}
    for key in ready:  # grows while it is walked
        layers[key] = max((layers[left] + 1 for left in before[key]), default=0)
        for right in after[key]:
            waiting[right] -= 1
            if not waiting[right]:
                ready.append(right)
    last = max((layers[box.key] + (not box.is_last) for box in boxes), default=0)
    for box in boxes:
        if box.is_last:
            layers[box.key] = last
        elif not before[box.key] and after[box.key]:  # what enters late stands next to where it enters
            layers[box.key] = min(layers[right] for right in after[box.key]) - 1
    return layers


def _without_circles(keys: Sequence[str], edges: Sequence[Edge]) -> list[Edge]:
    after: dict[str, list[str]] = {key: [] for key in keys}
    for left, right in edges:
        after[left].append(right)
    kept: list[Edge] = []
    state: dict[str, int] = {}  # 1 on the way, 2 done
    for start in keys:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            key, rights = stack[-1]
            for right in rights:
                if state.get(right) != 1:
                    kept.append((key, right))
                if right not in state:
                    state[right] = 1
                    stack.append((right, iter(after[right])))
                    break
            else:
                state[key] = 2
                stack.pop()
    return kept


def _way(edge: Edge, layers: dict[str, int]) -> list[str]:
    """Step 2. The keys that an edge passes; its stand-ins are added to `layers`. Edges to one box share them: their
    lines run past as one bundle and not as a fence.
    """
    left, right = edge
    between = range(layers[left] + 1, layers[right])
    stand_ins = [f">{right}>{layer}" for layer in between]
    layers.update(zip(stand_ins, between, strict=True))
    return [left, *stand_ins, right]


def _rows(layers: Mapping[str, int]) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(max(layers.values(), default=-1) + 1)]
    for key, layer in layers.items():
        rows[layer].append(key)
    return rows


def _order(rows: list[list[str]], links: Sequence[Edge]) -> list[list[str]]:
    """Step 3."""
    lefts, rights = _neighbours(links)
    best, fewest = rows, -1
    for sweep in range(_SWEEPS):
        toward, walk = (lefts, rows) if sweep % 2 == 0 else (rights, rows[::-1])
        # As shares of the row, so that those with and without neighbours can be compared.
        place = {key: index / len(row) for row in rows for index, key in enumerate(row)}
        for row in walk:
            mean = {key: _mean([place[other] for other in toward.get(key, ())], place[key]) for key in row}
            row.sort(key=mean.__getitem__)
            place.update((key, index / len(row)) for index, key in enumerate(row))
        crossings = _count_crossings(rows, rights)
        if fewest < 0 or crossings <= fewest:  # of equals the later: the last sweep goes to the right
            best, fewest = [list(row) for row in rows], crossings
    return best


def _count_crossings(rows: Sequence[Sequence[str]], rights: Mapping[str, Sequence[str]]) -> int:
    """How often lines cross between neighbouring layers (counted as inversions: Barth, Jünger, Mutzel 2002)."""
    crossings = 0
    for row, following in itertools.pairwise(rows):
        place = {key: index for index, key in enumerate(following)}
        ends: list[int] = []
        for key in row:
            fresh = sorted(place[other] for other in rights.get(key, ()) if other in place)
            crossings += sum(len(ends) - bisect.bisect_right(ends, end) for end in fresh)
            for end in fresh:
                bisect.insort(ends, end)
    return crossings


def _heights(rows: list[list[str]], links: Sequence[Edge], sizes: Mapping[str, Box]) -> dict[str, float]:
    """Step 4. The middle of each box."""
    lefts, rights = _neighbours(links)
    middles: dict[str, float] = {}
    for row in rows:
        top = 0.0
        for key in row:
            middles[key] = top + _height(key, sizes) / 2
            top += _height(key, sizes) + _GAP
    for sweep in range(_SWEEPS - 1):
        toward, walk = (lefts, rows) if sweep % 2 == 0 else (rights, rows[::-1])
        for row in walk:
            wished = [_mean([middles[other] for other in toward.get(key, ())], middles[key]) for key in row]
            middles.update(zip(row, _apart(wished, [_height(key, sizes) for key in row]), strict=True))
    return middles


def _apart(wished: Sequence[float], heights: Sequence[int]) -> list[float]:
    """Middles as near to the wished ones as their order and heights allow: the mean of pushing down and pushing up."""
    down, up = list(wished), list(wished)
    for index in range(1, len(wished)):
        least = (heights[index - 1] + heights[index]) / 2 + _GAP
        down[index] = max(down[index], down[index - 1] + least)
    for index in range(len(wished) - 2, -1, -1):
        least = (heights[index] + heights[index + 1]) / 2 + _GAP
        up[index] = min(up[index], up[index + 1] - least)
    return [(low + high) / 2 for low, high in zip(down, up, strict=True)]


def _channels(rows: list[list[str]], links: Sequence[Edge], middles: Mapping[str, float], least: int) -> list[int]:
    """Room behind each layer: wider where its lines climb far, so that they don't run as one upright bundle."""
    layer = {key: index for index, row in enumerate(rows) for key in row}
    climb = [0.0] * len(rows)
    for left, right in links:
        climb[layer[left]] = max(climb[layer[left]], abs(middles[left] - middles[right]))
    return [max(least, min(_WIDEST_CHANNEL, round(far / _CLIMB))) for far in climb]


def _places(
    rows: list[list[str]], middles: Mapping[str, float], sizes: Mapping[str, Box], channels: Sequence[int], margin: int
) -> dict[str, Placed]:
    top = min((middles[key] - _height(key, sizes) / 2 for row in rows for key in row), default=0)
    places, x = {}, margin
    for layer, row in enumerate(rows):
        width = max((sizes[key].width for key in row if key in sizes), default=0)
        for key in row:
            own = sizes[key].width if key in sizes else width
            height = _height(key, sizes)
            y = round(middles[key] - height / 2 - top) + margin
            places[key] = Placed(key, layer, x, y, own, height)
        x += width + channels[layer]
    return places


def _line(way: Sequence[str], places: Mapping[str, Placed]) -> tuple[tuple[int, int], ...]:
    points: list[tuple[int, int]] = []
    for index, key in enumerate(way):
        place = places[key]
        middle = place.y + place.height // 2
        if index > 0:
            points.append((place.x, middle))
        if index < len(way) - 1:
            points.append((place.x + place.width, middle))
    return tuple(points)


def _neighbours(links: Sequence[Edge]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    lefts: dict[str, list[str]] = {}
    rights: dict[str, list[str]] = {}
    for left, right in links:
        lefts.setdefault(right, []).append(left)
        rights.setdefault(left, []).append(right)
    return lefts, rights


def _height(key: str, sizes: Mapping[str, Box]) -> int:
    return sizes[key].height if key in sizes else _STAND_IN


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
