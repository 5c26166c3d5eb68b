using Amp.Cli;
using Amp.Options;

namespace Amp.Plans;

/// <summary>Creates the CLI's arguments from the options, depending on the CLI's features.</summary>
internal sealed class CliArguments
{
    private const string ArchiveLater = "Omit it, and archive the thread after the run.";

    private readonly List<RunArgument> _arguments = [];
    private readonly AmpOptions _options;
    private readonly AmpCli? _cli;

    private CliArguments(AmpOptions options, AmpCli? cli)
    {
        _options = options;
        _cli = cli;
    }

    /// <summary>Gets the arguments of a run.</summary>
    /// <param name="options">The caller's options, already checked.</param>
    /// <param name="input">The standard input of the CLI.</param>
    /// <param name="passAllowAll">Whether to pass the flag that allows every tool call.</param>
    /// <param name="cli">The CLI; null if it must not be asked, as for a preview with an unknown one.</param>
    /// <exception cref="AmpValidationException">The CLI does not support an option.</exception>
    public static IReadOnlyList<RunArgument> ForRun(AmpOptions options, RunInput input, bool passAllowAll, AmpCli? cli)
    {
        CliArguments arguments = new(options, cli);
        arguments.AddThread();
        arguments.AddStream(input);
        arguments.AddAgent(passAllowAll);
        arguments.AddNewThread();
        arguments.AddFiles();
        arguments.AddQuiet();
        foreach (string extra in options.ExtraArguments ?? [])
        {
            arguments.Add(extra);
        }

        return arguments._arguments;
    }

    private bool IsContinued => _options.ThreadId is not null || _options.ContinueLatestThread;

    private void AddThread()
    {
        if (_options.ThreadId is string thread)
        {
            Add("threads", "continue", ThreadReference.Parse(thread, nameof(AmpOptions.ThreadId)));
        }
        else if (_options.ContinueLatestThread)
        {
            // Otherwise, the CLI would open a picker, which nobody can use.
            Add("threads", "continue", "--last");
        }
    }

    private void AddStream(RunInput input)
    {
        // The prompt is passed by standard input: as an argument, it could not begin with a dash and would be public in the list of
        // processes.
        Add("--execute", "--stream-json");
        if (input.IsJson)
        {
            Add("--stream-json-input");
        }

        if (input.HasImages)
        {
            CliChoice.RefuseImages(_cli);
        }

        if (_options.IncludeThinking)
        {
            AddRequired(
                "--stream-json-thinking", nameof(AmpOptions.IncludeThinking), "Omit thinking, or install a CLI of 2026-01-26 or later.");
        }
    }

    private void AddAgent(bool passAllowAll)
    {
        if (_options.Mode is string mode)
        {
            Add($"--mode={CliChoice.Mode(mode, _cli)}");
        }

        if (passAllowAll)
        {
            // All CLIs of 2026 accept it, although the later ones do not list it.
            Add("--dangerously-allow-all");
        }

        foreach (string feature in _options.Features ?? [])
        {
            AddRequired($"--features={feature}", nameof(AmpOptions.Features), "Omit features, or install a CLI of September 2026 or later.");
        }

        if (_options.Executor is string executor)
        {
            AddRequired($"--executor={executor}", nameof(AmpOptions.Executor), "Omit it: this CLI runs the agent on this machine.");
        }
    }

    private void AddNewThread()
    {
        if (_options.Visibility is string visibility)
        {
            Add($"--visibility={CliChoice.Visibility(visibility, _cli)}");
        }

        if (_options.Title is string title)
        {
            AddRequired($"--title={title}", nameof(AmpOptions.Title), "Omit the title, and rename the thread after the run.");
        }

        foreach (string label in _options.Labels ?? [])
        {
            AddRequired($"--label={label}", nameof(AmpOptions.Labels), "Omit labels, or install a CLI of 2026-01-26 or later.");
        }

        if (!_options.Archive)
        {
            // Since July 2026, the CLI archives a new thread after its run, and an archived thread cannot be continued.
            AddIfKnown("--no-archive-after-execute", !IsContinued);
        }
        else if (!Knows("--no-archive-after-execute"))
        {
            AddRequired("--archive", nameof(AmpOptions.Archive), ArchiveLater);
        }
        else if (IsContinued)
        {
            // If the CLI has that option, it archives by itself, but never a thread that it continues.
            throw CliChoice.Unsupported(_cli!, "does not archive a thread that it continues", nameof(AmpOptions.Archive), ArchiveLater);
        }
    }

    private void AddFiles()
    {
        _arguments.Add(new RunArgument("--settings-file=", RunArgument.SettingsName, _options.SettingsFile));

        // As JSON in the arguments, its tokens would be public.
        _arguments.Add(new RunArgument("--mcp-config=", RunArgument.McpConfigName));

        if (_options.LogLevel is string level)
        {
            Add($"--log-level={level}");
        }

        if (_options.LogFile is string log)
        {
            Add($"--log-file={log}");
        }
    }

    // Nobody can be notified, and an editor's selection is not part of an unattended run.
    private void AddQuiet()
    {
        AddIfKnown("--no-ide", _options.NoIde);
        AddIfKnown("--no-jetbrains", _options.NoJetBrains);
        AddIfKnown("--no-notifications", _options.NoNotifications);
        AddIfKnown("--no-color", _options.NoColor);
        AddIfKnown("--no-remote-control-terminal", condition: true);
    }

    private void Add(params string[] arguments) => _arguments.AddRange(arguments.Select(argument => new RunArgument(argument)));

    private bool Knows(string option) => _cli?.Capabilities.HasOption(option) == true;

    private void AddIfKnown(string option, bool condition)
    {
        if (condition && Knows(option))
        {
            Add(option);
        }
    }

    private void AddRequired(string argument, string optionName, string wayOut)
    {
        int equals = argument.IndexOf('=', StringComparison.Ordinal);
        string option = equals < 0 ? argument : argument[..equals];
        if (_cli is not null && !Knows(option))
        {
            throw CliChoice.Unsupported(_cli, $"does not know '{option}'", optionName, wayOut);
        }

        Add(argument);
    }
}
