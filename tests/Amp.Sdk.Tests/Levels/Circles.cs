namespace Amp.Sdk.Tests.Levels;

/// <summary>Finds where a graph goes in a circle.</summary>
internal static class Circles
{
    /// <summary>Gives a shortest circle of each knot: its nodes in order, from the first by name on. A node that leads to itself is no circle.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> In(IEnumerable<(string From, string To)> edges)
    {
        ILookup<string, string> next = edges.Where(edge => edge.From != edge.To).Distinct()
            .OrderBy(edge => edge.To, StringComparer.Ordinal).ToLookup(edge => edge.From, edge => edge.To, StringComparer.Ordinal);
        List<IReadOnlyList<string>> circles = [];
        HashSet<string> inKnot = new(StringComparer.Ordinal);
        // Shortest first: what lies in a knot that has one already is left out.
        foreach (IReadOnlyList<string> circle in next.Select(node => ShortestThrough(node.Key, next)).OfType<IReadOnlyList<string>>()
            .OrderBy(circle => circle.Count).ThenBy(circle => string.Join('\n', circle), StringComparer.Ordinal))
        {
            if (!inKnot.Contains(circle[0]))
            {
                circles.Add(circle);
                HashSet<string> reached = Reached(circle[0], next);
                inKnot.UnionWith(reached.Where(node => Reached(node, next).Contains(circle[0])));
            }
        }

        return circles;
    }

    private static List<string>? ShortestThrough(string start, ILookup<string, string> next)
    {
        Dictionary<string, string> before = new(StringComparer.Ordinal);
        Queue<string> open = new([start]);
        while (open.TryDequeue(out string? node))
        {
            foreach (string follower in next[node])
            {
                if (before.TryAdd(follower, node))
                {
                    open.Enqueue(follower);
                }
            }
        }

        if (!before.TryGetValue(start, out string? last))
        {
            return null;
        }

        List<string> circle = [start];
        for (string node = last; node != start; node = before[node])
        {
            circle.Insert(1, node);
        }

        int first = circle.IndexOf(circle.Min(StringComparer.Ordinal)!);
        return [.. circle[first..], .. circle[..first]];
    }

    private static HashSet<string> Reached(string start, ILookup<string, string> next)
    {
        HashSet<string> reached = new(StringComparer.Ordinal);
        Stack<string> open = new([start]);
        while (open.TryPop(out string? node))
        {
            foreach (string follower in next[node].Where(reached.Add))
            {
                open.Push(follower);
            }
        }

        return reached;
    }
}
