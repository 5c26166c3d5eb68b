namespace Amp;

/// <summary>
/// What a run is given. Everything is optional; what is not set is left to the CLI and to the user's own settings.
/// The object is only read, never changed, and may be used for any number of runs.
/// </summary>
public sealed record AmpOptions
{
    /// <summary>The longest line of output that is accepted when nothing else is said: 64 MiB.</summary>
    public const int DefaultMaxLineBytes = 64 * 1024 * 1024;

    /// <summary>The CLI to use: a program, a <c>.js</c> file, or an npm shim. By default it is looked for.</summary>
    public string? CliPath { get; init; }

    /// <summary>The folder in which the agent works; by default the process's current one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>The agent mode; which ones there are depends on the CLI (see <see cref="CliCapabilities.Modes"/>).</summary>
    public string? Mode { get; init; }

    /// <summary>The thread to continue, by its ID (<c>T-</c> and a UUID) or its URL.</summary>
    public string? ThreadId { get; init; }

    /// <summary>Continues the thread that the CLI used last, which may be one of another program of the same user.</summary>
    public bool ContinueLatestThread { get; init; }

    /// <summary>Lets every tool run without asking, also those that a rule rejects.</summary>
    public bool DangerouslyAllowAll { get; init; }

    /// <summary>Asks for the model's thinking among the messages (CLIs from 2026-01-26 on).</summary>
    public bool IncludeThinking { get; init; }

    /// <summary>
    /// Variables for the CLI, on top of this process's own; a null value takes one away. They win over what this library
    /// sets or takes away by itself.
    /// </summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>How long the run may take in total; null for no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>How long the CLI may be silent; null for no limit. Time in which the caller does not read does not count.</summary>
    public TimeSpan? IdleTimeout { get; init; }

    /// <summary>How long a CLI that was asked to end (SIGINT) has before it is killed; 2 seconds by default.</summary>
    public TimeSpan CancellationGracePeriod { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a CLI may go on after its final result before it is ended; 30 seconds by default.</summary>
    public TimeSpan ExitGracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest line of output that is accepted, in bytes; a longer one ends the run with an error.</summary>
    public int MaxLineBytes { get; init; } = DefaultMaxLineBytes;
}
