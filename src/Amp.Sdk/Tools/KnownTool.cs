namespace Amp.Tools;

/// <summary>A tool of the CLIs: what it does, and how it calls what matters about a call.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What it does.</param>
/// <param name="From">The Unix time of the earliest build in which it was seen.</param>
/// <param name="Until">The Unix time of the latest build in which it was seen; that of the newest build that was looked at means "still there".</param>
/// <param name="Fields">Its inputs.</param>
internal sealed record KnownTool(string Name, ToolKind Kind, long From, long Until, params string[] Fields)
{
    /// <summary>The tool under whose name its calls are asked about; null for its own.</summary>
    public string? AskedAs { get; init; }

    /// <summary>The input that is run; null where there is none.</summary>
    public string? Command { get; init; }

    /// <summary>The input that names the folder in which it is run.</summary>
    public string? Directory { get; init; }

    /// <summary>The inputs that name files, one or a list of them.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The input that names the file that is written.</summary>
    public string? Written { get; init; }

    /// <summary>The input that holds a patch, whose lines name the files.</summary>
    public string? Patch { get; init; }

    /// <summary>Whether it does nothing but write a file, which takes no time: one of these that has no answer is waited for in vain.</summary>
    public bool WritesAtOnce { get; init; }

    /// <summary>Whether it starts no program though it is of kind <see cref="ToolKind.Shell"/>: it looks after one that runs.</summary>
    public bool StartsNothing { get; init; }

    /// <summary>
    /// Whether a rule can tell by one input which file a call is about. It cannot where the input may be missing, and the file is then named
    /// by another one or by nobody.
    /// </summary>
    public bool AlwaysNamesPath => Paths.Count == 1 && Written is not ("destination" or "savePath");

    /// <summary>Whether a build has it, as far as was seen; of a build that is not known it does.</summary>
    public bool IsIn(long buildTime) =>
        buildTime <= 0 || ((buildTime >= From || From == KnownTools.Oldest) && (buildTime <= Until || Until == KnownTools.Newest));
}
