namespace Amp.Options;

/// <summary>
/// A run whose CLI works on another machine (<see cref="CliOptions.Transport"/>). Files of this machine cannot be reached from there, and a run without them
/// would not be the one that the caller asked for. What this process does for a run is reached by the connection of the run.
/// </summary>
internal static class OtherMachine
{
    /// <summary>Returns whether the CLI works on another machine.</summary>
    public static bool IsAskedFor(CliOptions options) => options.Transport?.IsLocal == false;

    /// <summary>Refuses options of a run that cannot work there.</summary>
    /// <exception cref="AmpValidationException">An option is only available on this machine.</exception>
    public static void Check(AmpOptions options)
    {
        if (!IsAskedFor(options))
        {
            return;
        }

        (string Name, bool IsGiven, string What)[] local =
        [
            (nameof(AmpOptions.Checkpoint), options.Checkpoint, "A checkpoint of a folder on this machine"),
            (nameof(AmpOptions.VerifyPaths), options.VerifyPaths is { Count: > 0 }, "Protected files of this machine"),
            (nameof(AmpOptions.Skills), options.Skills is not null, "A skill folder of this machine"),
            (nameof(AmpOptions.SettingsFile), options.SettingsFile is not null, "A settings file of this machine"),
            (nameof(AmpOptions.LogFile), options.LogFile is not null, "A log file on this machine"),
            (
                nameof(AmpOptions.Permissions),
                options.Permissions?.Any(rule => rule.Action == PermissionAction.Delegate) == true,
                "A program of this machine that a rule delegates to"),
        ];
        foreach ((string name, bool isGiven, string what) in local)
        {
            if (isGiven)
            {
                throw Refusal(options, name, what);
            }
        }
    }

    /// <summary>Refuses another machine, and a replay, for a command that manages something.</summary>
    /// <exception cref="AmpValidationException">The options name another machine or a replay.</exception>
    public static void Refuse(CliOptions options)
    {
        if (options.Transport?.IsReplay == true)
        {
            throw new AmpValidationException(
                "A management command is not a run of the agent, so a replay cannot answer it.",
                nameof(CliOptions.Transport),
                "Replace the client in your test, or omit CliOptions.Transport to run the CLI.",
                errorId: AmpErrorId.NotReplayed);
        }

        if (IsAskedFor(options))
        {
            throw new AmpValidationException(
                $"Management commands run on this machine only, not on '{Shown(options)}'.",
                nameof(CliOptions.Transport),
                "Omit CliOptions.Transport, or run 'amp' on that machine.",
                errorId: AmpErrorId.UnsupportedByHost);
        }
    }

    /// <summary>Gets the folder of a run there; null for the home folder. It is checked when the run starts.</summary>
    /// <exception cref="AmpValidationException">The text cannot be a path.</exception>
    public static string? WorkingDirectory(CliOptions options)
    {
        if (options.WorkingDirectory is not string given)
        {
            return null;
        }

        OptionChecks.RefuseNul(given, nameof(CliOptions.WorkingDirectory));
        return given.Length > 0 ? given : throw new AmpValidationException(
            "The working directory is empty.", nameof(CliOptions.WorkingDirectory), "Omit it, or give an existing folder.");
    }

    private static AmpValidationException Refusal(AmpOptions options, string name, string what) => new(
        $"{what} cannot be reached from '{Shown(options)}', where the CLI runs.",
        name,
        $"Omit AmpOptions.{name}, or omit AmpOptions.Transport to run the CLI on this machine.",
        errorId: AmpErrorId.UnsupportedByHost);

    private static string Shown(CliOptions options) => TerminalText.Strip(options.Transport!.HostName ?? string.Empty);
}
