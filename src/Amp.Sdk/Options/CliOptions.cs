using System.Security;

namespace Amp;

/// <summary>
/// The options of every start of the CLI: the CLI, the folder and the account. Clients use them for their commands. The options of a run,
/// <see cref="AmpOptions"/>, extend them, so you can use one object for both. All are optional, and the object is only read.
/// </summary>
public record CliOptions
{
    /// <summary>The CLI to use: a program, a <c>.js</c> file, or an npm shim. By default, the library searches for it.</summary>
    public string? CliPath { get; init; }

    /// <summary>
    /// The folder in which the CLI runs and the agent works, which determines the workspace settings. The default is the current directory
    /// of the process. Relative paths in all options, including this one, are resolved against the current directory of the process, and
    /// never against this folder.
    /// </summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>
    /// The settings file to use instead of the user's settings file. A run only reads it; commands that change settings change this file.
    /// </summary>
    public string? SettingsFile { get; init; }

    /// <summary>
    /// Environment variables for the CLI, in addition to those of this process. A null value removes a variable. They override the
    /// variables that this library sets or removes.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>The access token of the Amp account, instead of the one in the variable <c>AMP_API_KEY</c>.</summary>
    public SecureString? ApiKey { get; init; }

    /// <summary>
    /// The connection to the CLI, such as an <see cref="SshTransport"/>; null for this machine. The path of the CLI and the working directory are those of the machine that the way leads to. Commands that manage something run on this machine only.
    /// </summary>
    public AmpTransport? Transport { get; init; }

    /// <summary>
    /// The time limit for a command, or for a whole run; null for no limit. The default is 60 seconds, and no limit in
    /// <see cref="AmpOptions"/>.
    /// </summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.FromSeconds(60);
}
