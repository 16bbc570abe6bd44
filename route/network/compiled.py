"""What is compiled of the searches in an elimination tree, see `route.network.elimination`.

Arrays are by rank, by upward arc, or rows of a table; what they mean stands where they are made. Numbers are unsigned:
a compiled function asks of every signed index whether it counts from the end. numba keeps the machine code beside this
file, or in the user's cache where it cannot write there.
"""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = [
    "INFINITE",
    "NONE",
    "ORIGINAL",
    "UNMET",
    "best_runs",
    "chordal",
    "cost_between",
    "customize",
    "have_common",
    "needed",
    "sum_each",
    "sum_rows",
    "summed",
    "written_out",
]

INFINITE = 2**31 - 1
"""Cost of what cannot be run; the engine counts in 32 bits, with the same value."""

# Numbers that are none of a vertex or an arc.
NONE = SOURCE = ORIGINAL = 2**32 - 1
UNMET = WRITTEN = 2**32 - 2

# Shortcuts of so many arcs are written out.
_SHORTEST, _LONGEST = 9, 64


@njit(cache=True)
def chordal(n, begin, above):
    """Upward arcs of all ranks when the vertices are contracted one by one, and the parent of each."""
    first = np.zeros(n + 1, np.uint32)
    head = np.empty(4 * len(above) + 64, np.uint32)
    parent = np.full(n, NONE, np.uint32)
    child, sibling = np.full(n, -1), np.full(n, -1)
    mark = np.full(n, -1)
    near = np.empty(n, np.uint32)
    for x in range(n):
        count = 0
        for i in range(begin[x], begin[x + 1]):
            mark[above[i]] = x
            count = _inserted(near, count, above[i])
        c = child[x]
        while c >= 0:
            for i in range(first[c], first[c + 1]):
                y = head[i]
                if y != x and mark[y] != x:
                    mark[y] = x
                    count = _inserted(near, count, y)
            c = sibling[c]
        here = first[x]
        if here + count > len(head):
            longer = np.empty(2 * len(head) + count, np.uint32)
            longer[:here] = head[:here]
            head = longer
        head[here : here + count] = near[:count]
        first[x + 1] = here + count
        if count:
            parent[x] = head[here]
            sibling[x] = child[parent[x]]
            child[parent[x]] = x
    # How many vertices lie above each, and how many those of which most do.
    depth, deepest = np.zeros(n, np.uint32), np.uint32(0)
    for x in range(n - 1, -1, -1):
        if parent[x] != NONE:
            depth[x] = depth[parent[x]] + np.uint32(1)
            deepest = max(deepest, depth[x])
    return first, head[: first[n]].copy(), parent, deepest


@njit(cache=True)
def _inserted(numbers, count, number):
    """Enter a number where it belongs among those that are sorted; how many there are then."""
    i = count
    while i and numbers[i - 1] > number:
        numbers[i] = numbers[i - 1]
        i -= 1
    numbers[i] = number
    return count + 1


@njit(cache=True)
def customize(first, head, up, down, halves):
    """Enter the least cost of each arc by way of lower vertices, and the halves of each shortcut.

    Of a shortcut between x and y by way of z the halves are the arcs from z up to x and to y. Of several with equal
    cost that with the lowest z is kept, also before an arc of the graph itself.
    """
    for z in range(np.uint32(len(first) - 1)):
        for low in range(first[z], first[z + np.uint32(1)]):
            top = np.uint64(first[head[low]])
            for high in range(low + np.uint64(1), first[z + np.uint32(1)]):
                while head[top] != head[high]:
                    top += np.uint64(1)
                cost = down[low] + up[high]
                if cost < up[top] or (cost == up[top] and cost < INFINITE and halves[top, 0] == ORIGINAL):
                    up[top], halves[top, 0], halves[top, 1] = cost, low, high
                cost = up[low] + down[high]
                if cost < down[top] or (cost == down[top] and cost < INFINITE and halves[top, 2] == ORIGINAL):
                    down[top], halves[top, 2], halves[top, 3] = cost, low, high


@njit(cache=True)
def needed(first, head, up, down):
    """Which arcs a shortest run may use: those that no way by a higher vertex beats."""
    need_up, need_down = up < INFINITE, down < INFINITE
    least_up, least_down = up.copy(), down.copy()
    for below in range(1, len(first)):
        z = np.uint32(len(first) - 1 - below)
        begin, end = np.uint64(first[z]), np.uint64(first[z + np.uint32(1)])
        for i in range(end - begin):
            low = end - np.uint64(1) - i
            top = np.uint64(first[head[low]])
            for high in range(low + np.uint64(1), end):
                while head[top] != head[high]:
                    top += np.uint64(1)
                cost = least_up[high] + least_down[top]
                if cost < least_up[low]:
                    least_up[low], need_up[low] = cost, False
                cost = least_down[high] + least_up[top]
                if cost < least_down[low]:
                    least_down[low], need_down[low] = cost, False
                cost = least_up[low] + least_up[top]
                if cost < least_up[high]:
                    least_up[high], need_up[high] = cost, False
                cost = least_down[low] + least_down[top]
                if cost < least_down[high]:
                    least_down[high], need_down[high] = cost, False
    return need_up, need_down


@njit(cache=True)
def written_out(halves, need_up, need_down, stack):
    """Arcs of shortcuts of middle length, one after another, and where those of each begin; entered in `halves`.

    A way is put together from them: to follow its shortcuts down to the last arc means to wait for memory at each.
    """
    k = len(halves)
    length = np.ones((k, 2), np.uint32)
    count, total = 0, np.uint64(0)
    for e in range(k):
        for back in range(2):
            low, high = halves[e, 2 * back], halves[e, 2 * back + 1]
            if low != ORIGINAL:
                size = length[low, 1 - back] + length[high, back]
                length[e, back] = min(size, np.uint64(_LONGEST + 1))
                if _SHORTEST <= size <= _LONGEST and (need_down[e] if back else need_up[e]):
                    count += 1
                    total += size
    start, arcs = np.zeros(count + 1, np.uint32), np.empty(total, np.uint32)
    count = 0
    for e in range(k):
        for back in range(2):
            low, size = halves[e, 2 * back], length[e, back]
            if low != ORIGINAL and _SHORTEST <= size <= _LONGEST and (need_down[e] if back else need_up[e]):
                stack[0] = 2 * e + back
                start[count + 1] = _unpacked(halves, start, arcs, stack, 1, arcs, start[count])
                halves[e, 2 * back], halves[e, 2 * back + 1] = WRITTEN, count
                count += 1
    return start, arcs


@njit(cache=True)
def _unpacked(halves, start, written, stack, height, arcs, used):
    """Enter the arcs of the graph for shortcuts on a stack, the topmost first; room used, -1 if there is not enough."""
    used = np.int64(used)
    while height:
        height -= 1
        e, back = stack[height] >> np.uint32(1), stack[height] & np.uint32(1)
        low, high = halves[e, np.uint32(2) * back], halves[e, np.uint32(2) * back + np.uint32(1)]
        if low == ORIGINAL:
            if used == len(arcs):
                return -1
            arcs[used] = high
            used += 1
        elif low == WRITTEN:
            begin, end = np.int64(start[high]), np.int64(start[high + np.uint32(1)])
            if used + end - begin > len(arcs):
                return -1
            for i in range(begin, end):
                arcs[used] = written[i]
                used += 1
        else:
            # Down to the vertex below and up again: the half that is run last lies below.
            if back:
                low, high = high, low
            stack[height], stack[height + 1] = high << np.uint32(1), low << np.uint32(1) | np.uint32(1)
            height += 2
    return used


@njit(cache=True)
def _opened(parent, vertices, costs, first, after, least, arc, begins, ends):
    """Enter the vertices of a place, and the stretches of the tree above them, each up to where another one goes on."""
    count = 0
    for i in range(first, after):
        s, cost = vertices[i], costs[i]
        if least[s] == INFINITE:
            x = s
            while x != NONE and arc[x] == UNMET:
                arc[x] = SOURCE
                x = parent[x]
            least[s] = cost
            begins[count], ends[count] = s, x
            count += 1
        elif cost < least[s]:
            least[s] = cost
    return count


@njit(cache=True)
def _closed(parent, least, arc, begins, ends, count):
    """Forget a search."""
    for i in range(count):
        x = begins[i]
        while x != ends[i]:
            least[x], arc[x] = INFINITE, UNMET
            x = parent[x]


@njit(cache=True)
def _relaxed(side, least, arc, x):
    """Go on from a vertex along its arcs."""
    here = least[x]
    for e in range(side.first[x], side.first[x + np.uint32(1)]):
        y, cost = side.head[e], here + side.cost[e]
        if cost < least[y]:
            least[y], arc[y] = cost, side.arc[e]


@njit(cache=True)
def _best(parent, up, down, state, sources, targets, a, b):
    """Search from one place to another: the least cost, where both sides meet, and stretches of the side to close."""
    forward, forward_arc, backward, backward_arc, stretches, _, last = state
    if last[0] != a:
        _closed(parent, forward, forward_arc, stretches[0], stretches[1], last[1])
        last[0] = a
        last[1] = _opened(
            parent, sources[1], sources[2], sources[0][a], sources[0][a + 1], forward, forward_arc,
            stretches[0], stretches[1],
        )  # fmt: skip
        for i in range(last[1] - 1, -1, -1):
            x, end = stretches[0, i], stretches[1, i]
            while x != end:
                if forward[x] < INFINITE:
                    _relaxed(up, forward, forward_arc, x)
                x = parent[x]
    opened = _opened(
        parent, targets[1], targets[2], targets[0][b], targets[0][b + 1], backward, backward_arc,
        stretches[2], stretches[3],
    )  # fmt: skip
    best, middle = np.uint64(INFINITE), np.uint32(NONE)
    for i in range(opened - 1, -1, -1):
        x, end = stretches[2, i], stretches[3, i]
        while x != end:
            if backward[x] < best:  # from any other no better run can come
                _relaxed(down, backward, backward_arc, x)
                cost = backward[x] + forward[x]
                if cost < best:
                    best, middle = cost, x
            x = parent[x]
    return best, middle, opened


@njit(cache=True)
def _forgotten(parent, state):
    """Forget the search from the last origin: what its number stands for may change."""
    _closed(parent, state.forward, state.forward_arc, state.stretches[0], state.stretches[1], state.last[1])
    state.last[0], state.last[1] = -1, 0


@njit(cache=True)
def cost_between(
    parent, rank, up_first, up_head, up_cost, down_first, down_head, down_cost, forward, backward, a, b
):
    """Least cost from one vertex to another; `INFINITE` if there is no way.

    Both searches climb together, so that above where they meet neither goes on from what is dearer than the best run.
    """
    source, target = rank[a], rank[b]
    forward[source], backward[target] = np.uint32(0), np.uint32(0)
    best, x, y = np.uint64(INFINITE), source, target
    while x != NONE or y != NONE:
        low = min(x, y)
        here = forward[low]
        if here < best:
            for e in range(up_first[low], up_first[low + np.uint32(1)]):
                cost = here + up_cost[e]
                if cost < forward[up_head[e]]:
                    forward[up_head[e]] = cost
        here = backward[low]
        if here < best:
            for e in range(down_first[low], down_first[low + np.uint32(1)]):
                cost = here + down_cost[e]
                if cost < backward[down_head[e]]:
                    backward[down_head[e]] = cost
        best = min(best, forward[low] + here)
        if x == low:
            x = parent[x]
        if y == low:
            y = parent[y]
    for end in (source, target):
        x = end
        while x != NONE:
            forward[x], backward[x] = INFINITE, INFINITE
            x = parent[x]
    return best


@njit(cache=True)
def best_runs(graph, up, down, shortcuts, state, sources, targets, rows, found, begin, used):
    """Answer rows from `begin` on until all are done or the room for arcs is used up; the next row, and room used."""
    parent, tail, vertex = graph
    halves, start, written = shortcuts
    _, forward_arc, backward, backward_arc, stretches, stack, _ = state
    origin, destination, below = rows
    costs, counts, alone, arcs = found
    for row in range(begin, len(origin)):
        best, middle, opened = _best(parent, up, down, state, sources, targets, origin[row], destination[row])
        costs[row], counts[row], alone[row] = INFINITE, 0, -1
        if middle != NONE and best < below[row]:
            steps, x = 0, middle
            while backward_arc[x] != SOURCE:
                steps += 1
                x = tail[backward_arc[x]]
            height, x = steps, middle
            while forward_arc[x] != SOURCE:
                height += 1
                x = tail[forward_arc[x]]
            # What is run last lies at the bottom.
            i, x = steps, middle
            while backward_arc[x] != SOURCE:
                i -= 1
                stack[i] = backward_arc[x] << np.uint32(1) | np.uint32(1)
                x = tail[backward_arc[x]]
            i, x = steps, middle
            while forward_arc[x] != SOURCE:
                stack[i] = forward_arc[x] << np.uint32(1)
                i += 1
                x = tail[forward_arc[x]]
            after = _unpacked(halves, start, written, stack, height, arcs, used)
            if after < 0:
                _closed(parent, backward, backward_arc, stretches[2], stretches[3], opened)
                return row, used
            costs[row], counts[row] = best, after - used
            if after == used:
                alone[row] = vertex[middle]
            used = after
        _closed(parent, backward, backward_arc, stretches[2], stretches[3], opened)
    _forgotten(parent, state)
    return len(origin), used


@njit(cache=True)
def summed(halves, start, written, values):
    """Sums of the values of all arcs that each upward arc stands for, and that against it; whether 32 bits hold all."""
    k, m = len(halves), values.shape[1]
    sums, fits = np.zeros((k, 2, m), np.int32), True
    for e in range(k):
        for back in range(2):
            low, high = halves[e, 2 * back], halves[e, 2 * back + 1]
            if low == WRITTEN:
                for j in range(m):
                    total = np.int64(0)
                    for i in range(start[high], start[high + np.uint32(1)]):
                        total += values[written[i], j]
                    sums[e, back, j] = total
                    fits &= total == sums[e, back, j]
            elif low != ORIGINAL:
                if back:
                    low, high = high, low
                for j in range(m):
                    total = np.int64(sums[low, 1, j]) + sums[high, 0, j]
                    sums[e, back, j] = total
                    fits &= total == sums[e, back, j]
            elif high != NONE:
                for j in range(m):
                    sums[e, back, j] = values[high, j]
    return sums, fits


@njit(cache=True)
def sum_each(graph, up, down, of_arc, state, sources, targets, rows, found):
    """Sums of rows of which few share a destination."""
    parent, tail, vertex = graph
    _, forward_arc, backward, backward_arc, stretches, _, _ = state
    origin, destination = rows
    costs, begins, ends, values = found
    for row in range(len(origin)):
        best, middle, opened = _best(parent, up, down, state, sources, targets, origin[row], destination[row])
        if middle != NONE:
            x = middle
            while forward_arc[x] != SOURCE:
                for j in range(of_arc.shape[2]):
                    values[row, j] += of_arc[forward_arc[x], 0, j]
                x = tail[forward_arc[x]]
            y = middle
            while backward_arc[y] != SOURCE:
                for j in range(of_arc.shape[2]):
                    values[row, j] += of_arc[backward_arc[y], 1, j]
                y = tail[backward_arc[y]]
            costs[row], begins[row], ends[row] = best, vertex[x], vertex[y]
        _closed(parent, backward, backward_arc, stretches[2], stretches[3], opened)
    _forgotten(parent, state)


@njit(cache=True)
def _searched(parent, tail, side, back, of_arc, least, arc, begins, ends, opened, ends_at, sums):
    """Search upward from all vertices of a place; for each vertex met also where its run begins, and its sums."""
    for i in range(opened - 1, -1, -1):
        x, end = begins[i], ends[i]
        while x != end:
            if least[x] < INFINITE:
                if arc[x] == SOURCE:
                    ends_at[x] = x
                    for j in range(sums.shape[1]):
                        sums[x, j] = 0
                else:
                    before = tail[arc[x]]
                    ends_at[x] = ends_at[before]
                    for j in range(sums.shape[1]):
                        sums[x, j] = sums[before, j] + of_arc[arc[x], back, j]
                _relaxed(side, least, arc, x)
            x = parent[x]


@njit(cache=True)
def sum_rows(graph, up, down, of_arc, state, sources, targets, places, rows, found):
    """Sums of rows to some destinations."""
    parent, tail, vertex = graph
    forward, forward_arc, backward, backward_arc, stretches, _, last = state
    which, origin, label = rows
    costs, begins, ends, values = found
    n, m = len(parent), of_arc.shape[2]
    forward_end, backward_end = np.empty(n, np.uint32), np.empty(n, np.uint32)
    forward_sum, backward_sum = np.empty((n, m), np.int64), np.empty((n, m), np.int64)
    # The search upward from each destination: what it met, at what cost, where the run ends, and its sums.
    label_start, room = np.zeros(len(places) + 1, np.int64), 0
    for p in range(len(places)):
        first, after = targets[0][places[p]], targets[0][places[p] + 1]
        opened = _opened(
            parent, targets[1], targets[2], first, after, backward, backward_arc, stretches[2], stretches[3]
        )
        for i in range(opened):
            x, end = stretches[2, i], stretches[3, i]
            while x != end:
                room += 1
                x = parent[x]
        _closed(parent, backward, backward_arc, stretches[2], stretches[3], opened)
    met, cost_to = np.empty(room, np.uint32), np.empty(room, np.uint32)
    end_at, sum_to = np.empty(room, np.uint32), np.empty((room, m), np.int64)
    for p in range(len(places)):
        first, after = targets[0][places[p]], targets[0][places[p] + 1]
        opened = _opened(
            parent, targets[1], targets[2], first, after, backward, backward_arc, stretches[2], stretches[3]
        )
        _searched(
            parent, tail, down, 1, of_arc, backward, backward_arc, stretches[2], stretches[3], opened,
            backward_end, backward_sum,
        )  # fmt: skip
        k = label_start[p]
        for i in range(opened - 1, -1, -1):
            x, end = stretches[2, i], stretches[3, i]
            while x != end:
                if backward[x] < INFINITE:
                    met[k], cost_to[k], end_at[k] = x, backward[x], backward_end[x]
                    for j in range(m):
                        sum_to[k, j] = backward_sum[x, j]
                    k += 1
                x = parent[x]
        label_start[p + 1] = k
        _closed(parent, backward, backward_arc, stretches[2], stretches[3], opened)
    for r in range(len(which)):
        row, p = which[r], label[r]
        a = origin[row]
        if last[0] != a:
            _closed(parent, forward, forward_arc, stretches[0], stretches[1], last[1])
            last[0] = a
            last[1] = _opened(
                parent, sources[1], sources[2], sources[0][a], sources[0][a + 1], forward, forward_arc,
                stretches[0], stretches[1],
            )  # fmt: skip
            _searched(
                parent, tail, up, 0, of_arc, forward, forward_arc, stretches[0], stretches[1], last[1],
                forward_end, forward_sum,
            )  # fmt: skip
        best, at = np.uint64(INFINITE), -1
        for k in range(label_start[p], label_start[p + 1]):
            cost = cost_to[k] + forward[met[k]]
            if cost < best:
                best, at = cost, k
        if at >= 0:
            x = met[at]
            costs[row], begins[row], ends[row] = best, vertex[forward_end[x]], vertex[end_at[at]]
            for j in range(m):
                values[row, j] = forward_sum[x, j] + sum_to[at, j]
    _forgotten(parent, state)


@njit(cache=True)
def have_common(start, numbers, one, other):
    """Whether two rows of sorted numbers have one in common, for each of some pairs of rows."""
    common = np.zeros(len(one), np.bool_)
    for k in range(len(one)):
        i, j = start[one[k]], start[other[k]]
        while i < start[one[k] + 1] and j < start[other[k] + 1]:
            if numbers[i] == numbers[j]:
                common[k] = True
                break
            if numbers[i] < numbers[j]:
                i += 1
            else:
                j += 1
    return common
