namespace Amp.Cli;

/// <summary>Checks values that depend on the CLI, and translates those that have other names in other builds.</summary>
internal static class CliChoice
{
    // The builds, by Unix time, on which a system prompt in the settings was seen to reach the model. Earlier and later ones were seen to
    // ignore it without an error.
    private const long FirstWithSystemPrompt = 1769425000;
    private const long LastWithSystemPrompt = 1771243550;

    // The last build that runs the agent's loop itself. The native ones after it, whose service runs the loop, were seen from
    // 0.0.1784106548 to 0.0.1790142911; no builds were published between the two.
    private const long LastWithOwnLoop = 1777897475;

    // This build was seen to wait forever sometimes, at a call that requires an approval and at a guarded file; 0.0.1769425000 and later
    // end the run.
    private const long LastThatWaitsAtQuestions = 1767830505;

    // The last build that was seen to refuse images in a message; 0.0.1774310664 accepts them.
    private const long LastWithoutImages = 1771243550;

    // No build from 0.0.1767830505 to this one was seen to report the cost of a run.
    private const long LastSeenWithoutCost = 1790142911;

    /// <summary>
    /// Returns whether the CLI allows every call until its settings enforce rules, by their own rules or by <c>amp.dangerouslyAllowAll</c>
    /// set to false. Such a CLI also asks about guarded files before it evaluates a rule.
    /// </summary>
    public static bool LeavesRulesOff(AmpCli? cli) => HasLoopOfService(cli);

    /// <summary>Returns whether the CLI waits for an answer about a guarded file, which may never arrive.</summary>
    public static bool WaitsAtGuardedFiles(AmpCli? cli) => HasLoopOfService(cli) || cli?.BuildTime <= LastThatWaitsAtQuestions;

    /// <summary>Returns whether the CLI ignores a toolbox without an error.</summary>
    public static bool IgnoresToolboxes(AmpCli? cli) => HasLoopOfService(cli);

    /// <summary>Returns whether the CLI tries forever to reach a lost service.</summary>
    public static bool TriesForEver(AmpCli? cli) => HasLoopOfService(cli);

    /// <summary>Gets a mode in the spelling of the CLI's help, because early CLIs are case-sensitive.</summary>
    /// <exception cref="AmpValidationException">The CLI does not support it.</exception>
    public static string Mode(string mode, AmpCli? cli)
    {
        if (cli is null || cli.Modes.Count == 0)
        {
            return mode;
        }

        if (cli.Modes.FirstOrDefault(known => string.Equals(known, mode, StringComparison.OrdinalIgnoreCase)) is string spelled)
        {
            return spelled;
        }

        // Plugins add modes, which the help cannot name. The client refuses none (0.0.1784106548 to 0.0.1790142911).
        return cli.Capabilities.HasPluginModes
            ? mode
            : throw Unsupported(
                cli, $"has no mode '{TerminalText.Strip(mode)}'", nameof(AmpOptions.Mode), $"Its modes are: {string.Join(", ", cli.Modes)}.");
    }

    /// <summary>Gets a warning about a mode that is passed although the CLI's help does not name it; null for none.</summary>
    public static string? ModeWarning(string? mode, AmpCli? cli) =>
        mode is null || cli is null || cli.Modes.Count == 0 || !cli.Capabilities.HasPluginModes || cli.Modes.Contains(mode, StringComparer.OrdinalIgnoreCase)
            ? null
            : $"The Amp CLI {cli.Version} does not list a mode '{TerminalText.Strip(mode)}' (its modes are: {string.Join(", ", cli.Modes)}). The mode is "
                + "passed to the CLI, because a plugin may provide it. The CLI does not report unknown modes.";

    /// <summary>
    /// Gets a warning about a run that may wait forever at a call without a matching rule and without an approval; null for none.
    /// </summary>
    public static string? QuestionWarning(AmpOptions options, AmpCli? cli) =>
        cli?.BuildTime <= LastThatWaitsAtQuestions && !options.DangerouslyAllowAll && options.Approval is null
            && options.Timeout.GetValueOrDefault() == TimeSpan.Zero && options.IdleTimeout.GetValueOrDefault() == TimeSpan.Zero
            && options.Permissions?.Any(rule => rule.Tool == "*" && rule.Matches is null && rule.Context is null && rule.Action != PermissionAction.Ask) != true
            ? $"The Amp CLI {cli.Version} can wait forever for a call that no rule decides. Add a rule for '*', set a time limit, or update the CLI."
            : null;

    /// <summary>
    /// Gets the CLI's name for a visibility. Later CLIs do not support <c>public</c> and get <c>unlisted</c> instead, which shows the
    /// thread to fewer people. The reverse would show it to more: CLIs until May 2026 accept <c>unlisted</c>, although their help names
    /// only <c>public</c> (seen on 0.0.1767830505, 0.0.1769425000, 0.0.1774310664).
    /// </summary>
    /// <exception cref="AmpValidationException">The CLI does not support it.</exception>
    public static string Visibility(string visibility, AmpCli? cli)
    {
        if (cli is null || cli.Visibilities.Count == 0 || cli.Visibilities.Contains(visibility, StringComparer.Ordinal))
        {
            return visibility;
        }

        const string Public = "public";
        const string Unlisted = "unlisted";
        return (visibility == Unlisted && cli.Visibilities.Contains(Public, StringComparer.Ordinal))
            || (visibility == Public && cli.Visibilities.Contains(Unlisted, StringComparer.Ordinal))
            ? Unlisted
            : throw Unsupported(
                cli,
                $"has no visibility '{TerminalText.Strip(visibility)}'",
                nameof(AmpOptions.Visibility),
                $"Its visibilities are: {string.Join(", ", cli.Visibilities)}.");
    }

    /// <summary>Refuses a system prompt if the CLI would ignore it.</summary>
    /// <exception cref="AmpValidationException">The CLI would ignore it.</exception>
    public static void CheckSystemPrompt(AmpCli cli)
    {
        if (cli.BuildTime is not (>= FirstWithSystemPrompt and <= LastWithSystemPrompt))
        {
            throw Unsupported(
                cli,
                "ignores a system prompt",
                nameof(AmpOptions.SystemPrompt),
                "Put the instructions into the prompt, into an AGENTS.md in the working directory, or into a skill.");
        }
    }

    /// <summary>Refuses a message with images if the CLI would refuse it.</summary>
    /// <exception cref="AmpValidationException">The CLI does not accept images.</exception>
    public static void CheckImages(UserInputMessage message, AmpCli? cli)
    {
        if (message.Images.Count > 0)
        {
            RefuseImages(cli);
        }
    }

    /// <summary>Refuses images if the CLI would refuse them.</summary>
    /// <exception cref="AmpValidationException">The CLI does not accept images.</exception>
    public static void RefuseImages(AmpCli? cli)
    {
        if (cli?.BuildTime <= LastWithoutImages)
        {
            throw Unsupported(cli, "does not accept images", nameof(AmpOptions.Images), "Omit the images, or install a CLI of 2026-03-24 or later.");
        }
    }

    /// <summary>Refuses a list of tools if the CLI would ignore it.</summary>
    /// <exception cref="AmpValidationException">The CLI would ignore it.</exception>
    public static void CheckEnabledTools(AmpCli cli)
    {
        if (!cli.Capabilities.HasSetting("amp.tools.enable"))
        {
            throw Unsupported(
                cli,
                "does not know the setting 'amp.tools.enable'",
                nameof(AmpOptions.EnabledTools),
                "Use permission rules: allow the tools, then reject '*'.");
        }
    }

    /// <summary>Refuses a folder of skills if the CLI would ignore it.</summary>
    /// <exception cref="AmpValidationException">The CLI would ignore it.</exception>
    public static void CheckSkills(AmpCli cli)
    {
        if (!cli.Capabilities.HasSetting("amp.skills.path"))
        {
            throw Unsupported(
                cli,
                "does not know the setting 'amp.skills.path'",
                nameof(AmpOptions.Skills),
                "Put the skills into .agents/skills of the working directory, or install a CLI of 2026-01-26 or later.");
        }
    }

    /// <summary>Refuses a cost limit if the CLI is known not to report costs.</summary>
    /// <exception cref="AmpValidationException">The CLI does not report costs.</exception>
    public static void CheckCost(AmpCli cli)
    {
        if (TellsNoCost(cli))
        {
            throw Unsupported(
                cli,
                "does not report costs, so a cost limit cannot be applied",
                nameof(AmpOptions.CostLimit),
                "Limit the tokens (AmpOptions.TokenLimit) instead, or allow unknown usage (AmpOptions.AllowUnknownUsage).");
        }
    }

    /// <summary>Gets a warning about a cost limit that the CLI reports no cost for; null for none.</summary>
    public static string? CostWarning(bool limitsCost, AmpCli? cli) => limitsCost && TellsNoCost(cli)
        ? $"The Amp CLI {cli!.Version} does not report costs, so the cost limit is not applied."
        : null;

    public static AmpValidationException Unsupported(AmpCli cli, string lack, string optionName, string wayOut) => new(
        $"The Amp CLI {cli.Version} at '{cli.Path}' {lack}.", optionName, wayOut, errorId: AmpErrorId.UnsupportedByCli);

    private static bool TellsNoCost(AmpCli? cli) => cli?.BuildTime is > 0 and <= LastSeenWithoutCost;

    private static bool HasLoopOfService(AmpCli? cli) => cli?.BuildTime > LastWithOwnLoop;
}
