namespace Amp;

/// <summary>What is installed, and where to.</summary>
public sealed record CliInstallOptions
{
    /// <summary>The version or tag of the npm package: <c>latest</c> by default, or <c>0.0.1774310664-gcb98ac</c>.</summary>
    public string Version { get; init; } = "latest";

    /// <summary>The folder to install into; by default one of the user's own in which the CLI is looked for.</summary>
    public string? Folder { get; init; }

    /// <summary>Variables for npm, on top of this process's own; a null value takes one away. It never gets the API key.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>How long npm may take, 10 minutes by default; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>A CLI that has been installed.</summary>
public sealed record CliInstallation
{
    /// <summary>What was installed, after it was asked for its version.</summary>
    public required AmpCli Cli { get; init; }

    /// <summary>The version.</summary>
    public string Version => Cli.Version;

    /// <summary>The file to start it by; it leads to the version that was installed last.</summary>
    public required string Path { get; init; }

    /// <summary>The version that the file led to before; null where there was none.</summary>
    public string? PreviousVersion { get; init; }

    /// <summary>
    /// The version that the tag led to and that has no program for this system, so that <see cref="Version"/>, the newest one that has, was
    /// installed instead; null where the version asked for was installed.
    /// </summary>
    public string? PassedOverVersion { get; init; }

    /// <summary>Whether this is the CLI that is found when none is named.</summary>
    public required bool IsFound { get; init; }

    /// <summary>What to do so that it is found; null where nothing is.</summary>
    public string? RecommendedAction { get; init; }
}
