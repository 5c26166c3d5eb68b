namespace Amp;

/// <summary>The options of an installation.</summary>
public sealed record CliInstallOptions
{
    /// <summary>The version or tag of the npm package: <c>latest</c> by default, or for example <c>0.0.1774310664-gcb98ac</c>.</summary>
    public string Version { get; init; } = "latest";

    /// <summary>The folder to install into. The default is a user folder in which the CLI is searched.</summary>
    public string? Folder { get; init; }

    /// <summary>
    /// Environment variables for npm, in addition to those of this process. A null value removes a variable. The API key is never passed to npm.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>
    /// The time limit for npm, and for waiting for another installation into the same folder. The default is 10 minutes; null for no limit.
    /// </summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>An installed CLI.</summary>
public sealed record CliInstallation
{
    /// <summary>The installed CLI, with the version that it reported.</summary>
    public required AmpCli Cli { get; init; }

    /// <summary>The version.</summary>
    public string Version => Cli.Version;

    /// <summary>The path of the file that starts it. It always starts the version that was installed last.</summary>
    public required string Path { get; init; }

    /// <summary>The version that the file started before; null if there was none.</summary>
    public string? PreviousVersion { get; init; }

    /// <summary>
    /// The version that the tag points to but that has no program for this system, so that <see cref="Version"/>, the latest one that has,
    /// was installed instead; null if the requested version was installed.
    /// </summary>
    public string? PassedOverVersion { get; init; }

    /// <summary>Whether this CLI is found by default.</summary>
    public required bool IsFound { get; init; }

    /// <summary>The recommended action if it is not found; null if it is.</summary>
    public string? RecommendedAction { get; init; }
}
