namespace Amp.Reports;

/// <summary>When the model and the tools of a run were at work.</summary>
internal sealed class ReportTimeline
{
    /// <summary>The width in which bars are placed.</summary>
    public const int Width = 1000;

    // More bars than this cannot be told apart, so those that touch each other become one.
    private const int MostSeparate = 400;

    // The model comes first, and tools of which nothing is known last.
    private const int ModelLane = -1;
    private const int OtherLane = int.MaxValue;

    private readonly List<Span> _spans = [];

    /// <summary>Whether there is something to show.</summary>
    public bool IsEmpty => _spans.Count == 0 || EndTicks <= StartTicks;

    public long StartTicks { get; private set; } = long.MaxValue;

    public long EndTicks { get; private set; }

    /// <summary>Adds a time.</summary>
    /// <param name="lane">The tool; null for the model.</param>
    /// <param name="from">The start in ticks; 0 if it is unknown.</param>
    /// <param name="to">The end in ticks; 0 if it is unknown.</param>
    /// <param name="anchor">The number of the call or message.</param>
    /// <param name="isFailed">Whether the call failed.</param>
    public void Add(ToolKind? lane, long from, long to, int anchor, bool isFailed)
    {
        if (from <= 0 || to < from)
        {
            return;
        }

        _spans.Add(new Span(lane, from, to, anchor, isFailed));
        StartTicks = Math.Min(StartTicks, from);
        EndTicks = Math.Max(EndTicks, to);
    }

    /// <summary>The lanes that are used, the model first, each with its bars.</summary>
    public IEnumerable<(ToolKind? Lane, IReadOnlyList<Bar> Bars)> Lanes()
    {
        bool isMerged = _spans.Count > MostSeparate;
        Dictionary<int, List<Span>> lanes = [];
        foreach (Span span in _spans)
        {
            int key = span.Lane is not ToolKind kind ? ModelLane : kind == 0 ? OtherLane : (int)kind;
            if (!lanes.TryGetValue(key, out List<Span>? lane))
            {
                lanes.Add(key, lane = []);
            }

            lane.Add(span);
        }

        foreach (int key in lanes.Keys.Order())
        {
            List<Bar> bars = [];
            foreach (Span span in lanes[key].OrderBy(span => span.From))
            {
                double x = At(span.From);
                double width = Math.Max(2, At(span.To) - x);
                if (isMerged && bars is [.., Bar last] && x <= last.X + last.Width + 1 && last.IsFailed == span.IsFailed)
                {
                    bars[^1] = last with { Width = Math.Max(last.Width, x + width - last.X), Count = last.Count + 1 };
                }
                else
                {
                    bars.Add(new Bar(x, width, span.Anchor, span.IsFailed, 1, TimeSpan.FromTicks(span.To - span.From)));
                }
            }

            yield return (lanes[key][0].Lane, bars);
        }
    }

    private double At(long ticks) => (double)(ticks - StartTicks) / (EndTicks - StartTicks) * Width;

    public sealed record Bar(double X, double Width, int Anchor, bool IsFailed, int Count, TimeSpan Duration);

    // A class, like a bar: .NET has compiled code for lists and LINQ of those, and a first report of a process does not wait for the compiler.
    private sealed record Span(ToolKind? Lane, long From, long To, int Anchor, bool IsFailed);
}
