namespace Amp.Tools;

/// <summary>A tool of the CLIs: what it does, and the names of its important inputs.</summary>
/// <param name="Name">The name.</param>
/// <param name="Kind">What the tool does.</param>
/// <param name="From">The Unix time of the earliest build in which it was seen.</param>
/// <param name="Until">The Unix time of the latest build in which it was seen. The time of the latest analyzed build means that the tool
/// still exists.</param>
/// <param name="Fields">The inputs.</param>
internal sealed record KnownTool(string Name, ToolKind Kind, long From, long Until, params string[] Fields)
{
    /// <summary>The tool whose name is used when its calls require an approval; null for its own name.</summary>
    public string? AskedAs { get; init; }

    /// <summary>The input with the command; null if there is none.</summary>
    public string? Command { get; init; }

    /// <summary>The input with the folder of the command.</summary>
    public string? Directory { get; init; }

    /// <summary>The inputs with file names, each a name or a list.</summary>
    public IReadOnlyList<string> Paths { get; init; } = [];

    /// <summary>The input with the file to write.</summary>
    public string? Written { get; init; }

    /// <summary>The input with a patch, whose lines contain file names.</summary>
    public string? Patch { get; init; }

    /// <summary>
    /// Whether the tool only writes a file, which takes no time. A call of such a tool that has no result will not get one.
    /// </summary>
    public bool WritesAtOnce { get; init; }

    /// <summary>Whether the tool starts no program although its kind is <see cref="ToolKind.Shell"/>: it controls a running one.</summary>
    public bool StartsNothing { get; init; }

    /// <summary>
    /// Whether a single input always contains the file of a call, so that a rule can check it. This is not the case if the input is
    /// optional and another input, or none, names the file.
    /// </summary>
    public bool AlwaysNamesPath => Paths.Count == 1 && Written is not ("destination" or "savePath");

    /// <summary>Returns whether a build has the tool, according to what was seen. True for an unknown build.</summary>
    public bool IsIn(long buildTime) =>
        buildTime <= 0 || ((buildTime >= From || From == KnownTools.Oldest) && (buildTime <= Until || Until == KnownTools.Newest));
}
