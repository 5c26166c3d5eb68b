using System.Security;

namespace Amp;

/// <summary>
/// What every start of the CLI is given: which CLI, where, and as whom. The clients take it for their commands; a run takes
/// <see cref="AmpOptions"/>, which is more of the same, so that one object can be given to both. Everything is optional; the object is only read.
/// </summary>
public record CliOptions
{
    /// <summary>The CLI to use: a program, a <c>.js</c> file, or an npm shim. By default it is looked for.</summary>
    public string? CliPath { get; init; }

    /// <summary>
    /// The folder that the CLI runs in, by default the process's current one: the agent works there, and it decides on the workspace's settings.
    /// Relative paths of all options, this one too, start from the current directory of the process, and never from here.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// The settings file to use instead of the user's usual one. A run reads it and never writes it; commands that change settings change this file.
    /// </summary>
    public string? SettingsFile { get; init; }

    /// <summary>
    /// Variables for the CLI, on top of this process's own; a null value takes one away. They win over what this library sets or takes away by
    /// itself.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>The access token of the Amp account, instead of that in the variable <c>AMP_API_KEY</c>.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>How long one command, or a run in total, may take; null for no limit. 60 seconds by default, and no limit in <see cref="AmpOptions"/>.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
