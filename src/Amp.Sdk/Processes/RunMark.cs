namespace Amp.Processes;

/// <summary>The mark of a process of a run: the run and its owner.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Owner">The process that started the run and stops it.</param>
internal sealed record RunMark(string RunId, ProcessIdentity Owner)
{
    /// <summary>
    /// The name of the variable that all processes of a run inherit. Its value is the mark of the run, after those of the runs that contain
    /// it.
    /// </summary>
    public const string VariableName = "AMP_SDK_RUN_ID";

    private const char OwnerSeparator = '@';

    /// <summary>
    /// Gets the value of the variable. If the agent of another run started this run, it is stopped together with that run.
    /// </summary>
    public static string Value(string? outer, string runId)
    {
        RunMark mark = new(runId, ProcessIdentity.Current);
        return string.IsNullOrEmpty(outer) ? mark.ToString() : $"{outer},{mark}";
    }

    /// <summary>Parses the marks of a process, outermost run first. Invalid marks are skipped.</summary>
    public static IReadOnlyList<RunMark> ParseAll(string value)
    {
        List<RunMark> marks = [];
        foreach (string part in value.Split(','))
        {
            int owner = part.IndexOf(OwnerSeparator, StringComparison.Ordinal);
            if (owner > 0 && ProcessIdentity.Parse(part[(owner + 1)..]) is ProcessIdentity identity)
            {
                marks.Add(new RunMark(part[..owner], identity));
            }
        }

        return marks;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{RunId}{OwnerSeparator}{Owner}";
}
