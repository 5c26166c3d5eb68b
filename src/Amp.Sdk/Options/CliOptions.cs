using System.Security;

namespace Amp;

/// <summary>What a management command of the CLI is given, whichever it is. Everything is optional; the object is only read.</summary>
public sealed record CliOptions
{
    /// <summary>The CLI to use: a program, a <c>.js</c> file, or an npm shim. By default it is looked for.</summary>
    public string? CliPath { get; init; }

    /// <summary>
    /// The folder that the command runs in, which decides on the workspace's settings; by default the process's current one. Relative paths of
    /// all options start from the current directory of the process.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The settings file to use instead of the user's usual one. Commands that change settings change this file.</summary>
    public string? SettingsFile { get; init; }

    /// <summary>Variables for the CLI, on top of this process's own; a null value takes one away.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>The access token of the Amp account, instead of that in the variable <c>AMP_API_KEY</c>.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>How long one command may take, 60 seconds by default; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
