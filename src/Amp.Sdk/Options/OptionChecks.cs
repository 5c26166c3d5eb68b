namespace Amp.Options;

/// <summary>Checks what can be checked before anything is looked for or started.</summary>
internal static class OptionChecks
{
    /// <summary>The full path of the working directory.</summary>
    /// <exception cref="AmpValidationException">It does not exist.</exception>
    public static string WorkingDirectory(AmpOptions options)
    {
        string given = options.WorkingDirectory ?? Environment.CurrentDirectory;
        RefuseNul(given, nameof(AmpOptions.WorkingDirectory));
        if (given.Length == 0)
        {
            throw new AmpValidationException(
                "The working directory is empty.", nameof(AmpOptions.WorkingDirectory), "Leave it away, or give a folder that exists.");
        }

        string path = Path.GetFullPath(given);
        if (!Directory.Exists(path))
        {
            // Started all the same, the system's answer would read as if the CLI were missing.
            throw new AmpValidationException(
                File.Exists(path)
                    ? $"The working directory '{given}' is a file."
                    : $"The working directory '{given}' does not exist.",
                nameof(AmpOptions.WorkingDirectory),
                "Give a folder that exists; the agent works in it.",
                given);
        }

        return path;
    }

    /// <summary>Checks the path of the CLI, which only the locator can say more about.</summary>
    /// <exception cref="AmpValidationException">It cannot be one.</exception>
    public static void CheckCliPath(AmpOptions options)
    {
        if (options.CliPath is string path)
        {
            RefuseNul(path, nameof(AmpOptions.CliPath));
        }
    }

    /// <summary>Checks the options that no CLI has to be asked about.</summary>
    /// <exception cref="AmpValidationException">One cannot be used.</exception>
    public static void Check(AmpOptions options)
    {
        CheckCliPath(options);
        if (options.ThreadId is not null && options.ContinueLatestThread)
        {
            throw new AmpValidationException(
                "A thread by its ID and the latest thread cannot both be continued.",
                nameof(AmpOptions.ContinueLatestThread),
                "Give one of the two.");
        }

        if (options.Mode is not null)
        {
            RefuseNul(options.Mode, nameof(AmpOptions.Mode));
            if (string.IsNullOrWhiteSpace(options.Mode))
            {
                throw new AmpValidationException("The mode is empty.", nameof(AmpOptions.Mode), "Leave it away, or name one.");
            }
        }

        CheckTime(options.Timeout, nameof(AmpOptions.Timeout));
        CheckTime(options.IdleTimeout, nameof(AmpOptions.IdleTimeout));
        CheckTime(options.CancellationGracePeriod, nameof(AmpOptions.CancellationGracePeriod));
        CheckTime(options.ExitGracePeriod, nameof(AmpOptions.ExitGracePeriod));
        if (options.MaxLineBytes <= 0)
        {
            throw new AmpValidationException(
                $"The longest line is {options.MaxLineBytes} bytes.", nameof(AmpOptions.MaxLineBytes), "Give a positive number.");
        }
    }

    /// <summary>Checks a prompt.</summary>
    /// <exception cref="AmpValidationException">There is nothing to ask: the CLI would wait for ever.</exception>
    public static void CheckPrompt(string prompt)
    {
        if (string.IsNullOrWhiteSpace(prompt))
        {
            throw new AmpValidationException("The prompt is empty.", "Prompt", "Say what the agent is to do.");
        }
    }

    /// <summary>Refuses a NUL character, behind which the system would cut an argument off without a word.</summary>
    public static void RefuseNul(string value, string optionName)
    {
        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new AmpValidationException(
                $"{optionName} has a NUL character.", optionName, "Take the NUL character out of the value.");
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
