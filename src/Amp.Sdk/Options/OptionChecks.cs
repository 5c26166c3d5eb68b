using Amp.Budgets;

namespace Amp.Options;

/// <summary>Checks options before anything is searched or started.</summary>
internal static class OptionChecks
{
    /// <summary>Gets the full path of the working directory.</summary>
    /// <exception cref="AmpValidationException">The folder does not exist.</exception>
    public static string WorkingDirectory(CliOptions options)
    {
        string given = options.WorkingDirectory ?? Environment.CurrentDirectory;
        RefuseNul(given, nameof(AmpOptions.WorkingDirectory));
        if (given.Length == 0)
        {
            throw new AmpValidationException(
                "The working directory is empty.", nameof(AmpOptions.WorkingDirectory), "Omit it, or give an existing folder.");
        }

        string path = Path.GetFullPath(given);
        if (!Directory.Exists(path))
        {
            // Otherwise, the error of the system would suggest that the CLI is missing.
            throw new AmpValidationException(
                IsDanglingLink(path)
                    ? $"The working directory '{given}' is a link to a folder that does not exist."
                    : File.Exists(path)
                    ? $"The working directory '{given}' is a file."
                    : $"The working directory '{given}' does not exist.",
                nameof(AmpOptions.WorkingDirectory),
                "Give an existing folder.",
                given);
        }

        return path;
    }

    // For a broken link, .NET returns true.
    private static bool IsDanglingLink(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true) is { Exists: false };
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Checks the path of the CLI. The locator does the remaining checks.</summary>
    /// <exception cref="AmpValidationException">The text cannot be a path.</exception>
    public static void CheckCliPath(CliOptions options)
    {
        if (options.CliPath is string path)
        {
            RefuseNul(path, nameof(AmpOptions.CliPath));
        }
    }

    /// <summary>Checks the options of every start of the CLI.</summary>
    /// <exception cref="AmpValidationException">An option cannot be used.</exception>
    public static void Check(CliOptions options)
    {
        CheckCliPath(options);
        CheckWord(options.SettingsFile, nameof(AmpOptions.SettingsFile));
        CheckTime(options.Timeout, nameof(AmpOptions.Timeout));
    }

    /// <summary>Checks the options of a run that do not depend on the CLI.</summary>
    /// <exception cref="AmpValidationException">An option cannot be used.</exception>
    public static void CheckRun(AmpOptions options)
    {
        Check(options);
        OtherMachine.Check(options);
        if (options.ThreadId is not null && options.ContinueLatestThread)
        {
            throw new AmpValidationException(
                "A thread ID and the latest thread cannot be used together.",
                nameof(AmpOptions.ContinueLatestThread),
                "Use one of them.");
        }

        if (options.ThreadId is string thread)
        {
            _ = ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId));
        }

        if (options.Approval is not null && options.DangerouslyAllowAll)
        {
            throw new AmpValidationException(
                "An approval cannot be used when all tools are allowed.",
                nameof(AmpOptions.Approval),
                "Use one of them.");
        }

        CheckWord(options.Mode, nameof(AmpOptions.Mode));
        CheckWord(options.Visibility, nameof(AmpOptions.Visibility));
        CheckWord(options.Executor, nameof(AmpOptions.Executor));
        CheckWord(options.LogLevel, nameof(AmpOptions.LogLevel));
        CheckWord(options.LogFile, nameof(AmpOptions.LogFile));
        CheckWord(options.TranscriptPath, nameof(AmpOptions.TranscriptPath));
        CheckWord(options.Title, nameof(AmpOptions.Title));
        CheckWord(options.SystemPrompt, nameof(AmpOptions.SystemPrompt));
        CheckWords(options.Features, nameof(AmpOptions.Features));
        CheckWords(options.EnabledTools, nameof(AmpOptions.EnabledTools));
        CheckWords(options.VerifyPaths, nameof(AmpOptions.VerifyPaths));
        CheckFolder(options.Toolbox, nameof(AmpOptions.Toolbox));
        CheckFolder(options.Skills, nameof(AmpOptions.Skills));
        CheckNewThread(options);
        RemoteExecutor.Check(options);
        ExtraArgument.Check(options.ExtraArguments);
        CheckTime(options.IdleTimeout, nameof(AmpOptions.IdleTimeout));
        CheckTime(options.ServiceLossTimeout, nameof(AmpOptions.ServiceLossTimeout));
        CheckTime(options.ToolTimeout, nameof(AmpOptions.ToolTimeout));
        CheckTime(options.ToolboxTimeout, nameof(AmpOptions.ToolboxTimeout));
        CheckTime(options.ApprovalTimeout, nameof(AmpOptions.ApprovalTimeout));
        CheckTime(options.CancellationGracePeriod, nameof(AmpOptions.CancellationGracePeriod));
        CheckTime(options.ExitGracePeriod, nameof(AmpOptions.ExitGracePeriod));
        CheckTime(options.VerifyTimeout, nameof(AmpOptions.VerifyTimeout));
        CheckAnswer(options);
        new BudgetLimits(options.TokenLimit, options.TurnLimit, options.ToolUseLimit, options.CostLimit).Check();
        if (options.MaxLineBytes <= 0)
        {
            throw new AmpValidationException(
                $"The maximum length of a line is {options.MaxLineBytes} bytes.", nameof(AmpOptions.MaxLineBytes), "Give a positive number.");
        }
    }

    private static void CheckAnswer(AmpOptions options)
    {
        if (options.OutputRetryLimit < 0)
        {
            throw new AmpValidationException(
                $"The output retry limit is {options.OutputRetryLimit}.", nameof(AmpOptions.OutputRetryLimit), "Give 0 or a larger number.", options.OutputRetryLimit);
        }

        if (options.RetryLimit < 0)
        {
            throw new AmpValidationException(
                $"The retry limit is {options.RetryLimit}.", nameof(AmpOptions.RetryLimit), "Give 0 or a larger number.", options.RetryLimit);
        }

        if (options.RetryLimit > 0 && options.Archive)
        {
            // Since July 2026, the CLI does not continue an archived thread, and a run that continues a thread does not archive it.
            throw new AmpValidationException(
                "A run that can be retried cannot archive its thread, because a retry continues the thread.",
                nameof(AmpOptions.Archive),
                "Omit it, and archive the thread after the run.");
        }

        if (options.VerifyLimit < 1)
        {
            throw new AmpValidationException(
                $"The verification limit is {options.VerifyLimit}.", nameof(AmpOptions.VerifyLimit), "Give 1 or a larger number.", options.VerifyLimit);
        }

        if (options.VerifyPaths is { Count: > 0 } && options.Verify is null)
        {
            throw new AmpValidationException(
                "Protected files require a verification.", nameof(AmpOptions.VerifyPaths), "Add a verification.");
        }
    }

    // The CLI uses these options only for a new thread.
    private static void CheckNewThread(AmpOptions options)
    {
        LabelCheck.Check(options.Labels);
        if (options.ThreadId is null && !options.ContinueLatestThread)
        {
            return;
        }

        (string Name, bool IsGiven)[] forNewThreads =
        [
            (nameof(AmpOptions.Visibility), options.Visibility is not null),
            (nameof(AmpOptions.Title), options.Title is not null),
            (nameof(AmpOptions.Executor), options.Executor is not null),
        ];
        foreach ((string name, bool isGiven) in forNewThreads)
        {
            if (isGiven)
            {
                throw new AmpValidationException(
                    $"{name} applies to new threads only, not to a continued one.", name, "Omit it.");
            }
        }
    }

    private static void CheckWord(string? value, string optionName)
    {
        if (value is null)
        {
            return;
        }

        RefuseNul(value, optionName);
        if (string.IsNullOrWhiteSpace(value))
        {
            throw new AmpValidationException($"{optionName} is empty.", optionName, "Omit it, or give a value.");
        }
    }

    private static void CheckWords(IReadOnlyList<string>? values, string optionName)
    {
        foreach (string value in values ?? [])
        {
            CheckWord(value ?? string.Empty, optionName);
        }
    }

    private static void CheckFolder(string? folder, string optionName)
    {
        CheckWord(folder, optionName);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new AmpValidationException($"{optionName} '{folder}' is not a folder.", optionName, "Give an existing folder.", folder);
        }
    }

    /// <summary>Checks a prompt.</summary>
    /// <exception cref="AmpValidationException">The prompt is empty: the CLI would wait forever.</exception>
    public static void CheckPrompt(string prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw new AmpValidationException("The prompt is empty.", "Prompt", "Describe the task for the agent.");
        }
    }

    /// <summary>Refuses a NUL character, at which the system would cut off an argument without an error.</summary>
    public static void RefuseNul(string value, string optionName)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new AmpValidationException(
                $"{optionName} has a NUL character.", optionName, "Remove the NUL character from the value.");
        }
    }

    private static void CheckTime(TimeSpan? time, string optionName)
    {
        if (time is TimeSpan given && (given < TimeSpan.Zero || given.TotalMilliseconds > int.MaxValue))
        {
            throw new AmpValidationException(
                $"{optionName} is {given}.", optionName, "Give a time from 0 to 24 days, or none for no limit.", given);
        }
    }
}
