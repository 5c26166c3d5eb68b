namespace Amp.Processes;

/// <summary>The mark of a process of a run: the run and its owner.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Owner">The process that started the run and stops it.</param>
internal sealed record RunMark(string RunId, ProcessIdentity Owner)
{
    /// <summary>The name of the variable that all processes of a run inherit. Its value is the run's mark, after those of the runs that this one is a part of.</summary>
    public const string VariableName = "AMP_SDK_RUN_ID";

    private const char OwnerSeparator = '@';

    /// <summary>The variable's value for a run that may itself be started by the agent of another run, which ends this one with itself.</summary>
    public static string Value(string? outer, string runId)
    {
        RunMark mark = new(runId, ProcessIdentity.Current);
        return string.IsNullOrEmpty(outer) ? mark.ToString() : $"{outer},{mark}";
    }

    /// <summary>Reads the marks of a process, the outermost run first; what is no mark is passed over.</summary>
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
